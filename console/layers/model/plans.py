"""The plans of the model layer: to go back, to deploy a shadow, and to remove one."""

from __future__ import annotations

from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import CodeState
from console.domain.deploying import Shape
from console.domain.intent import Deed, Intent
from console.domain.model import Deployment, ModelState
from console.domain.plan import Plan, Refusal, Shift, Turn
from console.domain.snapshot import Snapshot
from console.layers.model import goal as goals
from console.layers.model import guards, notes, shadows, ways
from console.layers.model.base import allowed, base
from console.layers.model.door import Looked
from console.layers.model.goal import MODEL, Goal
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured
from console.steps.step import Step

UNTOUCHED = "code, prompt, embedding and schema are not changed"


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted of the models. Raises NothingToDo."""
    state = snapshot.model.state
    if state is None or settings.model is None:
        raise NothingToDo(snapshot.model.error or "the deployments have not been read yet")
    looked = findings.looked.get(MODEL)
    looked = looked if isinstance(looked, Looked) else Looked()
    match intent.deed:
        case Deed.ROLL_BACK:
            return _roll_back(settings, snapshot, state, intent, findings, looked)
        case Deed.SHADOW:
            return shadows.deploy(settings, snapshot, state, intent, looked)
        case Deed.REMOVE_SHADOW:
            return shadows.remove(settings, snapshot, state, intent, looked)
        case Deed.UNDO:
            raise NothingToDo("a model is not taken back by an undo: roll it back to the version you want")
        case _:
            raise NothingToDo(f"there is nothing to {intent.deed} in the models")


def _roll_back(
    settings: TargetSettings,
    snapshot: Snapshot,
    state: ModelState,
    intent: Intent,
    findings: Findings,
    looked: Looked,
) -> Plan:
    assert settings.model is not None
    goal = goals.find(settings.model, snapshot, state, intent)
    code = snapshot.code.state
    found = ways.flip(settings, state, code, goal)
    possible = (ways.FLIP, ways.REDEPLOY) if found is not None else (ways.REDEPLOY,)
    way = next((one for one in possible if one.name == intent.way), possible[0])
    if way == ways.FLIP and found is not None and code is not None:
        plan = _flip(settings, snapshot, state, code, goal, found, findings)
    else:
        plan = _redeploy(settings, snapshot, state, goal, looked)
    return replace(
        plan,
        way=way.name,
        ways=possible,
        unknown=(*plan.unknown, *unmeasured(snapshot), *answers(findings, settings.golden is not None)),
        golden=golden(findings),
        breaches=over(breaches(snapshot)),
    )


def _redeploy(settings: TargetSettings, snapshot: Snapshot, state: ModelState, goal: Goal, looked: Looked) -> Plan:
    own, shape = goal.own, goal.shape
    refusals = guards.redeploying(state, goal, snapshot.history, looked.may_write)
    steps: tuple[Step, ...] = ()
    try:
        steps = ways.redeploy(settings, state, goal, breaches(snapshot)) if allowed(refusals) else ()
    except ValueError as error:
        refusals = (Refusal(f"{error}: it cannot be written without losing what it has"), *refusals)
    after = replace_shape(own, shape)
    return replace(
        base(snapshot, state, steps, f"Roll back model {own.name} → {_after(goal)}"),
        origin=(goals.key(own.name, own.identity),),
        goal=goals.key(own.name, shape.runs),
        grade=goal.grade,
        reason=goal.reason,
        turns=(Turn(MODEL, own.name, own.runs, shape.runs, _size(own), f"{_size(after)}, pinned"),),
        differences=_differences(own, goal),
        checked=notes.checked(state, goal, looked.may_write),
        unknown=notes.unknown(state, goal),
        stays=(UNTOUCHED,),
        afterwards=notes.afterwards(state, goal),
        refusals=refusals,
    )


def _flip(
    settings: TargetSettings,
    snapshot: Snapshot,
    state: ModelState,
    code: CodeState,
    goal: Goal,
    found: ways.Flip,
    findings: Findings,
) -> Plan:
    own, standby = goal.own, found.standby
    refusals = guards.flipping(state, code, goal, found, snapshot.history, findings.may_write)
    steps = ways.flipped(settings, code, found, breaches(snapshot)) if allowed(refusals) else ()
    made = ways.revision(settings, code, found.source, found.env, standby.name, MODEL)
    shifts = (
        Shift(made.target, 0, 100, "new"),
        *(Shift(one.name, code.weight(one.name), 0, one.running or one.condition) for one in code.serving),
    )
    return replace(
        base(snapshot, state, steps, f"Roll back model {own.name} → {standby.name}, {standby.runs}"),
        origin=(goals.key(own.name, own.identity),),
        goal=goals.key(standby.name, standby.runs),
        grade=goal.grade,
        reason=goal.reason,
        turns=(Turn(MODEL, own.name, own.runs, standby.runs, _size(own), f"{standby.name}, {_size(standby)}"),),
        shifts=shifts,
        differences=(f"{found.env} {own.name} → {standby.name} in a copy of {code.short(found.source.name)}",),
        checked=notes.flip_checked(state, found, findings.may_write),
        unknown=notes.flip_unknown(code, goal, found, made.share),
        stays=notes.flip_stays(code, goal, found),
        afterwards=notes.flip_afterwards(code, goal, found),
        refusals=refusals,
    )


def golden(findings: Findings) -> tuple[tuple[str, str], ...]:
    return tuple((whom, result.words) for whom, result in findings.golden.items())


def replace_shape(own: Deployment, shape: Shape) -> Deployment:
    """The deployment as it is to be."""
    return replace(
        own,
        model=shape.model,
        version=shape.version,
        sku=shape.sku,
        capacity=shape.capacity,
        upgrade=shape.upgrade,
        filter=shape.filter,
    )


def _after(goal: Goal) -> str:
    if not goal.only_settings:
        return goal.shape.runs
    return f"{goal.shape.sku} {goal.shape.capacity}, filter {goal.shape.filter or 'the default'}, as before"


def _differences(own: Deployment, goal: Goal) -> tuple[str, ...]:
    """What the write changes besides the version."""
    told = []
    if own.upgrade != goal.shape.upgrade:
        told.append(f"upgrade option {own.upgrade or 'unset'} → {goal.shape.upgrade}")
    if (own.sku, own.capacity) != (goal.shape.sku, goal.shape.capacity):
        told.append(f"size {own.sku} {own.capacity} → {goal.shape.sku} {goal.shape.capacity}")
    if own.filter != goal.shape.filter:
        told.append(f"content filter {own.filter or 'the default'} → {goal.shape.filter or 'the default'}")
    return ("changes every revision that calls it", *told)


def _size(one: Deployment) -> str:
    limit = f", {one.tokens_per_min:,} tokens/min" if one.tokens_per_min else ""
    return f"{one.sku} {one.capacity}{limit}" if one.capacity is not None else one.sku
