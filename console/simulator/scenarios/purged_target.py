"""The revision that was good is gone: only v40, stopped long ago, is left to go back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V42
from console.simulator.settings import Account
from console.simulator.traffic import Traffic
from console.simulator.world import World

TITLE = "v42 is bad and v41, which was good, has been purged"


def build(account: Account, now: datetime) -> World:
    traffic = (Traffic(100, V42.revision, label="candidate"),)
    return pharmabot.world("purged-target", account, now, (V40, replace(V42, tag="1.5.0-bad")), traffic)
