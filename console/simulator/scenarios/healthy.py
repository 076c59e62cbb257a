"""Nothing is wrong: the newest revision carries everything and answers rightly. Break what you like from outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from console.simulator import pharmabot
from console.simulator.settings import Account
from console.simulator.stores.furnish import ADA, add_index, add_prompt, changing
from console.simulator.stores.knowledge import DRUG_INFO, SHORTER
from console.simulator.world import World

TITLE = "the newest revision serves, and serves well"


def build(account: Account, now: datetime) -> World:
    return pharmabot.world("healthy", account, now)


def break_stores(path: Path, now: datetime) -> None:
    """Nothing is broken; what could be made active lies ready."""
    with changing(path) as connection:
        add_prompt(connection, DRUG_INFO, 7, SHORTER, now - timedelta(hours=3))
        add_index(connection, "docs_v2", ADA, now - timedelta(hours=5))
