"""Azure's default: single-revision mode. The bad revision is the only active one; the good one has been stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import pharmabot
from console.simulator.pharmabot import LATEST, V40, V41, V42
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "single-revision mode: v42 is bad, v41 and v40 are stopped"


def build(account: Account, now: datetime) -> World:
    stopped = replace(V41, active=False, ended=timedelta(minutes=11))
    releases = (V40, stopped, replace(V42, tag="1.5.0-bad"))
    return pharmabot.world("single-mode", account, now, releases, LATEST, mode="Single")
