"""A target that vanishes: v41, stopped, is purged just before the activation of it arrives.

The fault `purge` takes it away at any other moment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import pharmabot
from console.simulator.pharmabot import V41, V42
from console.simulator.settings import Account
from console.simulator.world import Fault, World

TITLE = "v42 is bad, and v41, stopped, is purged when somebody is about to activate it"


def build(account: Account, now: datetime) -> World:
    stopped = replace(V41, active=False, ended=timedelta(minutes=11))
    world = pharmabot.world("vanishing-target", account, now, (stopped, replace(V42, tag="1.5.0-bad")))
    purge = Fault("purge", count=1, method="POST", contains="/activate", params={"revision": V41.revision})
    return replace(world, faults=(purge,))
