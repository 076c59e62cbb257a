"""What databases give for truth, time and text, as Python's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any


def truth(value: Any) -> bool:
    """What a table writes for true: a boolean, a number, or a word."""
    return (
        value.strip().lower() in ("1", "t", "true", "yes", "y", "active") if isinstance(value, str) else bool(value)
    )


def moment(value: Any) -> datetime | None:
    """A time as a database gives it: a datetime, ISO 8601 text, or seconds since 1970; without a zone it is UTC."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_of(value: Any) -> str:
    """A column's text: as it is, or its JSON in one order; nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)
