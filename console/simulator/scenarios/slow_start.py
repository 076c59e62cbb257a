"""A target that takes its time: v41 is stopped, and needs 40 seconds from its activation until it answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is bad, and v41, which was good, is stopped and starts slowly"


def build(account: Account, now: datetime) -> World:
    slow = replace(V41, tag="1.4.1-slow", active=False, ended=timedelta(minutes=11))
    return pharmabot.world("slow-start", account, now, (V40, slow, replace(V42, tag="1.5.0-bad")))
