"""Two changes, the innocent one newer: a prompt is wrong for 40 minutes, and v42 was deployed 10 minutes ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.stores.furnish import activate_prompt, add_prompt, changing
from console.simulator.stores.knowledge import DRUG_INFO, SHORTER
from console.simulator.world import World

TITLE = "prompt drug_info v7 is wrong, and v42, deployed after it, is innocent"
PROMPT, CODE = timedelta(minutes=40), timedelta(minutes=10)


def build(account: Account, now: datetime) -> World:
    return pharmabot.world("two-changes", account, now, (V40, V41, replace(V42, age=CODE)))


def break_stores(path: Path, now: datetime) -> None:
    with changing(path) as connection:
        add_prompt(connection, DRUG_INFO, 7, SHORTER, now - PROMPT - timedelta(minutes=4))
        activate_prompt(connection, DRUG_INFO, 7, now - PROMPT)
