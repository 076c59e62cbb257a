"""The code layer: a container app's revisions and the traffic between them, and the ways back."""

from __future__ import annotations

import math

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.intent import Way
from console.domain.plan import Breach
from console.domain.traffic import TrafficEntry, pinned
from console.layers.code import by_hand, labels
from console.steps.deactivate_revision import DeactivateRevision
from console.steps.let_scale import LetScale
from console.steps.new_revision import NewRevision
from console.steps.prove_serving import ProveServing
from console.steps.ready_revision import ReadyRevision
from console.steps.see_recovery import SeeRecovery
from console.steps.set_mode import SetMode
from console.steps.shift_traffic import ShiftTraffic
from console.steps.step import Step

SHIFT = Way("shift", "move the traffic", "the usual way")
STEPPED = Way("stepped", "move half, let it scale, then the rest", "for a target with fewer replicas")
COPY = Way("copy", "copy the old revision as a new one", "single revision mode: slower, and with the current secrets")
SWITCH = Way("switch-mode", "switch to multiple revision mode, then move the traffic", "the mode stays changed")
LABEL = Way("label", "move the label that carries the traffic", "labels mode: weights belong to labels")


def ways(state: CodeState, goal: Revision) -> tuple[Way, ...]:
    """The ways to put all traffic on `goal`, the proposed one first."""
    match state.mode.lower():
        case "single":
            return (COPY, SWITCH)
        case "labels":
            return (LABEL,)
        case _:
            return (SHIFT, STEPPED) if goal.active and goal.replicas < load(state, goal) else (SHIFT,)


def load(state: CodeState, goal: Revision) -> int:
    """How many replicas carry now what `goal` would have to carry."""
    return max((revision.replicas for revision in state.serving if revision.name != goal.name), default=0)


def propose(
    settings: TargetSettings, state: CodeState, goal: Revision, way: Way, breaches: tuple[Breach, ...], tolerate: bool
) -> tuple[Step, ...]:
    """The steps of one way: ready the target, turn the traffic, prove who serves, see the signals recover."""
    recovery = SeeRecovery(breaches)
    if way == COPY:
        copy = _copy(settings, state, goal)
        return (copy, _proof(settings, state, copy.target, copy.short), recovery)
    proof = _proof(settings, state, goal.name, state.short(goal.name))
    ready = _ready(settings, state, goal, tolerate)
    if way == LABEL:
        move = label_move(state, goal.name)
        return (ready, *([_labels_mode(settings, state, goal, move)] if move else []), proof, recovery)
    mode = "Multiple" if way == SWITCH else state.mode
    shift = _shift(settings, state, goal, mode)
    before: tuple[Step, ...] = (ready,)
    if way == SWITCH:
        before = (SetMode(state.app, state.mode, mode, by_hand.set_mode(settings, mode)), ready)
    elif way == STEPPED:
        before, shift = _stepped(settings, state, goal, ready, shift)
    return (*before, shift, proof, recovery, *_labels(settings, state, goal, shift.leaves))


def deactivate(settings: TargetSettings, state: CodeState, revision: Revision) -> tuple[Step, ...]:
    """The one step that stops what still runs at 0 %."""
    command = by_hand.deactivate(settings, revision.name)
    return (DeactivateRevision(revision.name, state.short(revision.name), command),)


def unpin(settings: TargetSettings, state: CodeState, latest: Revision) -> tuple[Step, ...]:
    """Gives the weight to whichever revision is latest, as before a rollback pinned it; labels stay."""
    kept = [
        TrafficEntry(0, entry.resolved(state.latest), label=entry.label) for entry in state.traffic if entry.label
    ]
    leaves = (TrafficEntry(100, latest=True), *kept)
    short = state.short(latest.name)
    command = by_hand.set_traffic(settings, state.traffic, leaves)
    title = f"traffic → latest, which is {short}"
    shift = ShiftTraffic(
        state.app, latest.name, short, state.mode, state.traffic, leaves, command, title, turns=False
    )
    return (shift, _proof(settings, state, latest.name, short))


def restore(
    settings: TargetSettings,
    state: CodeState,
    goal: Revision,
    array: tuple[TrafficEntry, ...],
    breaches: tuple[Breach, ...],
) -> tuple[Step, ...]:
    """Puts an earlier array back, whose main revision is `goal`: the undo of a shift."""
    short = state.short(goal.name)
    command = by_hand.set_traffic(settings, state.traffic, array)
    title = f"traffic → {short} as before"
    shift = ShiftTraffic(state.app, goal.name, short, state.mode, state.traffic, array, command, title)
    return (
        _ready(settings, state, goal, tolerate=False),
        shift,
        _proof(settings, state, goal.name, short),
        SeeRecovery(breaches),
    )


