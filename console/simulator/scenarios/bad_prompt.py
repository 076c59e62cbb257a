"""A prompt that went wrong: drug_info v7 asks for no leaflets any more, so that answers come from memory, all 200."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from console.simulator import pharmabot
from console.simulator.settings import Account
from console.simulator.stores.furnish import activate_prompt, add_prompt, changing
from console.simulator.stores.knowledge import DRUG_INFO, SHORTER
from console.simulator.world import World

TITLE = "prompt drug_info v7 makes every answer wrong, and nothing fails"
SINCE = timedelta(minutes=12)


def build(account: Account, now: datetime) -> World:
    return pharmabot.settled("bad-prompt", account, now)


def past(account: Account, now: datetime) -> World:
    return pharmabot.settled("bad-prompt", account, now, pharmabot.PAST)


def break_stores(path: Path, now: datetime) -> None:
    with changing(path) as connection:
        add_prompt(connection, DRUG_INFO, 7, SHORTER, now - SINCE - timedelta(minutes=4))
        activate_prompt(connection, DRUG_INFO, 7, now - SINCE)
