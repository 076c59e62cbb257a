"""The machine: a pure `handle(request, now) -> (response, effects)` over an immutable world."""

from __future__ import annotations

from datetime import datetime

from console.simulator import admin, arm, service, sign_in
from console.simulator.faults import FAULTS, matching
from console.simulator.wire import Cut, Door, Effects, Refused, Request, Response, http_date
from console.simulator.world import Fault, World, settle


class Machine:
    """Holds the present world. `handle` computes what would follow; `apply` makes it so."""

    def __init__(self, world: World) -> None:
        self.world = world

    def handle(self, request: Request, now: datetime) -> tuple[Response, Effects]:
        """The answer and its effects; nothing is changed. `now` must not run backwards."""
        return handle(self.world, request, now)

    def apply(self, effects: Effects) -> None:
        self.world = effects.world

    def exchange(self, request: Request, now: datetime) -> tuple[Response, Effects]:
        """Handles and applies in one go, as a shell does."""
        response, effects = self.handle(request, now)
        self.apply(effects)
        return response, effects


def handle(world: World, request: Request, now: datetime) -> tuple[Response, Effects]:
    """What this request gets at this moment, and the world after it."""
    world = settle(world, now)
    if request.door is Door.ARM and request.path.startswith(admin.PREFIX):
        response, world = admin.receive(world, request, now)
        return response.plus(("Date", http_date(now))), Effects(world)
    signed_in = sign_in.receive(world, request, now) if request.door is Door.ARM else None
    if signed_in is not None:
        return signed_in.plus(("Date", http_date(now))), Effects(world)
    faults, world = matching(world, request)
    refusal = _refused(faults, world, request, now)
    if refusal is not None:
        return refusal
    world = _prepared(faults, world, now)
    response, effects = _handled(world, request, now)
    for fault in faults:
        finish = FAULTS[fault.name].finish
        if finish is not None:
            response, effects = finish(fault, response, effects)
    return response, effects


def _handled(world: World, request: Request, now: datetime) -> tuple[Response, Effects]:
    if request.door is Door.SERVICE:
        return service.receive(world, request, now)
    response, world = arm.receive(world, request, now)
    return response, Effects(world)


def _refused(
    faults: tuple[Fault, ...], world: World, request: Request, now: datetime
) -> tuple[Response, Effects] | None:
    """The answer of the first fault that lets nothing happen; the request is remembered as received."""
    seen = arm.remembered(world, request, now) if request.door is Door.ARM else world
    delay_s = sum(float(fault.params.get("seconds", 5)) for fault in faults if fault.name == "latency")
    for fault in faults:
        if fault.name == "refused":
            return Response(503, "Refused"), Effects(world, delay_s, Cut.REFUSED)
        if fault.name == "cut-before":
            return Response(503, "Cut"), Effects(seen, delay_s, Cut.BEFORE)
        refuse = FAULTS[fault.name].refuse
        if refuse is not None and not fault.params.get("took_effect"):
            refused: Refused = refuse(fault, world, request)
            return refused.response.plus(("Date", http_date(now))), Effects(seen, delay_s)
    return None


def _prepared(faults: tuple[Fault, ...], world: World, now: datetime) -> World:
    for fault in faults:
        prepare = FAULTS[fault.name].prepare
        if prepare is not None:
            world = prepare(fault, world, now)
    return world
