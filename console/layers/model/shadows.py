"""Shadows: a small deployment of another version beside the one that serves, made by us and removed by us.

Without a key of the account nothing can be asked there directly: only a revision that calls the shadow can be asked,
by its own address.
"""

from __future__ import annotations

import json
from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.deploying import Shape, shadow
from console.domain.good import Grade
from console.domain.intent import Deed, Intent, Way
from console.domain.model import NO_UPGRADE, Deployment, ModelState
from console.domain.plan import Note, Plan, Refusal, Turn
from console.domain.snapshot import Snapshot
from console.layers.code import by_hand as code_by_hand
from console.layers.model import by_hand, guards, notes, ways
from console.layers.model.base import allowed, base
from console.layers.model.door import DELETE, Looked
from console.layers.model.goal import MODEL, choices, wanted
from console.layers.planning import NothingToDo
from console.steps.compare_answers import CompareAnswers
from console.steps.create_deployment import CreateDeployment
from console.steps.deactivate_revision import DeactivateRevision
from console.steps.new_env_revision import share_of_new
from console.steps.remove_deployment import RemoveDeployment
from console.steps.step import Step

CAPACITY = 10
LONGEST = 64
WITH = Way("revision", "with a revision at 0 % that calls it", "so that the golden questions can be put to it")
ALONE = Way("alone", "the deployment alone", "nothing can ask it through the service yet")


def deploy(settings: TargetSettings, snapshot: Snapshot, state: ModelState, intent: Intent, looked: Looked) -> Plan:
    """A shadow of one deployment at another version. Raises NothingToDo."""
    own = _original(state, snapshot, intent)
    shape = _shape(state, snapshot, own, intent)
    name = _name(own, shape)
    if state.find(name) is not None:
        raise NothingToDo(f"{name} exists already: remove it first, or ask it through a revision")
    code = snapshot.code.state
    source = _source(settings, code, own)
    possible: tuple[Way, ...] = (ALONE,) if source is None else (WITH, ALONE)
    if source is not None and notes.consumes(source):
        possible = (ALONE, WITH)
    way = next((one for one in possible if one.name == intent.way), possible[0])
    refusals = _refusals(state, own, shape, looked)
    body = shadow(own, shape.version, shape.capacity or CAPACITY)
    steps: tuple[Step, ...] = ()
    if allowed(refusals):
        command = by_hand.put(settings, state, name, body)
        steps = (CreateDeployment(state.account, name, shape, json.dumps(body), command),)
        if way == WITH and code is not None and source is not None:
            made = ways.revision(settings, code, source, state.env, name, "shadow")
            steps = (*steps, made, *((CompareAnswers(made.target, made.short),) if settings.golden else ()))
    return replace(
        base(snapshot, state, steps, f"Deploy a shadow of {own.name}: {shape.runs}", Deed.SHADOW),
        goal=name,
        grade=Grade.UNTRIED,
        reason=f"{shape.runs} beside {own.name}, with capacity {shape.capacity}",
        way=way.name,
        ways=possible,
        turns=(Turn(MODEL, name, "nothing", shape.runs, "", f"{shape.sku} {shape.capacity}, pinned"),),
        checked=(*notes.offered(state, shape), *_quota(state, own, shape, looked)),
        unknown=_unknown(settings, state, way, source, shape),
        stays=(f"{own.name} serves on as it is", "no traffic is moved"),
        afterwards=(f"{name} holds {shape.capacity} of the quota until it is removed",),
        refusals=refusals,
    )


def remove(settings: TargetSettings, snapshot: Snapshot, state: ModelState, intent: Intent, looked: Looked) -> Plan:
    """Removes a shadow, and first stops the revisions without traffic that call it. Raises NothingToDo."""
    own = _shadow(state, intent)
    code = snapshot.code.state
    callers = _callers(code, state, own)
    refusals = _removing(state, code, own, callers, looked)
    steps: tuple[Step, ...] = ()
    if code is not None and allowed(refusals):
        stopped = [
            DeactivateRevision(one.name, code.short(one.name), code_by_hand.deactivate(settings, one.name))
            for one in callers
        ]
        command = by_hand.delete(settings, state, own.name)
        steps = (*stopped, RemoveDeployment(state.account, own.name, state.env, own.etag, command))
    may = () if looked.may_delete is None else (_may(state, looked.may_delete),)
    return replace(
        base(snapshot, state, steps, f"Remove the shadow {own.name}", Deed.REMOVE_SHADOW),
        origin=(own.name,),
        goal=f"without {own.name}",
        reason=f"made by this console as a shadow of {own.shadow_of or '?'}",
        turns=(Turn(MODEL, own.name, own.runs, "nothing"),),
        checked=(*may, Note(f"{own.name} bears this console's tag", bool(own.shadow_of))),
        unknown=() if state.env and code is not None else (f"whether anything calls {own.name}",),
        stays=(f"{own.shadow_of or 'every other deployment'} serves on as it is",),
        refusals=refusals,
    )


def _original(state: ModelState, snapshot: Snapshot, intent: Intent) -> Deployment:
    changed = next((one.change.item for one in snapshot.changes.of(MODEL) if state.find(one.change.item)), "")
    serving = [one for one in state.serving if not one.shadow_of]
    name = intent.item or changed or (serving[0].name if len(serving) == 1 else "")
    own = state.find(name) if name else None
    if own is None:
        raise NothingToDo(
            f"a shadow of which deployment? There are {', '.join(one.name for one in serving) or 'none'}"
        )
    return own


