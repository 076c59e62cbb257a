"""The demo, as the terminal tests start it, and its record read from outside."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "console")


def environment(folder: Path, term: str = "xterm-256color") -> dict[str, str]:
    """An environment in which nothing of the machine's own is read or written."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    return {
        **kept,
        "HOME": str(folder),
        "TERM": term,
        "LANG": "C.UTF-8",
        "PYTHONPATH": root,
        "ROLLBACK_STATE": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def runs(folder: Path, surroundings: Mapping[str, str]) -> list[dict[str, Any]]:
    """What `history --json` tells of the newest demo, or nothing before there is one."""
    configs = sorted((folder / "state" / "demo").glob("*/rollback.toml"))
    if not configs:
        return []
    command = [*COMMAND, "--config", str(configs[-1]), "history", "--json"]
    told = subprocess.run(command, env=dict(surroundings), capture_output=True, text=True, check=True, cwd=folder)
    found: list[dict[str, Any]] = json.loads(told.stdout)["runs"]
    return found


def wait_for_outcome(folder: Path, surroundings: Mapping[str, str], patience_s: float = 60.0) -> dict[str, Any]:
    """The newest run once it has ended."""
    ends = time.monotonic() + patience_s
    while True:
        found = runs(folder, surroundings)
        if found and found[0]["outcome"]:
            return found[0]
        assert time.monotonic() < ends, f"no outcome: {found}"
        select.select([], [], [], 0.2)
