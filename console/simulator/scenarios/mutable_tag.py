"""One tag for everything: v41 still runs what `latest` meant two days ago; started anew, it would pull the bad one.

That happens when it is restarted, or stopped and activated again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.releases import image_of
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v41 and v42 name the same image, pharmabot:latest, which has come to mean a bad one"
BAD = "1.5.0-bad"


def build(account: Account, now: datetime) -> World:
    good = replace(V41, tag="latest", pulled=V41.tag, replicas=3)
    world = pharmabot.world("mutable-tag", account, now, (V40, good, replace(V42, tag="latest", pulled=BAD)))
    settings = replace(world.settings, tags={image_of("latest"): image_of(BAD)})
    return replace(world, settings=settings)
