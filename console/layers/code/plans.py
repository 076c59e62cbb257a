"""The plans of the code layer: to go back, to undo, to deactivate what was left running, and to unpin."""

from __future__ import annotations

from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.good import Good, Grade, grade
from console.domain.intent import Deed, Intent, Way
from console.domain.plan import Plan, Refusal, Shift
from console.domain.run import Run
from console.domain.snapshot import Snapshot
from console.domain.traffic import TrafficEntry
from console.layers.code import guards, notes, ways
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured
from console.steps.following import by
from console.steps.step import Step


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted of the code. Raises NothingToDo."""
    state = snapshot.code.state
    if state is None:
        raise NothingToDo(snapshot.code.error or "what serves has not been read yet")
    match intent.deed:
        case Deed.ROLL_BACK:
            return _roll_back(settings, snapshot, state, intent, findings)
        case Deed.DEACTIVATE:
            return _deactivate(settings, snapshot, state, intent)
        case Deed.UNPIN:
            return _unpin(settings, snapshot, state)
        case Deed.UNDO:
            return _undo(settings, snapshot, state, findings)
        case _:
            raise NothingToDo(f"there is nothing to {intent.deed} in the code")


def _roll_back(
    settings: TargetSettings, snapshot: Snapshot, state: CodeState, intent: Intent, findings: Findings
) -> Plan:
    goal, good = _goal(snapshot, state, intent.to)
    possible = ways.ways(state, goal)
    way = next((one for one in possible if one.name == intent.way), possible[0])
    refusals = guards.brought_back(state, snapshot, findings.last)
    refusals += guards.refusals(state, goal, way, snapshot.history, findings.answer, findings.may_write)
    refusals += guards.no_better(state, goal, findings.golden)
    seen = breaches(snapshot)
    tolerate = guards.cannot_answer(goal, findings.answer)
    steps = ways.propose(settings, state, goal, way, seen, tolerate) if _allowed(refusals) else ()
    plan = _plan(
        snapshot,
        state,
        f"Roll back code → {state.short(goal.name)}",
        steps,
        deed=Deed.ROLL_BACK,
        origin=tuple(one.name for one in state.serving if one.active and one.name != goal.name),
        goal=goal.name,
        grade=good.grade,
        reason=good.reason,
        way=way,
        possible=possible,
    )
    return replace(
        plan,
        shifts=notes.shifts(state, goal),
        differences=notes.differences(state, goal),
        checked=(
            *notes.checked(state, goal, findings.answer, findings.path, findings.may_write),
            *notes.dropped(state),
        ),
        unknown=(
            *unmeasured(snapshot),
            *answers(findings, settings.golden is not None),
            *notes.unknown(settings, state, goal, way, findings.answer, snapshot.history),
        ),
        stays=notes.stays(settings, state, goal, way),
        afterwards=notes.afterwards(way),
        refusals=refusals,
        breaches=over(seen),
        golden=_golden(state, goal, findings),
    )


def _golden(state: CodeState, goal: Revision, findings: Findings) -> tuple[tuple[str, str], ...]:
    """What the golden questions gave: the goal, and the newest that serves or the service itself."""
    newest = state.serving[0] if state.serving else None
    found = [(state.short(goal.name), findings.golden.get(goal.name))]
    if newest is not None and newest.name != goal.name:
        found.append((state.short(newest.name), findings.golden.get(newest.name) or findings.golden.get("")))
    return tuple((whom, result.words) for whom, result in found if result is not None and result.measured)


def _deactivate(settings: TargetSettings, snapshot: Snapshot, state: CodeState, intent: Intent) -> Plan:
    revision = _named(state, intent.to or "")
    short = state.short(revision.name)
    if not revision.active:
        raise NothingToDo(f"{short} is not active")
    share = state.weight(revision.name)
    refusals = (Refusal(f"{short} carries {share} % of the traffic: roll back first"),) if share else ()
    steps = ways.deactivate(settings, state, revision) if not share else ()
    reason = "it carries no traffic, and what it still consumes ends"
    plan = _plan(
        snapshot, state, f"Deactivate {short}", steps, deed=Deed.DEACTIVATE, goal=revision.name, reason=reason
    )
    return replace(
        plan,
        stays=("its logs and its template stay; activating it again brings it back",),
        refusals=refusals,
    )


def _unpin(settings: TargetSettings, snapshot: Snapshot, state: CodeState) -> Plan:
    latest = state.find(state.latest or "")
    if latest is None:
        raise NothingToDo("Azure names no latest revision")
    short = state.short(latest.name)
    if any(entry.latest and entry.weight == 100 for entry in state.traffic):
        raise NothingToDo(f"the weight is with the latest revision already, which is {short}")
    refusals = []
    if state.mode.lower() != "multiple":
        refusals.append(Refusal(f"in {state.mode.lower()} revision mode nothing is pinned"))
    if state.weight(latest.name) != 100:
        refusals.append(
            Refusal(f"the latest revision, {short}, is not the one that serves: it would get all traffic")
        )
    if snapshot.history.known_bad(latest.name):
        refusals.append(Refusal(f"the latest revision, {short}, is known bad"))
    steps = ways.unpin(settings, state, latest) if not refusals else ()
    title = f"Unpin: the latest revision, now {short}, keeps the traffic"
    reason = "a rollback pinned the traffic to a name"
    return replace(
        _plan(snapshot, state, title, steps, deed=Deed.UNPIN, goal=latest.name, reason=reason),
        shifts=(Shift(latest.name, state.weight(latest.name), 100, latest.condition),),
        afterwards=("the next revision that is deployed gets all the traffic at once",),
        refusals=tuple(refusals),
    )


def _undo(settings: TargetSettings, snapshot: Snapshot, state: CodeState, findings: Findings) -> Plan:
    run = findings.undone
    array = _former_array(run)
    if run is None or run.plan is None or array is None:
        raise NothingToDo("that run cannot be taken back by moving the traffic: roll back to the version you want")
    main = max(array, key=lambda entry: entry.weight).resolved(state.latest) or ""
    goal = _named(state, main)
    bad = Refusal(f"it brings {state.short(goal.name)} back, which run {run.id} rolled away from", True)
    origin = tuple(revision.name for revision in state.serving if revision.name != goal.name)
    title = f"Undo run {run.id}: traffic → {state.short(goal.name)} as before"
    reason = f"as it was before run {run.id} at {run.confirmed_at:%H:%M:%S}Z"
    seen = breaches(snapshot)
    steps = ways.restore(settings, state, goal, array, seen)
    return replace(
        _plan(snapshot, state, title, steps, deed=Deed.UNDO, origin=origin, goal=goal.name, reason=reason),
        shifts=notes.shifts(state, goal),
        refusals=(bad,),
        breaches=over(seen),
        undoes=run.id,
    )


def _plan(
    snapshot: Snapshot,
    state: CodeState,
    title: str,
    steps: tuple[Step, ...],
    *,
    deed: Deed,
    goal: str,
    reason: str,
    origin: tuple[str, ...] = (),
    grade: str = "",
    way: Way | None = None,
    possible: tuple[Way, ...] = (),
) -> Plan:
    """The part that every plan has; what a person should see is added by its own deed."""
    records = tuple(step.record() for step in steps)
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer="code",
        app=state.app,
        title=title,
        deed=deed,
        origin=origin,
        goal=goal,
        grade=grade,
        reason=reason,
        steps=records,
        way=way.name if way else "",
        ways=possible,
        by_hand="\n".join(record.command for record in records if record.command),
    )


def _goal(snapshot: Snapshot, state: CodeState, to: str | None) -> tuple[Revision, Good]:
    good = snapshot.choice.good
    if to is None and good is None:
        raise NothingToDo(snapshot.choice.why)
    revision = _named(state, to or (good.revision if good else ""))
    if state.weight(revision.name) == 100:
        raise NothingToDo(f"{state.short(revision.name)} has all the traffic already{by(state)}")
    if good is not None and good.revision == revision.name:
        return revision, good
    untried = Good(revision.name, Grade.UNTRIED, "you chose it; nothing is known of it")
    return revision, grade(revision, state, snapshot.history) or untried


def _named(state: CodeState, name: str) -> Revision:
    """`v41` and `pharmabot--v41` are the same revision. Raises NothingToDo where it does not exist."""
    revision = state.find(name) or state.find(f"{state.app}--{name}")
    if revision is None:
        raise NothingToDo(f"there is no revision {state.short(name)} of {state.app}")
    return revision


def _former_array(run: Run | None) -> tuple[TrafficEntry, ...] | None:
    """The traffic array that a run found, where moving the traffic is all that it did."""
    if run is None or run.plan is None:
        return None
    moved = [record for record in run.plan.steps if record.kind == "shift_traffic"]
    if not moved or any(record.kind in ("new_revision", "set_mode") for record in run.plan.steps):
        return None
    return tuple(TrafficEntry(**entry) for entry in moved[0].body["expects"])


def _allowed(refusals: tuple[Refusal, ...]) -> bool:
    return all(refusal.overridable for refusal in refusals)
