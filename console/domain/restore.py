"""To which moments a server can be restored: its window, and the moments worth restoring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.change import Change
from console.domain.schema import SchemaState, Server

# Azure promises to lose at most five minutes
# (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-backup-restore).
LAG = timedelta(minutes=5)
JUST_BEFORE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `earliest` to `latest`; `why` says why there is none."""

    earliest: datetime | None
    latest: datetime
    why: str = ""

    def against(self, at: datetime) -> str:
        """Why `at` cannot be restored, in a sentence; empty where it can."""
        if self.earliest is None:
            return self.why
        if at < self.earliest:
            return f"{shown(at)} is before the first restore point, {shown(self.earliest)}"
        if at > self.latest:
            return f"{shown(at)} is not restorable yet: Azure's log reaches to about {shown(self.latest)}"
        return ""


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """A moment worth restoring. `kind` is change, backup, earliest or latest; `change` is what it is just before."""

    at: datetime
    kind: str
    words: str
    change: Change | None = None


def window(server: Server, now: datetime) -> Window:
    """Where restores reach now; the latest moment is five minutes ago, as Azure promises."""
    if server.earliest is None:
        return Window(None, now - LAG, f"{server.name} has no restore point yet")
    if server.earliest > now - LAG:
        why = f"{server.name} can be restored from {shown(server.earliest)} on, which is less than 5 minutes ago"
        return Window(None, now - LAG, why)
    return Window(server.earliest, now - LAG)


def restore_points(state: SchemaState, changes: Iterable[Change], now: datetime) -> tuple[RestorePoint, ...]:
    """What a timeline offers within the window, newest first: just before each change, the backups, both ends."""
    if state.server is None:
        return ()
    reach = window(state.server, now)
    if reach.earliest is None:
        return ()
    points = [RestorePoint(reach.latest, "latest", "the newest moment"), _first(reach.earliest)]
    points += [point for change in changes if (point := before(change)) is not None]
    for backup in state.server.backups:
        if backup.completed is not None:
            words = f"backup {backup.name} ({backup.kind or 'of an unknown kind'})"
            points.append(RestorePoint(backup.completed, "backup", words))
    within = (point for point in points if not reach.against(point.at))
    return tuple(sorted(within, key=lambda point: (-point.at.timestamp(), point.kind)))


def before(change: Change) -> RestorePoint | None:
    """A second before the earliest moment at which a change can have been; None where that is not known."""
    at = change.earliest or change.at
    return RestorePoint(at - JUST_BEFORE, "change", f"just before {change.words}", change) if at else None


def _first(earliest: datetime) -> RestorePoint:
    return RestorePoint(earliest, "earliest", "the first restore point")


def shown(at: datetime) -> str:
    return f"{at:%d %b %H:%M:%S}Z"
