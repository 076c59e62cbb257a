"""What is known here beside a question of the decision tree: lines, and a suggestion with its reason; pure.

A suggestion is never an answer. Where nothing is known, the lines say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from console.domain.bundle import APP_WIDE
from console.domain.change import Change, Suspect
from console.domain.code import Condition
from console.domain.decision import Node
from console.domain.golden import GoldenResult
from console.domain.signal import SignalReading, SignalState
from console.guidance import targets
from console.guidance.sight import Evidence, Sight, nothing

__all__ = ["KINDS", "Evidence", "Sight", "beside", "suggestion"]

MOST_SUSPECTS = 6
Kind = Callable[[Sight, str], Evidence]


def beside(node: Node, sight: Sight) -> tuple[Evidence, ...]:
    """The evidence that a node names, in its order; a suggestion that is none of its answers is left out."""
    found = []
    for name in node.evidence:
        one = KINDS[name](sight, node.asks)
        found.append(one if one.suggested is None or node.find(one.suggested) else Evidence(one.lines))
    return tuple(found)


def suggestion(found: tuple[Evidence, ...]) -> Evidence | None:
    """The first that suggests anything."""
    return next((one for one in found if one.suggested is not None), None)


def _emergency(sight: Sight, asks: str) -> Evidence:
    """Hard signals over their limits say yes; all measured and within them, no."""
    signals = sight.snapshot.signals
    if not signals:
        return nothing("no signal is read")
    lines = tuple(_signal(reading) for reading in signals)
    hard = [one for one in sight.snapshot.breached if one.trigger is None or one.trigger.severity == "hard"]
    if hard:
        return Evidence(lines, "yes", f"{', '.join(one.name for one in hard)} over the limit")
    judged = [one for one in signals if one.trigger is not None and one.trigger.judges]
    if judged and all(one.state is SignalState.OK for one in judged):
        return Evidence(lines, "no", "every signal that has a limit is within it; leaks and harm show in no signal")
    return Evidence(lines)


def _signals(sight: Sight, asks: str) -> Evidence:
    signals = sight.snapshot.signals
    return Evidence(tuple(map(_signal, signals))) if signals else nothing("no signal is read")


def _signal(reading: SignalReading) -> str:
    value = "not measured" if reading.value is None else f"{reading.value:.3g} {reading.unit}".strip()
    limit = f", {reading.trigger.limit}" if reading.trigger is not None and reading.trigger.judges else ""
    detail = f" ({reading.detail})" if reading.detail and reading.state is not SignalState.OK else ""
    return f"{reading.name}: {value}{limit}, {reading.source}: {reading.state}{detail}"


def _switch(sight: Sight, asks: str) -> Evidence:
    switch = sight.settings.kill_switch if sight.settings is not None else None
    if asks == "can_switch_off" and switch is not None:
        return Evidence((f"kill switch: {switch.command} ({switch.title})",), "yes", "a kill switch is configured")
    if switch is None:
        return nothing("no kill_switch is configured; other switches you may know")
    return nothing(f"what goes on outside, no reading shows; the kill switch is {switch.command} ({switch.title})")


def _upstream(sight: Sight, asks: str) -> Evidence:
    """The provider's refusals, by Azure's count; and what only the newer version does is ours."""
    shares = {
        signal.name
        for signal in (sight.settings.signals if sight.settings is not None else ())
        if signal.source == "azure-monitor" and signal.share
    }
    counted = [reading for reading in sight.snapshot.signals if reading.name in shares]
    over = [reading for reading in counted if reading.state is SignalState.BREACHED]
    verdict = sight.comparison.verdict if sight.comparison is not None else ""
    lines = tuple(_signal(reading) for reading in counted)
    if over:
        return Evidence(lines, "upstream", f"the model's account refuses calls: {over[0].name}")
    if verdict == "code":
        return Evidence(lines, "ours", "only the version that serves fails, the older one does not")
    first = sight.snapshot.changes.first
    if first is not None and first.change.layer != "model":
        return Evidence(
            (*lines, _suspect(first)), "ours", f"{first.change.words} was changed here, and may explain it"
        )
    if verdict == "alike" and not sight.snapshot.changes.suspects and not sight.snapshot.changes.unread:
        return Evidence(lines, "upstream", "an older version fails alike, and nothing of ours changed")
    if lines:
        return Evidence(lines)
    return nothing("the provider's refusals are not counted (a signal with source azure-monitor would)")


def _changes(sight: Sight, asks: str) -> Evidence:
    """The suspects in their order; the first one's layer is suggested, with its reason."""
    changes = sight.snapshot.changes
    lines = [_suspect(suspect) for suspect in changes.suspects[:MOST_SUSPECTS]]
    more = len(changes.suspects) - MOST_SUSPECTS
    lines += [f"and {more} more"] if more > 0 else []
    lines += [f"{layer} could not be read: whether it changed is not known" for layer in changes.unread]
    lines += ["there were stretches in which nobody looked"] if changes.gaps else []
    first = changes.first
    if first is not None:
        return Evidence(tuple(lines), answer_for(first.change), f"{first.change.words}: {first.reason}")
    since = changes.baseline.why
    if not since:
        return nothing("what serves has not been compared yet")
    if changes.unread or changes.baseline.reconstructed:
        return Evidence((*lines, f"no change is known; {since}"))
    return Evidence((*lines, f"nothing changed since {since}"), "nothing", f"nothing changed since {since}")


