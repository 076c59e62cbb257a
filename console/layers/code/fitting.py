"""What will serve together after a plan: the revision against the schema's head, the index, and the deployment."""

from __future__ import annotations

from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import Revision
from console.domain.intent import Deed
from console.domain.plan import Note, Plan, Refusal
from console.domain.snapshot import Snapshot
from console.layers.planning import Findings

SHOWN = 4
KNOWN_S = 600.0


def fitting(settings: TargetSettings, snapshot: Snapshot, plan: Plan, findings: Findings) -> Plan:
    """The plan with what was found of how its parts fit, where it changes what serves; pure."""
    revision = _serves(snapshot, plan)
    if revision is None or plan.deed not in (Deed.ROLL_BACK, Deed.UNDO) or not plan.steps:
        return plan
    notes, doubts, refusals = [], list(_never_together(snapshot, plan, revision, findings)), []
    for said, ok in _schema(settings, snapshot, plan, revision):
        notes += [Note(said)] if ok else []
        doubts += [] if ok else [said]
    for said, ok in (*_index(settings, snapshot, plan, revision), *_deployment(settings, snapshot, plan, revision)):
        notes.append(Note(said, ok))
        refusals += [] if ok else [Refusal(said, True)]
    return replace(
        plan,
        checked=(*plan.checked, *notes),
        unknown=(*doubts, *plan.unknown),
        refusals=(*plan.refusals, *refusals),
    )


def _serves(snapshot: Snapshot, plan: Plan) -> Revision | None:
    """The revision that will serve."""
    state = snapshot.code.state
    if state is None:
        return None
    made = next((step for step in plan.steps if step.kind == "new_env_revision"), None)
    if made is not None:
        source = state.find(str(made.body["source"]))
        env = {name: str(after) for name, _, after in made.body["env"]}
        said = (*(pair for pair in source.env if pair[0] not in env), *env.items()) if source is not None else ()
        return replace(source, name=str(made.body["target"]), env=said) if source is not None else None
    moved = next(
        (str(step.body.get("target", "")) for step in plan.steps if step.turns and step.kind == "shift_traffic"), ""
    )
    return state.find(moved) or (state.serving[0] if state.serving else None)


def _says(settings: TargetSettings, revision: Revision, what: str) -> str:
    """What the revision's env says of its schema, embedder or model; empty where that is not configured."""
    return dict(revision.env).get(settings.code.expects_env.get(what, ""), "")


def _after(plan: Plan, layer: str) -> str | None:
    """What the plan leaves in a layer, in words; None where it leaves it alone."""
    return next((turn.after for turn in plan.turns if turn.layer == layer), None)


def _schema(
    settings: TargetSettings, snapshot: Snapshot, plan: Plan, revision: Revision
) -> tuple[tuple[str, bool], ...]:
    state, needed = snapshot.schema.state, _says(settings, revision, "schema")
    head = (_after(plan, "schema") or (state.head if state else None) or "").removeprefix("head ")
    if not needed or not head:
        return ()
    short = revision.name.rpartition("--")[2]
    if needed == head:
        return ((f"{short} was made for schema head {head}, which serves", True),)
    return ((f"whether {short}, made for schema head {needed}, can read {head}, which will serve", False),)


def _index(
    settings: TargetSettings, snapshot: Snapshot, plan: Plan, revision: Revision
) -> tuple[tuple[str, bool], ...]:
    state, embedder = snapshot.embedding.state, _says(settings, revision, "embedder")
    if state is None or not embedder:
        return ()
    after = _after(plan, "embedding")
    index = next((one for one in state.indexes if after and one.name in after.split()), None) or state.active
    if index is None or not index.embedder:
        return ()
    short = revision.name.rpartition("--")[2]
    if index.embedder == embedder:
        return ((f"{short} asks {index.name} with {embedder}, which built it", True),)
    return ((f"{short} asks with {embedder}, and {index.name} was built by {index.embedder}", False),)


def _deployment(
    settings: TargetSettings, snapshot: Snapshot, plan: Plan, revision: Revision
) -> tuple[tuple[str, bool], ...]:
    state, name = snapshot.model.state, _says(settings, revision, "model")
    if state is None or not name:
        return ()
    if state.find(name) is not None:
        return ()
    short = revision.name.rpartition("--")[2]
    return ((f"{short} asks the model deployment {name}, which does not exist in {state.account}", False),)


def _never_together(snapshot: Snapshot, plan: Plan, revision: Revision, findings: Findings) -> tuple[str, ...]:
    """What will serve beside the revision and never did, as far as anybody looked."""
    spans = [span for span in findings.spans if any(one.version == revision.name for one in span.bundle.of("code"))]
    if sum(span.lasted_s for span in spans) < KNOWN_S:
        return ()
    turned = {(turn.layer, turn.item): turn.after for turn in plan.turns}
    met = {
        (*facet.key, said) for span in spans for facet in span.bundle.facets for said in (facet.version, facet.shown)
    }
    short, found = revision.name.rpartition("--")[2], []
    for facet in snapshot.bundle.facets:
        if facet.layer in ("code", "app-wide"):
            continue
        shown = turned.get(facet.key, facet.shown)
        if (*facet.key, shown) not in met:
            found.append(f"{facet.item} {shown}")
    if not found:
        return ()
    others = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (f"{short} was never seen with {', '.join(found[:SHOWN])}{others} (R takes all back)",)