def label_move(state: CodeState, goal: str) -> labels.Move | None:
    """Labels mode: the label that carries the traffic and the goal's own, which change places."""
    own = next(iter(state.labels(goal)), None)
    carrying = max(state.traffic, key=lambda entry: entry.weight, default=None)
    if own is None or carrying is None or not carrying.label or not carrying.revision:
        return None
    return labels.Move(carrying.label, carrying.revision, goal, own)


def former_share(state: CodeState, goal: str) -> int:
    """The smallest share, in percent, of a revision that the plan takes traffic from."""
    return min((weight for name, weight in state.weights.items() if name != goal and weight > 0), default=0)


def _ready(settings: TargetSettings, state: CodeState, goal: Revision, tolerate: bool) -> ReadyRevision:
    command = by_hand.activate(settings, goal.name)
    return ReadyRevision(goal.name, state.short(goal.name), goal.template, goal.active, command, tolerate)


def _proof(settings: TargetSettings, state: CodeState, target: str, short: str) -> ProveServing:
    return ProveServing(target, short, former_share(state, target), settings.probe.identity is not None)


def _shift(settings: TargetSettings, state: CodeState, goal: Revision, mode: str) -> ShiftTraffic:
    leaves = pinned(state.traffic, goal.name, state.latest, {revision.name for revision in state.revisions})
    command = by_hand.set_traffic(settings, state.traffic, leaves)
    short = state.short(goal.name)
    title = f"traffic → {short} 100 %"
    return ShiftTraffic(state.app, goal.name, short, mode, state.traffic, leaves, command, title)


def _stepped(
    settings: TargetSettings, state: CodeState, goal: Revision, ready: Step, shift: ShiftTraffic
) -> tuple[tuple[Step, ...], ShiftTraffic]:
    """Half of the traffic first, and a hold in which the target scales to what is coming."""
    half = tuple(_halved(entry, state, goal.name) for entry in shift.leaves)
    command = by_hand.set_traffic(settings, state.traffic, half)
    title = f"traffic → {shift.short} 50 %"
    first = ShiftTraffic(
        state.app, goal.name, shift.short, shift.mode, state.traffic, half, command, title, turns=False
    )
    hold = LetScale(goal.name, shift.short, math.ceil(load(state, goal) / 2))
    rest = by_hand.set_traffic(settings, half, shift.leaves)
    second = ShiftTraffic(state.app, goal.name, shift.short, shift.mode, half, shift.leaves, rest, shift.title)
    return (ready, first, hold), second


def _halved(entry: TrafficEntry, state: CodeState, goal: str) -> TrafficEntry:
    """Half of it for the goal, the other half for the newest that serves now."""
    newest = state.serving[0].name if state.serving[0].name != goal else state.serving[-1].name
    weight = 50 if entry.weight == 100 or entry.revision == newest else 0
    return TrafficEntry(weight, entry.revision, entry.latest, entry.label)


def _labels(
    settings: TargetSettings, state: CodeState, goal: Revision, array: tuple[TrafficEntry, ...]
) -> tuple[Step, ...]:
    """After the recovery: the labels that belong with the traffic follow it, each as a step of its own."""
    short, steps = state.short(goal.name), []
    for move in labels.moves(state, goal.name):
        leaves = labels.after(array, move)
        title = f"label {move.label} → {short}"
        command = by_hand.move_label(settings, move)
        steps.append(
            ShiftTraffic(state.app, goal.name, short, "Multiple", array, leaves, command, title, turns=False)
        )
    return tuple(steps)


def _labels_mode(settings: TargetSettings, state: CodeState, goal: Revision, move: labels.Move) -> ShiftTraffic:
    leaves = labels.reassigned(state.traffic, move)
    short = state.short(goal.name)
    title = f"label {move.label} → {short}"
    command = by_hand.swap_carrying_label(settings, move)
    return ShiftTraffic(state.app, goal.name, short, state.mode, state.traffic, leaves, command, title)


def _copy(settings: TargetSettings, state: CodeState, goal: Revision) -> NewRevision:
    suffix = _free_suffix(state, state.short(goal.name))
    return NewRevision(
        app=state.app,
        source=goal.name,
        source_short=state.short(goal.name),
        template=goal.template,
        image=goal.image,
        latest=state.latest or "",
        mode=state.mode,
        target=f"{state.app}--{suffix}",
        short=suffix,
        command=by_hand.copy_revision(settings, goal.name, suffix),
    )


def _free_suffix(state: CodeState, short: str) -> str:
    """`v41-back1`, or the next number that is free; a copy of a copy does not grow."""
    stem = short.rpartition("-back")[0] or short
    taken = {state.short(revision.name) for revision in state.revisions}
    number = next(number for number in range(1, 1000) if f"{stem}-back{number}" not in taken)
    return f"{stem}-back{number}"