def _changes_upstream(sight: Sight, asks: str) -> Evidence:
    """Of somebody else's changes only those show here that moved a version which we call."""
    suspects = [*sight.snapshot.changes.of("model"), *sight.snapshot.changes.of("embedding")]
    suspects.sort(key=lambda suspect: suspect.rank)
    if not suspects:
        return nothing("no version that we call has changed; what else they changed does not show here")
    first = suspects[0].change
    return Evidence(tuple(map(_suspect, suspects)), first.layer, f"{first.words}: {suspects[0].reason}")


def answer_for(change: Change) -> str:
    """The answer to "what changed?" that a change stands for: settings of a revision or of the app are config."""
    if change.layer == APP_WIDE or (change.layer == "code" and change.config):
        return "config"
    return change.layer


def _suspect(suspect: Suspect) -> str:
    by = f", by {suspect.change.by}" if suspect.change.by else ""
    layer = answer_for(suspect.change)
    return f"{suspect.rank} {layer}: {suspect.change.words}{by}: {suspect.reason}"


def _comparison(sight: Sight, asks: str) -> Evidence:
    """The two revisions, side by side; for "was the older side good?" it is an answer."""
    compared = sight.comparison
    if compared is None:
        return nothing("no older version was asked beside the one that serves")
    old, new = sight.short(compared.then.revision), sight.short(compared.now.revision)
    lines = (f"{new}, which serves: {compared.now.words}", f"{old}: {compared.then.words}")
    if asks != "old_side_good" or not compared.verdict:
        return Evidence(lines)
    if compared.verdict == "alike":
        return Evidence(lines, "no", f"{old} fails alike")
    return Evidence(lines, "yes", f"{old} answers where {new} fails")


def _grade(sight: Sight, asks: str) -> Evidence:
    choice = sight.snapshot.choice
    passed = tuple(f"{sight.short(name)}: {why}" for name, why in choice.passed_over[:3])
    if choice.good is None:
        return Evidence((f"nothing to go back to: {choice.why}", *passed))
    name, good = sight.short(choice.good.revision), choice.good
    line = f"{name} is {good.grade}: {good.reason}"
    if good.grade.known_good:
        return Evidence((line, *passed), "yes", f"{name} is {good.grade}")
    return Evidence((line, *passed), "unknown", f"{name} is only {good.grade}: nobody measured its answers")


def _writes(sight: Sight, asks: str) -> Evidence:
    """Only what a migration says of itself is known: what rows hold is not."""
    schema = sight.snapshot.schema.state
    changed = sight.snapshot.changes.of("schema")
    if schema is None:
        return nothing("the schema is not read here")
    lines = [f"schema: {suspect.change.words}: {suspect.reason}" for suspect in changed]
    head = schema.find(schema.head) if schema.head else None
    if changed and head is not None and head.drops:
        return Evidence((*lines, f"{head.revision} took something away on its way up"), "incompatible", "it drops")
    if not changed:
        lines.append(f"the schema's head {schema.head or '(none)'} is not known to have changed")
    return Evidence((*lines, "what was written in rows is not known here: count those that are newer"))


def _lost(sight: Sight, asks: str) -> Evidence:
    schema = sight.snapshot.schema.state
    if schema is None:
        return nothing("the database is not read here: count rows")
    lines = ["whether rows are missing is not known here: count them"]
    head = schema.find(schema.head) if schema.head else None
    if head is not None and head.drops:
        lines.insert(0, f"{head.revision} dropped something on its way up")
    if schema.server is not None and schema.server.earliest is not None:
        lines.append(f"{schema.server.name} can be restored back to {schema.server.earliest:%d %b %H:%M}Z")
    return Evidence(tuple(lines))


def _healthy(sight: Sight, asks: str) -> Evidence:
    """The good revision, if it is ready and was asked; standbys of the model, if they are ready."""
    good, state = sight.snapshot.choice.good, sight.snapshot.code.state
    revision = state.find(good.revision) if good is not None and state is not None else None
    lines = list(targets.standbys(sight))
    if revision is None:
        return Evidence(tuple(lines)) if lines else nothing("no other revision is known to be good")
    name = sight.short(revision.name)
    lines.insert(0, f"{name}: {revision.condition}")
    asked = _asked(sight, revision.name)
    if revision.condition is Condition.READY and asked is not None and asked.perfect:
        return Evidence((*lines, f"{name} golden {asked.words}"), "yes", f"{name} is ready and answers rightly")
    if revision.condition is Condition.INACTIVE:
        return Evidence(tuple(lines), "no", f"{name} exists and is not active")
    if asked is not None and asked.measured and not asked.perfect:
        return Evidence((*lines, f"{name} golden {asked.words}"), "no", f"{name} answers wrongly as well")
    return Evidence((*lines, f"{name} was not asked"), "unknown", f"{name} was not asked")


def _asked(sight: Sight, name: str) -> GoldenResult | None:
    compared = sight.comparison
    sides = (compared.now, compared.then) if compared is not None else ()
    return next((side.golden for side in sides if side.revision == name), None)


KINDS: Mapping[str, Kind] = {
    "emergency": _emergency,
    "signals": _signals,
    "switch": _switch,
    "upstream": _upstream,
    "changes": _changes,
    "changes.upstream": _changes_upstream,
    "comparison": _comparison,
    "grade": _grade,
    "writes": _writes,
    "lost": _lost,
    "healthy": _healthy,
    **{f"target.{name}": kind for name, kind in targets.KINDS.items()},
}
