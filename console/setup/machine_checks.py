"""What this machine gives the console: a terminal, a place for the record, processes that live on, az."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from console.clock import Clock
from console.launch import os_user, survives_logout
from console.record.database import RecordError
from console.record.run_log import RunLog
from console.setup.check import Check, State

SMALLEST = (60, 20)
TMUX_S = 2.0

Ask = Callable[[tuple[str, ...]], str | None]


def config_check(file: Path | None) -> Check:
    """The configuration names commands that are run: nobody else may be able to write it."""
    title = "the configuration"
    if file is None:
        return Check(
            "config", title, State.PASS, "none: the app is named on the command line, and taken for production"
        )
    found = file.stat()
    mode = stat.S_IMODE(found.st_mode)
    told = f"{file.absolute()}, mode {mode:04o}"
    if found.st_uid not in (os.getuid(), 0):
        return Check("config", title, State.WARN, f"{told}: it belongs to somebody else (user {found.st_uid})")
    if mode & 0o022:
        return Check("config", title, State.WARN, f"{told}: others can write it", f"chmod go-w {file.absolute()}")
    return Check("config", title, State.PASS, told)


def terminal_check(environment: Mapping[str, str], size: tuple[int, int] | None) -> Check:
    """`size` in columns and lines; None where there is no terminal. Whether it answers is seen only when asked."""
    title = "the terminal"
    if size is None:
        return Check("terminal", title, State.UNKNOWN, "there is none here; status, plan and rollback need none")
    term = environment.get("TERM") or "not set"
    told = f"TERM={term}, {size[0]}x{size[1]}, {_colours(environment)}"
    if term in ("not set", "dumb", "unknown"):
        return Check("terminal", title, State.WARN, f"{told}: it cannot draw screens", "export TERM=xterm-256color")
    if not all(size):
        return Check("terminal", title, State.WARN, f"{told}: it does not tell its size", "stty columns 80 rows 24")
    if size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
        return Check("terminal", title, State.WARN, f"{told}: smaller than {SMALLEST[0]}x{SMALLEST[1]}")
    asked = "whether it answers questions is seen in the confirmation, not here: else the name is typed"
    return Check("terminal", title, State.PASS, f"{told}; {asked}")


def multiplexer_check(environment: Mapping[str, str], ask: Ask | None = None) -> Check:
    """tmux passes our question on where its pane allows; screen answers by itself."""
    title, ask = "tmux", ask or _ask
    pane = environment.get("TMUX_PANE")
    if environment.get("TMUX") and pane:
        version = ask(("tmux", "-V")) or "tmux of unknown version"
        allowed = ask(("tmux", "show-options", "-A", "-p", "-v", "-t", pane, "allow-passthrough"))
        if allowed is None:
            told = f"{version} knows no allow-passthrough (3.3 or newer does): the name is typed instead of y"
            return Check("tmux", title, State.WARN, told)
        told = (
            "on" if allowed in ("on", "all") else "off here; the console turns it on for its own pane while it asks"
        )
        return Check("tmux", title, State.PASS, f"{version}, allow-passthrough {told}")
    if environment.get("STY"):
        return Check("tmux", title, State.WARN, "screen answers for the terminal: the name is typed instead of y")
    return Check("tmux", title, State.PASS, "not used")


def logout_check(told: str | None = None) -> Check:
    """Whether a run goes on after its operator has logged out."""
    told = survives_logout() if told is None else told
    if told == "yes":
        return Check("logout", "runs survive logout", State.PASS)
    return Check("logout", "runs survive logout", State.WARN, told, f"loginctl enable-linger {os_user()}")


def record_check(path: Path, clock: Clock) -> Check:
    """Opens the run log as a run would."""
    title = "the run log"
    fix = "export ROLLBACK_STATE=/a/local/folder/of/yours"
    try:
        log = RunLog(path, clock)
        try:
            log.transact(lambda execute: None)
            note, written = log.note, log.path
        finally:
            log.close()
    except RecordError as error:
        return Check("run-log", title, State.FAIL, f"{error.sentence}; nothing is written without it", fix)
    if note:
        return Check("run-log", title, State.WARN, note, fix)
    return Check("run-log", title, State.PASS, f"{written} can be written")


def az_check(environment: Mapping[str, str]) -> Check:
    """The commands *By hand* want az."""
    found = shutil.which("az", path=environment.get("PATH"))
    if found:
        return Check("az", "az, for By hand", State.PASS, found)
    told = 'not on PATH: the commands By hand, and credential = "cli", need it'
    return Check("az", "az, for By hand", State.WARN, told, "https://learn.microsoft.com/cli/azure/install-azure-cli")


def _colours(environment: Mapping[str, str]) -> str:
    if "NO_COLOR" in environment:
        return "no colours (NO_COLOR)"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256color" in environment.get("TERM", "") else "16 colours"


def _ask(command: tuple[str, ...]) -> str | None:
    """What a command prints; None where it is not there, refuses, or is not quick."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TMUX_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