def _shape(state: ModelState, snapshot: Snapshot, own: Deployment, intent: Intent) -> Shape:
    """The version to try: what was asked for, else what served before."""
    before = next((one.change.before for one in snapshot.changes.of(MODEL) if one.change.item == own.name), None)
    to = intent.to or before
    if not to:
        raise NothingToDo(f"a shadow of {own.name} at which version? {choices(state, own)}")
    asked, _ = wanted(state, own, to)
    if asked.model != own.model:
        raise NothingToDo(f"a shadow of {own.name} runs {own.model}, and not {asked.model}")
    size = min(CAPACITY, own.capacity or CAPACITY)
    return Shape(own.model, asked.version, own.sku, size, NO_UPGRADE, own.filter)


def _name(own: Deployment, shape: Shape) -> str:
    ending = f"-shadow-{shape.version}"
    return f"{own.name[: LONGEST - len(ending)]}{ending}"


def _source(settings: TargetSettings, code: CodeState | None, own: Deployment) -> Revision | None:
    """The revision that can be copied without any traffic reaching the copy; None where there is none."""
    env = settings.code.expects_env.get("model", "")
    if code is None or not env or code.mode.lower() != "multiple" or share_of_new(code) != 0:
        return None
    callers = (one for one in code.serving if dict(one.env).get(env, "").lower() == own.name.lower())
    return next(callers, None)


def _refusals(state: ModelState, own: Deployment, shape: Shape, looked: Looked) -> tuple[Refusal, ...]:
    found = [*guards.offered(state, shape), *guards.busy(state)]
    if "provisioned" in own.sku.lower():
        found.append(
            Refusal(f"{own.name} is {own.sku}: a shadow of it would reserve throughput that is paid by the hour")
        )
    free = _free(state, own, shape, looked)
    if free is not None and free < (shape.capacity or 0):
        found.append(Refusal(f"over quota: {shape.capacity} wanted, {free} left for {own.model} as {own.sku}"))
    found += guards.denied(state, looked.may_write)
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))


def _quota(state: ModelState, own: Deployment, shape: Shape, looked: Looked) -> tuple[Note, ...]:
    free = _free(state, own, shape, looked)
    notes = (
        [] if free is None else [Note(f"{free} of the quota for {own.model} is left", free >= (shape.capacity or 0))]
    )
    if looked.may_write is not None:
        may = "may" if looked.may_write else "may not"
        notes.append(Note(f"you {may} write the deployments of {state.account}", looked.may_write))
    return tuple(notes)


def _free(state: ModelState, own: Deployment, shape: Shape, looked: Looked) -> int | None:
    offer = state.offer(shape.model, shape.version)
    usage = offer.usage.get(own.sku, "") if offer is not None else ""
    return next((free for name, free in looked.free if name.lower() == usage.lower()), None)


def _unknown(
    settings: TargetSettings, state: ModelState, way: Way, source: Revision | None, shape: Shape
) -> tuple[str, ...]:
    lines = [state.unread] if state.unread else []
    if way == ALONE:
        why = "" if source is not None else "; no revision can be made here that calls it and gets no traffic"
        lines.append(f"what {shape.runs} answers: nothing asks a deployment but a revision that calls it{why}")
    elif source is not None and notes.consumes(source):
        lines.append(f"what the copy does beside its traffic: it runs{notes.consumes(source)}, with the other model")
    if way == WITH and settings.golden is None:
        lines.append("answers: not measured (no golden questions): ask the new revision by its own address")
    return tuple(lines)


def _shadow(state: ModelState, intent: Intent) -> Deployment:
    name = intent.item or intent.to
    if name:
        own = state.find(name)
        if own is None:
            raise NothingToDo(f"{state.account} has no deployment {name}")
        return own
    shadows = [one for one in state.deployments if one.shadow_of]
    if len(shadows) != 1:
        names = ", ".join(one.name for one in shadows)
        raise NothingToDo(
            f"which shadow? There are {names}" if shadows else "no deployment is a shadow of this console's"
        )
    return shadows[0]


def _callers(code: CodeState | None, state: ModelState, own: Deployment) -> tuple[Revision, ...]:
    """The active revisions without traffic that call it."""
    if code is None or not state.env:
        return ()
    named = (one for one in code.revisions if dict(one.env).get(state.env, "").lower() == own.name.lower())
    return tuple(one for one in named if one.active and code.weight(one.name) == 0)


def _removing(
    state: ModelState, code: CodeState | None, own: Deployment, callers: tuple[Revision, ...], looked: Looked
) -> tuple[Refusal, ...]:
    found = []
    if not own.shadow_of:
        found.append(Refusal(f"{own.name} was not made by this console as a shadow: it is not removed by it"))
    serving = next((short for short, name in state.calls if name.lower() == own.name.lower()), "")
    if serving:
        found.append(Refusal(f"{serving} carries traffic and calls {own.name}"))
    if code is None:
        found.append(Refusal(f"whether a revision with traffic calls {own.name} is not known"))
    found += [*guards.busy(state), *guards.denied(state, looked.may_delete, DELETE)]
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))


def _may(state: ModelState, may: bool) -> Note:
    return Note(f"you {'may' if may else 'may not'} delete deployments of {state.account}", may)
