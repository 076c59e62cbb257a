"""A migration that the serving code does not know: leaflets.dosage became dosage_mg, and every answer is a 500."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from console.simulator import pharmabot
from console.simulator.settings import Account
from console.simulator.stores.beside import HEAD, RENAMED
from console.simulator.stores.course import Course
from console.simulator.stores.furnish import changing, migrate
from console.simulator.world import World

TITLE = "migration 4f2a91 renamed a column that the serving code reads, and every chat fails"
SINCE = timedelta(minutes=18)
COURSE = Course(failing=SINCE)


def build(account: Account, now: datetime) -> World:
    return pharmabot.settled("breaking-migration", account, now)


def past(account: Account, now: datetime) -> World:
    return pharmabot.settled("breaking-migration", account, now, pharmabot.PAST)


def break_stores(path: Path, now: datetime) -> datetime:
    with changing(path) as connection:
        migrate(connection, HEAD, RENAMED, now - SINCE)
    return now - SINCE
