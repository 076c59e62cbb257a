"""When an incident began, as an operator picks or types it. All times are UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.domain.signal import SignalReading

_TIME = re.compile(r"(?:(\d{4})-(\d\d?)-(\d\d?)[ T])?(\d\d?):(\d\d)(?::(\d\d))? ?[Zz]?")
HOW = "a time is HH:MM or YYYY-MM-DD HH:MM, in UTC"


@dataclass(frozen=True, slots=True)
class Beginning:
    """One moment that may be picked, in words."""

    title: str
    at: datetime


def beginnings(signals: Sequence[SignalReading], now: datetime) -> tuple[Beginning, ...]:
    """What may be picked without typing: the first breach that was seen, if any is under way, and now."""
    breached = [(reading.since, reading.name) for reading in signals if reading.since is not None]
    at = now.replace(microsecond=0)
    found = [Beginning(f"now, {at:%H:%M:%S}Z", at)]
    if breached:
        since, name = min(breached)
        found.insert(0, Beginning(f"first breach seen here: {name}, {since:%d %b %H:%M:%S}Z", since))
    return tuple(found)


def typed(text: str, now: datetime) -> datetime:
    """The moment that was typed; a time of day without a date is the last one of its kind. Raises ValueError."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(HOW)
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    try:
        at = now.replace(hour=hour or 0, minute=minute or 0, second=second or 0, microsecond=0, tzinfo=UTC)
        if year and month and day:
            at = datetime(year, month, day, at.hour, at.minute, at.second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"there is no such time: {HOW}") from error
    return at - timedelta(days=1) if not year and at > now else at
