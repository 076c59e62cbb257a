"""The control plane is the thing that is down: ARM answers everything a minute late, until the fault is cleared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator.scenarios import bad_image
from console.simulator.settings import Account
from console.simulator.world import Fault, World

TITLE = "v42 is bad, and ARM does not answer within a minute"


def build(account: Account, now: datetime) -> World:
    world = bad_image.build(account, now)
    settings = replace(world.settings, seed="unanswering")
    late = Fault("latency", params={"seconds": 60})
    return replace(world, scenario="unanswering", settings=settings, faults=(late,))
