"""Plans: what would be done, with everything a person should see before confirming."""

from __future__ import annotations

from dataclasses import replace

from console import feature
from console.config.settings import TargetSettings
from console.domain.intent import ALL, FAST, FEATURE, Deed, Intent
from console.domain.plan import Plan, Refusal, Risk
from console.domain.run import Outcome
from console.domain.snapshot import Snapshot
from console.domain.whole import merged
from console.layers import kind_of, names
from console.layers.code.fitting import fitting
from console.layers.planning import Findings, NothingToDo, breached_since

FORWARD = "this does not go back"
WAITING = frozenset({"await_revision"})
TURNS_APP = frozenset({"shift_traffic", "new_revision", "new_env_revision", "serve_commit"})

__all__ = ["Findings", "NothingToDo", "concerned", "make"]


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted: of one layer, or of everything that changed. Raises NothingToDo."""
    plan = (
        _whole(settings, snapshot, intent, findings)
        if intent.layer == ALL
        else _one(settings, snapshot, intent, findings)
    )
    return fitting(settings, snapshot, _doubted(snapshot, plan, findings), findings)


def _doubted(snapshot: Snapshot, plan: Plan, findings: Findings) -> Plan:
    """Leaving what the last run brought back wants a reason, whichever the layer: a retry must not walk on and on.

    The code's own plans say so themselves, since they know who serves.
    """
    last = findings.last
    if last is None or last.plan is None or plan.deed != Deed.ROLL_BACK or breached_since(snapshot, last):
        return plan
    if last.plan.deed != Deed.ROLL_BACK or last.outcome not in (Outcome.VERIFIED, Outcome.UNPROVEN):
        return plan
    back = {(one.layer, one.item, one.after.partition(" (")[0]) for one in last.plan.turns}
    left = [one for one in plan.turns if (one.layer, one.item, one.before.partition(" (")[0]) in back]
    if not left and (plan.layer == "code" or plan.layer != last.plan.layer):
        return plan
    what = f"{left[0].item} {left[0].before}: " if left else ""
    brought = f"{what}run {last.id} brought {'it' if left else f'the {plan.layer}'} back"
    why = Refusal(f"{brought}, and no signal is over its limit: going back further wants a reason", True)
    return replace(plan, refusals=(why, *plan.refusals))


def concerned(settings: TargetSettings, snapshot: Snapshot, intent: Intent) -> tuple[str, ...]:
    """The layers beside the code whose doors a plan for this must ask."""
    wanted = changed(snapshot) if intent.layer == ALL else (intent.layer,)
    return tuple(name for name in wanted if name != "code" and name in names() and kind_of(name).configured(settings))


def changed(snapshot: Snapshot) -> tuple[str, ...]:
    """The layers that changed since the baseline and that can be rolled back, in the layers' usual order."""
    found = {suspect.change.layer for suspect in snapshot.changes.suspects}
    return tuple(name for name in names() if name in found)


