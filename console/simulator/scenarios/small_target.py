"""A target too small for the load of three: moved at once, one chat in three finds no replica for 20 seconds.

One replica can answer half of the traffic, for which the scaler adds a second one; those two can answer all of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator.scenarios import bad_image
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is bad, and v41 has one replica for the load of three"


def build(account: Account, now: datetime) -> World:
    world = bad_image.build(account, now)
    settings = replace(world.settings, seed="small-target", burst=2.0)
    return replace(world, scenario="small-target", settings=settings)
