"""Labels beside weights: clients that use the label's own address stay with the bad revision until it moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.traffic import Traffic
from console.simulator.world import World

TITLE = "v42 is bad and bears the label production, v41 bears previous"


def build(account: Account, now: datetime) -> World:
    releases = (V40, V41, replace(V42, tag="1.5.0-bad"))
    traffic = (Traffic(100, V42.revision, label="production"), Traffic(0, V41.revision, label="previous"))
    return pharmabot.world("labels", account, now, releases, traffic, course="production")
