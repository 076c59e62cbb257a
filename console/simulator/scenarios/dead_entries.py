"""Dead entries in the traffic array: one chat in ten goes to a revision that is stopped or gone, and gets a 404."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.releases import NAME
from console.simulator.settings import Account
from console.simulator.traffic import Traffic
from console.simulator.world import World

TITLE = "v42 is bad, and a tenth of the traffic goes to revisions that are stopped or gone"
TRAFFIC = (
    Traffic(90, V42.revision, label="candidate"),
    Traffic(0, V41.revision, label="stable"),
    Traffic(6, V40.revision),
    Traffic(4, f"{NAME}--v38"),
)


def build(account: Account, now: datetime) -> World:
    return pharmabot.world("dead-entries", account, now, (V40, V41, replace(V42, tag="1.5.0-bad")), TRAFFIC)
