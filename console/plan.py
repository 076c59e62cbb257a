"""Plans: what would be done to go back, with everything a person should see before confirming."""

from __future__ import annotations

from dataclasses import dataclass

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Condition, Revision
from console.domain.good import Good, Grade, grade
from console.domain.plan import Breach, Note, Plan, Refusal, Shift
from console.domain.signal import Sample, SignalReading, Trigger
from console.domain.snapshot import Snapshot
from console.layers.code import propose
from console.steps.ready_revision import right, unreachable


class NothingToDo(Exception):
    """There is nothing to go back to, or it serves already; `sentence` says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at for this plan alone: the answer of the target on its own address, or None if not asked."""

    answer: Sample | None = None
    path: str = ""


def roll_back_code(settings: TargetSettings, snapshot: Snapshot, to: str | None, findings: Findings) -> Plan:
    """The plan that puts all traffic on `to`, or on the chosen good revision. Raises NothingToDo."""
    state = snapshot.code.state
    if state is None:
        raise NothingToDo(snapshot.code.error or "what serves has not been read yet")
    goal, good = _goal(snapshot, state, to)
    refusals = (*_refusals(state, goal, snapshot), *_answer_refusals(state, goal, findings))
    breaches = tuple(_breach(reading) for reading in snapshot.breached)
    steps = propose(settings, state, goal, breaches, tolerate=bool(refusals))
    records = tuple(step.record() for step in steps)
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer="code",
        app=state.app,
        origin=tuple(revision.name for revision in state.serving if revision.name != goal.name),
        goal=goal.name,
        grade=good.grade,
        reason=good.reason,
        steps=records,
        shifts=_shifts(state, goal),
        checked=_checked(state, goal, findings),
        unknown=(*_already_good(snapshot, state), *_unknown(settings, state, goal, findings)),
        stays=_stays(state, goal),
        afterwards=("new revisions get 0 % of the traffic until it is unpinned",),
        refusals=refusals,
        breaches=breaches,
        by_hand="\n".join(record.command for record in records if record.command),
    )


def _goal(snapshot: Snapshot, state: CodeState, to: str | None) -> tuple[Revision, Good]:
    good = snapshot.choice.good
    name = _full_name(state, to) if to else (good.revision if good else None)
    if name is None:
        raise NothingToDo(snapshot.choice.why)
    revision = state.find(name)
    if revision is None:
        raise NothingToDo(f"there is no revision {state.short(name)} of {state.app}")
    if state.weight(name) == 100:
        raise NothingToDo(f"{state.short(name)} has all the traffic already")
    if good is not None and good.revision == name:
        return revision, good
    return revision, grade(revision, state, snapshot.history) or _untried(name)


def _untried(name: str) -> Good:
    return Good(name, Grade.UNTRIED, "you chose it; nothing is known of it")


def _full_name(state: CodeState, to: str) -> str:
    """`v41` and `pharmabot--v41` are the same revision."""
    return to if state.find(to) is not None else f"{state.app}--{to}"


def _refusals(state: CodeState, goal: Revision, snapshot: Snapshot) -> tuple[Refusal, ...]:
    short = state.short(goal.name)
    found: list[Refusal] = []
    if state.mode.lower() != "multiple":
        found.append(
            Refusal(
                f"{state.app} is in {state.mode.lower()} revision mode, where moving traffic between revisions does "
                "not hold; nothing was sent"
            )
        )
    if state.provisioning.lower() == "inprogress":
        found.append(Refusal(f"Azure is still carrying out another change of {state.app}: wait until it ends"))
    if goal.running.lower() in ("deprovisioning", "deprovisioned"):
        found.append(Refusal(f"{short} is being deprovisioned by Azure"))
    elif goal.condition is Condition.FAILED:
        found.append(Refusal(f"Azure calls {short} {goal.running or goal.provisioning}: {goal.error or ''}", True))
    mark = snapshot.history.marks.get(goal.name)
    if mark is not None and not mark.good:
        found.append(Refusal(f"{short} is known bad: {mark.reason or 'marked'} ({mark.by})", True))
    newest = state.serving[0] if state.serving else None
    if newest and goal.created and newest.created and goal.created > newest.created:
        found.append(Refusal(f"{short} is newer than what serves: this does not go back", True))
    return tuple(found)


