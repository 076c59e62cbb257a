"""Whether a runner still lives, told apart from another process that was given its number."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from console.domain.run import Event, Kind


def started(pid: int) -> str:
    """When process `pid` started, as the kernel counts it; empty where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "" if not _exists(pid) else "unknown"
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def lives(pid: int, start: str) -> bool:
    """Whether the process that had number `pid` and this start time still runs."""
    return start != "" and started(pid) == start


def lost(events: Iterable[Event]) -> bool:
    """Whether the process that these events of a run name last as its runner no longer lives."""
    homes = [event.body for event in events if event.kind in (Kind.WAITING, Kind.READY, Kind.ADOPTED)]
    known = [body for body in homes if "pid" in body]
    return not known or not lives(int(known[-1]["pid"]), str(known[-1]["start"]))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