def _one(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    if intent.layer == FEATURE:
        return feature.plan(settings, snapshot, intent, findings)
    if intent.layer not in names():
        raise NothingToDo(f"there is no layer {intent.layer}: there are {', '.join(names())}")
    kind = kind_of(intent.layer)
    if not kind.configured(settings):
        raise NothingToDo(f"{intent.layer} is not configured for {snapshot.target}")
    return kind.plan(settings, snapshot, intent, findings)


def _whole(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """Everything that changed, back to the baseline; what would lose data or is refused stays, and is said to."""
    plans: list[Plan] = []
    left: list[str] = []
    alone, findings = findings, _together(snapshot, findings)
    for suspect in sorted(snapshot.changes.suspects, key=lambda one: one.change.layer != "code"):
        change = suspect.change
        if change.layer not in names() or change.before is None:
            left.append(f"{change.words} ({change.layer}) is not taken back by this")
            continue
        if snapshot.history.known_bad(change.before if change.layer == "code" else f"{change.item} {change.before}"):
            left.append(f"{change.layer} stays: {change.words} would bring back what is known bad")
            continue
        one = Intent(intent.deed, change.layer, to=change.before, item=change.item)
        try:
            if _goes_along(_one(settings, snapshot, one, findings), plans):
                continue
            plan = _apart(settings, snapshot, one, findings, plans)
        except NothingToDo as nothing:
            left.append(f"{change.layer} stays: {nothing.sentence}")
            continue
        why_not = _why_left(plan, findings) or (_waits(plan) if intent.way == FAST else "")
        if why_not:
            left.append(f"{change.layer} {change.words} stays: {why_not}")
        else:
            plans.append(plan)
    if not plans:
        raise NothingToDo(
            "; ".join(left) or f"nothing changed since {snapshot.changes.baseline.why or 'the baseline'}"
        )
    if len(plans) == 1 and plans[0].layer == "code" and alone is not findings:
        told = plans[0]
        plans = [_one(settings, snapshot, Intent(intent.deed, to=told.goal), alone)]
        plans = [replace(plans[0], origin=told.origin, turns=told.turns, afterwards=told.afterwards)]
    if len(plans) == 1:
        return replace(plans[0], stays=(*left, *plans[0].stays))
    baseline = snapshot.changes.baseline
    goal = baseline.bundle.id if baseline.bundle is not None else "what was before"
    return merged(_in_order(plans), goal, baseline.why, left)


def _together(snapshot: Snapshot, findings: Findings) -> Findings:
    """Without what a revision answered beside things that are taken back too: it says nothing of them together."""
    if len(changed(snapshot)) < 2:
        return findings
    return replace(findings, golden={whom: one for whom, one in findings.golden.items() if not whom})


def _apart(
    settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings, others: list[Plan]
) -> Plan:
    """The plan of one layer, by a way that leaves the app's revisions to another plan which turns them already.

    Two that each move all traffic would meet at the second one's fence, half-way. Raises NothingToDo where there is
    no other way.
    """
    plan = _one(settings, snapshot, intent, findings)
    if not (_turns_app(plan) and any(_turns_app(other) for other in others)):
        return plan
    for way in plan.ways:
        other = _one(settings, snapshot, replace(intent, way=way.name), findings)
        if other.steps and not _turns_app(other):
            return other
    raise NothingToDo("its way back makes a revision of its own: do it by itself, afterwards")


def _goes_along(plan: Plan, others: list[Plan]) -> bool:
    """Whether another plan writes all that this one would, such as the same move of the traffic: it tells of both."""
    writes = [one for one in plan.steps if one.writes]
    for index, other in enumerate(others):
        if writes and all(one in other.steps for one in writes):
            others[index] = replace(
                other,
                origin=(*other.origin, *(one for one in plan.origin if one not in other.origin)),
                turns=(*other.turns, *plan.turns),
                afterwards=(*plan.afterwards, *(one for one in other.afterwards if one not in plan.afterwards)),
            )
            return True
    return False


def _turns_app(plan: Plan) -> bool:
    return any(step.kind in TURNS_APP for step in plan.steps)


def _why_left(plan: Plan, findings: Findings) -> str:
    """Why a layer is not part of one plan over all: it would lose data, or something forbids it.

    A down script that nobody has read yet is not said to lose anything: the plan that is confirmed has read it.
    """
    if plan.refused is not None:
        return plan.refused.sentence
    forward = next((one.sentence for one in plan.refusals if one.sentence.endswith(FORWARD)), "")
    if forward:
        return forward
    unread = () if plan.layer in findings.looked else ("run_down",)
    risks = {step.risk for step in plan.steps if step.kind not in unread}
    if risks & {Risk.LOSSY, Risk.IRREVERSIBLE}:
        return "its way back loses data: do it by itself"
    return ""


def _waits(plan: Plan) -> str:
    """Why a plan is not fast, though it loses nothing."""
    waits = any(step.kind in WAITING for step in plan.steps)
    return "its way back waits for a pipeline: do it by itself" if waits else ""


def _in_order(plans: list[Plan]) -> list[Plan]:
    return sorted(plans, key=lambda plan: names().index(plan.layer))
