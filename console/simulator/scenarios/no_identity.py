"""A service that does not say which revision answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator.probing import Probing
from console.simulator.scenarios import bad_image
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is bad, and no answer says which revision gave it"
PROBING = Probing(identifies=False, why="this service does not say which revision answered")


def build(account: Account, now: datetime) -> World:
    world = bad_image.build(account, now)
    settings = replace(world.settings, seed="no-identity", names_itself=False)
    return replace(world, scenario="no-identity", settings=settings)
