"""How every report writes a moment."""

from __future__ import annotations

from datetime import UTC, datetime


def time(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
