"""Nothing is wrong: the newest revision carries everything and answers rightly."""

from __future__ import annotations

from datetime import datetime

from console.simulator import pharmabot
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "the newest revision serves, and serves well"


def build(account: Account, now: datetime) -> World:
    return pharmabot.world("healthy", account, now)
