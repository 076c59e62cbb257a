"""Whether a runner still lives, told apart from another process that was given its number."""

from __future__ import annotations

import os
from pathlib import Path


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


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
