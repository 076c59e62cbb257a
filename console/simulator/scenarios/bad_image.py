"""A silent failure: v42 says it is healthy, answers wrongly, and one chat in five is a 5xx."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is healthy to Azure, answers wrongly and fails one chat in five"


def build(account: Account, now: datetime) -> World:
    return pharmabot.world("bad-image", account, now, (V40, V41, replace(V42, tag="1.5.0-bad")))
