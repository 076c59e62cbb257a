"""Evidence of what there is to go back to, layer by layer; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from console.domain.change import Change
from console.domain.code import Condition
from console.guidance.sight import Evidence, Sight, nothing


def _changed(sight: Sight, layer: str) -> Change | None:
    """The layer's best-ranked change that says what was before."""
    return next((one.change for one in sight.snapshot.changes.of(layer) if one.change.before), None)


def _not_read(sight: Sight, layer: str) -> Evidence:
    error = sight.snapshot.layer(layer).error
    return nothing(f"{layer}: {error}" if error else f"{layer} is not read here")


def _code(sight: Sight, asks: str) -> Evidence:
    """Every older revision that is not failed; the chosen one is suggested."""
    state, choice = sight.snapshot.code.state, sight.snapshot.choice
    if state is None:
        return _not_read(sight, "code")
    others = [one for one in state.revisions if state.weight(one.name) == 0]
    lines = tuple(f"{state.short(one.name)}: {one.condition}" for one in others[:4])
    if choice.good is not None and state.find(choice.good.revision) is not None:
        return Evidence(lines, "yes", f"{state.short(choice.good.revision)} exists: {choice.good.reason}")
    if not any(one.condition is not Condition.FAILED for one in others):
        return Evidence(lines or ("no other revision exists",), "no", "no other revision exists that has not failed")
    return Evidence(lines)


def _prompt(sight: Sight, asks: str) -> Evidence:
    state, change = sight.snapshot.prompt.state, _changed(sight, "prompt")
    if state is None:
        return _not_read(sight, "prompt")
    prompt = state.find(change.item) if change is not None else None
    if change is None or change.before is None or prompt is None:
        lines = tuple(f"{one.item}: {len(one.versions)} versions" for one in state.prompts[:4])
        return Evidence((*lines, "which prompt changed, and from which version, is not known here"))
    before = change.before_words or change.before
    if prompt.find(change.before) is not None:
        return Evidence((f"{prompt.item} {before} exists",), "yes", f"{prompt.item} {before} exists")
    return Evidence((f"{prompt.item} {before} does not exist any more",), "no", f"{prompt.item} {before} is gone")


def _model(sight: Sight, asks: str) -> Evidence:
    """Whether the version before is still offered; a deployment's facet begins with its model and version."""
    state, change = sight.snapshot.model.state, _changed(sight, "model")
    if state is None:
        return _not_read(sight, "model")
    words = (change.before or "").split() if change is not None else []
    if change is None or len(words) < 2:
        return Evidence((*standbys(sight), "which version was called before is not known here"))
    model, version = words[0], words[1]
    runs, offer = f"{model} {version}", state.offer(model, version)
    beside = tuple(standbys(sight))
    if offer is not None and (offer.retires is None or offer.retires > sight.snapshot.at):
        until = f", until {offer.retires:%d %b %Y}" if offer.retires is not None else ""
        return Evidence((f"{runs} is offered in {state.location}{until}", *beside), "yes", f"{runs} is offered")
    if offer is not None:
        return Evidence((f"{runs} is retired", *beside), "no", f"{runs} is retired")
    if any(one.model.lower() == model.lower() for one in state.offers):
        return Evidence((f"{runs} is not offered in {state.location}", *beside), "no", f"{runs} is not offered")
    return Evidence((*beside, f"whether {runs} is offered could not be read"))


def standbys(sight: Sight) -> Iterator[str]:
    """Deployments of the account that stand ready beside those that serve."""
    state = sight.snapshot.model.state
    for one in state.deployments if state is not None else ():
        if state is not None and one.ready and one not in state.serving:
            yield f"deployment {one.name} ({one.runs}) stands beside, and serves nobody"


def _embedding(sight: Sight, asks: str) -> Evidence:
    state, change = sight.snapshot.embedding.state, _changed(sight, "embedding")
    if state is None:
        return _not_read(sight, "embedding")
    lines = [f"index {one.name} ({one.stamp})" for one in state.indexes if one not in state.actives][:4]
    index = next((one.change for one in sight.snapshot.changes.of("embedding") if one.change.item == "index"), change)
    before = index.before if index is not None else None
    if before is None or index is None or index.item != "index":
        return Evidence((*lines, "which index was asked before is not known here"))
    found = next((one for one in state.indexes if one.version == before), None)
    if found is None:
        return Evidence((*lines, f"{before} is not in the registry"), "no", f"{before} is gone, or was built anew")
    if found.in_place:
        return Evidence((*lines, f"{found.in_place} of its rows were written again since it was built"))
    return Evidence(tuple(lines), "yes", f"{found.name} exists, built by {found.embedder or 'an unknown embedder'}")


def _schema(sight: Sight, asks: str) -> Evidence:
    """An older revision that says it needs the head that is there."""
    state, code = sight.snapshot.schema.state, sight.snapshot.code.state
    if state is None or code is None:
        return _not_read(sight, "schema" if state is None else "code")
    older = [one for one in code.revisions if code.weight(one.name) == 0]
    lines = tuple(f"{code.short(one.name)} needs {state.needs[one.name]}" for one in older if one.name in state.needs)
    fits = next((one for one in older if state.head and state.needs.get(one.name) == state.head), None)
    if fits is not None:
        return Evidence(lines, "yes", f"{code.short(fits.name)} needs {state.head}, which is there")
    if not lines:
        return nothing("which schema the older revisions need is not known (code.expects_env.schema)")
    head = state.head or "what is there"
    return Evidence((*lines, f"none of them says that it needs {head}"), "no", f"no older revision needs {head}")


KINDS: Mapping[str, Callable[[Sight, str], Evidence]] = {
    "code": _code,
    "prompt": _prompt,
    "model": _model,
    "embedding": _embedding,
    "schema": _schema,
}
