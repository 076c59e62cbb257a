"""Starts the runner in a process of its own session, so that no lost terminal stops it."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from console.config.settings import TargetSettings
from console.domain.plan import Plan
from console.domain.run import Kind, Run
from console.record.alive import lost
from console.record.run_log import RunLog

_LOGIND = (Path("/etc/systemd/logind.conf"), Path("/etc/systemd/logind.conf.d"))


class Prepared:
    """A runner that is starting or waiting; nothing is sent before `go`."""

    def __init__(self, log: RunLog, process: subprocess.Popen[bytes], run_id: int, by: str) -> None:
        self._log = log
        self._process = process
        self._by = by
        self._digest = ""
        self.run_id = run_id

    @property
    def alive(self) -> bool:
        """Whether the runner's process still waits."""
        return self._process.poll() is None

    def offer(self, plan: Plan) -> None:
        """Records exactly what is shown. Raises RecordError."""
        self._log.append(self.run_id, Kind.PLANNED, plan=plan.to_json())
        self._digest = plan.digest

    def go(self) -> None:
        """Hands the offered plan to the runner. Raises BrokenPipeError where the runner is gone: nothing is sent."""
        self._tell({"go": self._digest, "by": self._by})
        self._close()

    def dismiss(self) -> None:
        """Ends the runner; nothing was sent and nothing will be."""
        self._close()

    def _tell(self, message: dict[str, str]) -> None:
        pipe = self._process.stdin
        if pipe is None or pipe.closed:
            raise BrokenPipeError("the runner was dismissed")
        pipe.write(json.dumps(message).encode() + b"\n")
        pipe.flush()

    def _close(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()


def prepare(log: RunLog, target: str, settings: TargetSettings, lent: Mapping[str, Any] | None = None) -> Prepared:
    """Starts a runner for a new run that nobody has confirmed yet. Raises RecordError or OSError.

    `lent` is the console's own token where the runner could not sign in again; it goes through the pipe alone.
    """
    run = log.prepare(target)
    process = _spawn(log, settings, run, adopt=False, lent=lent)
    return Prepared(log, process, run, os_user())


def adopt(log: RunLog, settings: TargetSettings, run: int) -> subprocess.Popen[bytes]:
    """Starts a runner that takes up an unfinished run: it looks, and sends nothing."""
    process = _spawn(log, settings, run, adopt=True)
    if process.stdin is not None:
        process.stdin.close()
    return process


def abandoned(log: RunLog, run: Run) -> bool:
    """Whether an open run has no living runner any more."""
    return run.open and lost(log.events(run.id))


def _spawn(
    log: RunLog, settings: TargetSettings, run: int, *, adopt: bool, lent: Mapping[str, Any] | None = None
) -> subprocess.Popen[bytes]:
    task = {
        "log": str(log.path),
        "settings": settings.model_dump(mode="json", by_alias=True),
        "run": run,
        "adopt": adopt,
        "lent": dict(lent) if lent else None,
    }
    process = subprocess.Popen(
        [*_scope(), sys.executable, "-m", "console.detached"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    if process.stdin is not None:
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
    return process


def _scope() -> list[str]:
    """A scope of the user's systemd manager, where that manager outlives the session."""
    if lingers() and shutil.which("systemd-run"):
        return ["systemd-run", "--user", "--scope", "--quiet", "--collect"]
    return []


def lingers() -> bool:
    """Whether the user's systemd manager runs without a session (loginctl enable-linger)."""
    manager = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent")) / "systemd" / "private"
    return manager.exists() and (Path("/var/lib/systemd/linger") / os_user()).exists()


def survives_logout() -> str:
    """Whether the runner outlives a logout on this machine, in words."""
    if not Path("/run/systemd/system").exists() or lingers():
        return "yes"
    if _kills_user_processes():
        return "no: this machine ends your processes at logout (KillUserProcesses)"
    return "yes"


def _kills_user_processes() -> bool:
    """logind.conf(5): off unless somebody turned it on."""
    files = [path for place in _LOGIND for path in (sorted(place.glob("*.conf")) if place.is_dir() else [place])]
    said = False
    for path in files:
        with contextlib.suppress(OSError):
            for match in re.finditer(r"(?m)^\s*KillUserProcesses\s*=\s*(\S+)", path.read_text(errors="replace")):
                said = match.group(1).lower() in ("yes", "true", "1", "on")
    return said


def os_user() -> str:
    """The operator's name on this machine."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
