"""The way to the outermost terminal: through tmux where it must be, and none through what answers by itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screens.seen import through_tmux

_ANSWER_THEMSELVES = ("screen", "tmux")


@dataclass(frozen=True, slots=True)
class Way:
    """How a question reaches the outermost terminal; `none` where something between would answer for it.

    `restore` puts back what was changed for it.
    """

    wrap: Callable[[str], str]
    restore: Callable[[], None]
    none: bool = False


def _plainly(sequence: str) -> str:
    return sequence


def _nothing() -> None:
    return None


DIRECT = Way(_plainly, _nothing)
BLOCKED = Way(_plainly, _nothing, none=True)


def find_way(environment: Mapping[str, str]) -> Way:
    """Blocks for some milliseconds inside tmux, whose pane is told to let the question pass. Run it in a thread."""
    pane = environment.get("TMUX_PANE")
    if environment.get("TMUX") and pane:
        return _through_tmux(pane)
    if environment.get("STY") or environment.get("TERM", "").startswith(_ANSWER_THEMSELVES):
        return BLOCKED
    return BLOCKED if descends_from(os.getpid(), "mosh-server") else DIRECT


def _through_tmux(pane: str) -> Way:
    asked = _tmux("display-message", "-p", "-t", pane, "#{client_termname} #{client_pid}")
    if asked is None:
        return BLOCKED
    outside, _, client = asked.partition(" ")
    if outside.startswith(_ANSWER_THEMSELVES) or (client.isdigit() and descends_from(int(client), "mosh-server")):
        return BLOCKED
    before = _tmux("show-options", "-p", "-v", "-t", pane, "allow-passthrough")
    if _tmux("set-option", "-p", "-t", pane, "allow-passthrough", "on") is None:
        return Way(through_tmux, _nothing)
    return Way(through_tmux, lambda: _restore(pane, before or ""))


def _restore(pane: str, before: str) -> None:
    if before:
        _tmux("set-option", "-p", "-t", pane, "allow-passthrough", before)
    else:
        _tmux("set-option", "-p", "-u", "-t", pane, "allow-passthrough")


def _tmux(*arguments: str) -> str | None:
    """What tmux answers, or None where it refuses, is not there or is not quick."""
    try:
        done = subprocess.run(("tmux", *arguments), capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def descends_from(pid: int, name: str, proc: Path = Path("/proc")) -> bool:
    """Whether a parent of this process bears that name; False where /proc does not say."""
    for _ in range(32):
        try:
            stat = (proc / str(pid) / "stat").read_text()
        except OSError:
            return False
        command, _, rest = stat.partition("(")[2].rpartition(")")
        if command == name:
            return True
        fields = rest.split()
        if len(fields) < 2 or not fields[1].isdigit() or fields[1] == "0":
            return False
        pid = int(fields[1])
    return False