def _answer_refusals(state: CodeState, goal: Revision, findings: Findings) -> tuple[Refusal, ...]:
    """An answer that is wrong is a refusal; one that cannot be had from here is not."""
    answer = findings.answer
    if answer is None or not goal.active or unreachable(answer) or right(answer):
        return ()
    return (Refusal(f"{state.short(goal.name)} answers {answer.status} on its own address", True),)


def _shifts(state: CodeState, goal: Revision) -> tuple[Shift, ...]:
    before = state.weights
    rows = [Shift(goal.name, before.get(goal.name, 0), 100, goal.condition)]
    for revision in state.serving:
        if revision.name != goal.name:
            rows.append(Shift(revision.name, before[revision.name], 0, revision.running or revision.condition))
    return tuple(rows)


def _checked(state: CodeState, goal: Revision, findings: Findings) -> tuple[Note, ...]:
    short, notes = state.short(goal.name), []
    answer = findings.answer
    if answer is not None and right(answer):
        notes.append(Note(f"{short} answers {findings.path} in {answer.latency}"))
    elif answer is not None and not unreachable(answer) and goal.active:
        notes.append(Note(f"{short} answers {findings.path} with {answer.status}", ok=False))
    if goal.condition is Condition.READY:
        notes.append(Note(f"{short} is active with {_replicas(goal.replicas)}"))
    elif goal.condition in (Condition.INACTIVE, Condition.SCALED_TO_ZERO):
        notes.append(Note(f"{short} exists; it is {goal.condition}"))
    else:
        notes.append(Note(f"{short} is {goal.condition}: Azure says {goal.running or goal.provisioning}", ok=False))
    return tuple(notes)


def _already_good(snapshot: Snapshot, state: CodeState) -> tuple[str, ...]:
    """Going back from what is known good is rarely the cure: said, not forbidden."""
    mark = snapshot.history.marks.get(state.serving[0].name) if state.serving else None
    if mark is None or not mark.good:
        return ()
    return (f"whether it helps: {state.short(mark.version)}, which serves now, is known good (marked by {mark.by})",)


def _unknown(settings: TargetSettings, state: CodeState, goal: Revision, findings: Findings) -> tuple[str, ...]:
    short, unknown = state.short(goal.name), ["the answers' quality: not measured (no golden questions)"]
    answer = findings.answer
    if not goal.active:
        unknown.append(f"{short} is inactive: it is activated and must answer before any traffic moves")
    elif answer is not None and unreachable(answer):
        unknown.append(f"{short} cannot be asked from here: {answer.error or f'it answers {answer.status}'}")
    if settings.probe.identity is None:
        unknown.append("who serves afterwards: this service does not say which revision answers")
    load = max((revision.replicas for revision in state.serving if revision.name != goal.name), default=0)
    if goal.active and goal.replicas < load:
        unknown.append(
            f"{_replicas(goal.replicas)} takes the load of {load} (max {goal.max_replicas}): expect 503 meanwhile"
        )
    if "@sha256:" not in goal.image:
        unknown.append("its image is named by a tag: digest unknown, new replicas pull what it means now")
    return tuple(unknown)


def _stays(state: CodeState, goal: Revision) -> tuple[str, ...]:
    lines = []
    for revision in state.serving:
        if revision.name != goal.name:
            rules = f" and consumes {', '.join(revision.scale_rules)}" if revision.scale_rules else ""
            lines.append(f"{state.short(revision.name)} keeps running at 0 %{rules}")
    return (*lines, "prompt, model, embedding and schema are not configured: not watched, not changed")


def _replicas(count: int) -> str:
    return "1 replica" if count == 1 else f"{count} replicas"


def _breach(reading: SignalReading) -> Breach:
    return Breach(reading.name, reading.value or 0.0, reading.unit, reading.trigger or Trigger(reading.name))
