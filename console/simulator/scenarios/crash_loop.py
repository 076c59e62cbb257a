"""A crash loop: operation and app say Succeeded, only the revision says Failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 crash-loops while Azure says Succeeded and Running"


def build(account: Account, now: datetime) -> World:
    return pharmabot.world("crash-loop", account, now, (V40, V41, replace(V42, tag="1.5.0-crash")))
