"""The same facts as plain lines, append-only, for terminals without a screen and for logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from console.domain.code import CodeState, Revision
from console.domain.intent import Deed
from console.domain.plan import Plan, Risk
from console.domain.run import Outcome, Run, StepState, StepView
from console.domain.signal import SignalReading, SignalState
from console.domain.snapshot import LayerStatus, Snapshot
from console.report import layers_text

_SYMBOLS = {
    StepState.PENDING: "·",
    StepState.RUNNING: "●",
    StepState.DONE: "✔",
    StepState.FAILED: "✗",
    StepState.SKIPPED: "-",
    StepState.UNKNOWN: "?",
}


def status(snapshot: Snapshot, note: str = "") -> Iterator[str]:
    """What serves, and what a rollback would choose."""
    who = f"you: {snapshot.identity}" if snapshot.identity else "you: not known"
    yield f"{snapshot.target}  {snapshot.environment.upper()}  {snapshot.at:%Y-%m-%d %H:%M:%S}Z  {who}"
    if note:
        yield f"note: {note}"
    state = snapshot.code.state
    if snapshot.code.status is not LayerStatus.OK:
        yield f"code: {snapshot.code.status}: {snapshot.code.error or 'not read'}"
    if state is not None:
        yield f"code: {state.app}, {state.mode} revision mode"
        for revision in state.revisions:
            yield f"  {_revision(snapshot, state, revision)}"
    yield from layers_text.layers(snapshot)
    yield from layers_text.changes(snapshot)
    yield from (f"signal: {signal(reading)}" for reading in snapshot.signals if _told(reading))
    good = snapshot.choice.good
    if good is not None and state is not None:
        yield f"r would go back to {state.short(good.revision)}: {good.reason}"
    else:
        yield f"nothing to go back to: {snapshot.choice.why}"


def _told(reading: SignalReading) -> bool:
    """What was read, and what could not be; a source that nobody has asked yet says nothing."""
    return bool(reading.count) or reading.at is not None or reading.state is SignalState.ERROR


def signal(reading: SignalReading) -> str:
    """`5xx 21 % (limit 5 %, 40 samples, probe): breached`."""
    limit = f"{reading.trigger.limit} {reading.unit}, " if reading.trigger else ""
    value = "not measured" if reading.value is None else f"{reading.value:.0f} {reading.unit}"
    said = {SignalState.NO_DATA: f"no data yet: {reading.detail}", SignalState.ERROR: f"error: {reading.detail}"}
    word = said.get(reading.state, str(reading.state))
    return f"{reading.name} {value} ({limit}{reading.count} samples, {reading.source}): {word}"


def plan(value: Plan) -> Iterator[str]:
    """Everything the confirmation would show."""
    yield f"{value.title}, {value.target}, {value.environment.upper()}"
    if len(value.ways) > 1:
        yield from (f"  {'way' if way.name == value.way else 'or'}: {way.name}: {way.title}" for way in value.ways)
    for turn in value.turns:
        said = "".join(f" ({word})" for word in (turn.now,) if word)
        then = "".join(f" ({word})" for word in (turn.then,) if word)
        yield f"  {turn.item}: {turn.before}{said} -> {turn.after}{then}"
    for shift in value.shifts:
        yield f"  {_short(value, shift.revision)}: {shift.before} % -> {shift.after} %  ({shift.state})"
    yield f"  why {_short(value, value.goal)}: {value.reason}"
    yield from (f"  golden: {whom or 'the service'} {words}" for whom, words in value.golden)
    yield from (f"  {step.risk}: {step.title}" for step in value.steps if step.risk is not Risk.REVERSIBLE)
    yield from (f"  differs: {difference}" for difference in value.differences)
    yield from (f"  checked: {'✔' if note.ok else '✗'} {note.text}" for note in value.checked)
    for heading, lines in (("unknown", value.unknown), ("stays", value.stays), ("afterwards", value.afterwards)):
        yield from (f"  {heading}: {line}" for line in lines)
    yield from (f"  REFUSED: {refusal.sentence}" for refusal in value.refusals)
    for passage in value.passages:
        yield f"{passage.title}:"
        yield from (f"    {line}" for line in passage.text.splitlines())
    yield "By hand:"
    yield value.by_hand


def step(view: StepView) -> str:
    """One step as it stands."""
    at = f"  {view.ended_s:.1f} s" if view.ended_s is not None else ""
    return f"  {_SYMBOLS[view.state]} {view.title}{f': {view.detail}' if view.detail else ''}{at}"


def ending(value: Run) -> str:
    """How a run came out, in a sentence."""
    match value.outcome:
        case Outcome.VERIFIED:
            note = f"; {value.note}" if value.note else ""
            return f"verified: {_proved(value)}{_recovered(value)}, after {value.ended_s or 0:.1f} s{note}"
        case Outcome.UNPROVEN:
            return f"unproven: done, but nothing can show it: {value.note}"
        case Outcome.REFUSED:
            return f"refused: {value.note}"
        case Outcome.UNKNOWN:
            return f"unknown: sent, but what came of it is not known; do not send it again: {value.note}"
        case None:
            return "still under way"
        case _:
            return f"{value.outcome}: {value.note}"


def history_line(value: Run) -> str:
    """`run 18  2026-03-01 03:12:40Z  Roll back code → v41  verified  13.2 s  by alice`."""
    at = _time(value.confirmed_at)
    taken = f"{value.ended_s:.1f} s" if value.ended_s is not None else "under way"
    title = value.plan.title if value.plan else "?"
    return f"run {value.id}  {at}  {title}  {value.outcome or 'open'}  {taken}  by {value.by}"


def _proved(value: Run) -> str:
    """What a verified run has proved, in words."""
    match value.plan.deed if value.plan else "":
        case Deed.DEACTIVATE:
            return f"{_short_goal(value)} is inactive"
        case Deed.UNPIN:
            return f"the latest revision, {_short_goal(value)}, serves"
        case Deed.SWITCH_OFF:
            return f"{value.plan.app if value.plan else 'the feature'} is off"
        case _:
            return f"{_short_goal(value)} serves"


def _recovered(value: Run) -> str:
    detail = value.steps[-1].detail if value.steps and value.recovered_s is not None else ""
    return f", {detail}" if detail else ""


def _short_goal(value: Run) -> str:
    return _short(value.plan, value.plan.goal) if value.plan else "?"


def _short(value: Plan | None, name: str) -> str:
    return name.removeprefix(f"{value.app}--") if value else name


def _revision(snapshot: Snapshot, state: CodeState, revision: Revision) -> str:
    tags = [*(["latest"] if revision.name == state.latest else []), *state.labels(revision.name)]
    mark = snapshot.history.marks.get(revision.name)
    if mark is not None:
        tags.append("known good" if mark.good else "known bad")
    replicas = f"{revision.replicas} replica{'' if revision.replicas == 1 else 's'}"
    words = (
        f"{state.weight(revision.name):>3} %  {revision.condition}, {revision.health or 'health unknown'}, {replicas}"
    )
    return f"{state.short(revision.name):<14} {words}, {revision.image}{'  ' if tags else ''}{', '.join(tags)}"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at else "-"
