"""Azure's default scale, from zero: v41 is active and sleeps; the first request to it waits 8 seconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.probing import Probing
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is bad, and v41, which was good, has scaled to zero"
FROM_ZERO = {"minReplicas": 0}
PROBING = Probing(
    timeout_s=15, why="an answer may take a cold start, about 8 s; the health pages cannot see this failure"
)


def build(account: Account, now: datetime) -> World:
    bad = replace(V42, tag="1.5.0-bad")
    releases = tuple(replace(one, scale=FROM_ZERO) for one in (V40, V41, bad))
    world = pharmabot.world("scaled-to-zero", account, now, releases)
    app = next(iter(world.apps.values()))
    awake = app.revision(V42.revision)
    return world if awake is None else world.with_app(app.with_revision(replace(awake, last_request=now)))
