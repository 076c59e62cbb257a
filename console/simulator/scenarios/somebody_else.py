"""A colleague is faster: a minute after the start Bob moves all of the traffic to v41.

The fault `move` does it at any other moment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from console.simulator import writes
from console.simulator.faults import SOMEBODY
from console.simulator.pharmabot import V41, V42
from console.simulator.scenarios import bad_image
from console.simulator.settings import Account
from console.simulator.traffic import Traffic
from console.simulator.wire import Refused, Request
from console.simulator.world import Key, World

TITLE = "v42 is bad, and somebody else rolls it back after a minute"
AFTER_S = 60
BACK = (Traffic(100, V41.revision, label="stable"), Traffic(0, V42.revision, label="candidate"))


@dataclass(frozen=True, slots=True)
class SomebodyMoves:
    """Somebody writes the traffic array, like any other client; in vain where a write is in progress."""

    app: Key

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None:
            return world
        sent = {"properties": {"configuration": {"ingress": {"traffic": [entry.shown() for entry in BACK]}}}}
        try:
            return writes.patch(world, app, Request("PATCH", "", body=json.dumps(sent).encode()), at, SOMEBODY)[1]
        except Refused:
            return world


def build(account: Account, now: datetime) -> World:
    world = bad_image.build(account, now)
    settings = replace(world.settings, seed="somebody-else")
    world = replace(world, scenario="somebody-else", settings=settings)
    return world.due(now, AFTER_S, SomebodyMoves(next(iter(world.apps))))
