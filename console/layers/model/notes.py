"""What a person should see before confirming a change of the models: checked, unknown, stays, afterwards."""

from __future__ import annotations

from console.domain.code import CodeState, Revision
from console.domain.deploying import Shape
from console.domain.model import RETIRING, ModelState
from console.domain.plan import Note
from console.layers.model.goal import Goal
from console.layers.model.ways import Flip


def checked(state: ModelState, goal: Goal, may_write: bool | None) -> tuple[Note, ...]:
    """What was looked at before a deployment is written."""
    own, notes = goal.own, [*offered(state, goal.shape)]
    kept = f"{own.sku} {own.capacity}" if own.capacity is not None else own.sku
    notes.append(
        Note(
            f"{own.name} is {own.state}; its size ({kept}) and filter ({own.filter or 'the default'}) are sent along"
        )
    )
    if may_write is not None:
        may = "may" if may_write else "may not"
        notes.append(Note(f"you {may} write the deployments of {state.account}", ok=may_write))
    return tuple(notes)


def offered(state: ModelState, shape: Shape) -> tuple[Note, ...]:
    """Until when Azure offers a version, and what it calls it."""
    offer = state.offer(shape.model, shape.version)
    if offer is None:
        return ()
    until = f" until {offer.retires:%d %b %Y}" if offer.retires is not None else ""
    retired = offer.retires is not None and state.at is not None and offer.retires <= state.at
    soon = offer.retires is not None and state.at is not None and offer.retires - state.at <= RETIRING
    leaving = offer.lifecycle.lower() in ("deprecating", "deprecated")
    lifecycle = f" ({offer.lifecycle})" if offer.lifecycle else ""
    return () if retired else (Note(f"Azure offers {offer.runs}{until}{lifecycle}", ok=not (soon or leaving)),)


def unknown(state: ModelState, goal: Goal) -> tuple[str, ...]:
    """What nobody can tell before a deployment is written."""
    own, shape = goal.own, goal.shape
    lines = [state.unread] if state.unread else []
    if not state.unread and not state.offers:
        lines.append("which versions Azure still offers: its list is empty")
    callers = ", ".join(short for short, name in state.calls if name.lower() == own.name.lower())
    lines.append(f"what else calls {own.name} besides {callers or 'this service'}: everything that does is changed")
    if shape.model != own.model:
        lines.append(f"whether Azure gives {own.name} another model than {own.model}")
    if goal.was is not None and not goal.only_settings and goal.was.filter != own.filter:
        lines.append(
            f"its content filter was {goal.was.filter or 'the default'} then; {own.filter or 'the default'} stays"
        )
    if (shape.capacity or 0) > (own.capacity or 0):
        lines.append(f"whether the quota suffices for {shape.capacity}: it has {own.capacity}")
    lines.append("how long it takes, and what is answered meanwhile: Azure swaps the model under running calls")
    return tuple(lines)


def afterwards(state: ModelState, goal: Goal) -> tuple[str, ...]:
    """A pinned deployment does not move by itself, and ends with its version."""
    offer = state.offer(goal.shape.model, goal.shape.version)
    when = f" on {offer.retires:%d %b %Y}" if offer is not None and offer.retires is not None else ""
    return (
        f"{goal.own.name} is pinned: it upgrades itself no more, and stops answering when its version retires{when}",
    )


def flip_checked(state: ModelState, found: Flip, may_write: bool | None) -> tuple[Note, ...]:
    standby = found.standby
    how = "your configured standby" if found.configured else f"found in {state.account}"
    notes = [Note(f"{standby.name} is {standby.state} with {standby.runs}, capacity {standby.capacity} ({how})")]
    notes += offered(state, Shape.of(standby))
    if may_write is not None:
        notes.append(Note("you may write this app" if may_write else "you may not write this app", ok=may_write))
    return tuple(notes)


def flip_unknown(code: CodeState, goal: Goal, found: Flip, share: int) -> tuple[str, ...]:
    """What a standby may not have, and what is not seen before the new revision starts."""
    own, standby, lines = goal.own, found.standby, []
    if standby.filter != own.filter:
        lines.append(f"its content filter is {standby.filter or 'the default'}, not {own.filter or 'the default'}")
    if (standby.capacity or 0) < (own.capacity or 0):
        lines.append(f"{standby.name} has capacity {standby.capacity} of {own.capacity}: expect 429s")
    if not standby.pinned:
        lines.append(
            f"{standby.name} is not pinned ({standby.upgrade or 'upgrade option unknown'}): Azure may upgrade it too"
        )
    lines.append("the new revision takes the app's current secrets, and must start before it serves")
    if 0 < share < 100:
        lines.append(f"Azure gives it {share} % of the traffic as soon as it is ready, before the shift")
    if len(code.serving) > 1:
        names = ", ".join(code.short(one.name) for one in code.serving)
        lines.append(
            f"the traffic is split ({names}): afterwards the copy of {code.short(found.source.name)} has it all"
        )
    return tuple(lines)


def flip_afterwards(code: CodeState, goal: Goal, found: Flip) -> tuple[str, ...]:
    lines = [
        f"the next deployment must set {found.env} = {found.standby.name} too, or the app calls {goal.own.name} again"
    ]
    if code.mode.lower() == "multiple":
        lines.append("new revisions get 0 % of the traffic until it is unpinned")
    return tuple(lines)


def flip_stays(code: CodeState, goal: Goal, found: Flip) -> tuple[str, ...]:
    stays = [f"{goal.own.name} stays at {goal.own.runs}, and whatever else calls it"]
    if code.mode.lower() == "multiple":
        stays += [f"{code.short(one.name)} keeps running at 0 %{consumes(one)}" for one in code.serving]
    return tuple(stays)


def consumes(one: Revision) -> str:
    """What a revision goes on taking without any traffic, in words."""
    rules = [rule for rule in one.scale_rules if not rule.startswith(("http", "tcp"))]
    return f" and consumes {', '.join(rules)}" if rules else ""
