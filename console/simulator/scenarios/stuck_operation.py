"""An operation that never ends: the traffic moves after 12 seconds, its status says InProgress for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator.scenarios import bad_image
from console.simulator.settings import Account
from console.simulator.world import Fault, World

TITLE = "v42 is bad, and Azure never says that the write has finished"


def build(account: Account, now: datetime) -> World:
    world = bad_image.build(account, now)
    hang = Fault("hang-operation", params={"effect": True})
    timings = replace(world.settings.timings, traffic_reaches_s=12)
    settings = replace(world.settings, seed="stuck-operation", timings=timings)
    return replace(world, scenario="stuck-operation", settings=settings, faults=(hang,))
