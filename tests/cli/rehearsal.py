"""The embedded Azure in a process of its own, and the command line against it, as a script uses both."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from console.cli import main

T = TypeVar("T")
PATIENCE_S = 30.0
PROGRAM = (sys.executable, "-m", "console")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Told:
    """What one command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Rehearsal:
    """One stage with its configuration. The state is the test's own, by `ROLLBACK_STATE`."""

    config: Path
    addresses: Mapping[str, str]
    environment: dict[str, str] = field(default_factory=dict)

    def cli(self, *arguments: str, **environment: str) -> Told:
        return run_cli("--config", str(self.config), *arguments, **self.environment, **environment)

    def call(self, *arguments: str) -> Told:
        """As `cli`, within this process: a tenth of the time."""
        return call("--config", str(self.config), *arguments)

    def edit(self, old: str, new: str) -> None:
        """Changes the configuration."""
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new, 1))

    def fault(self, name: str, **params: Any) -> None:
        self._admin("POST", "faults", {"fault": name, **params})

    def clear(self) -> None:
        self._admin("DELETE", "faults")

    def state(self) -> dict[str, Any]:
        return dict(self._admin("GET", "state"))

    def writes(self) -> list[str]:
        """The methods of every write that reached ARM, in order."""
        requests = self._admin("GET", "requests")["requests"]
        return [one["method"] for one in requests if one["method"] not in ("GET", "HEAD")]

    def weights(self) -> dict[str, int]:
        """What the ingress really obeys."""
        routed = self.state()["apps"][0]["routed"]
        return {one["revisionName"].partition("--")[2]: one["weight"] for one in routed}

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.addresses['admin_token']}"}
        answer = httpx.request(
            method, f"{self.addresses['admin']}/{path}", json=body, headers=headers, trust_env=False
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None


def run_cli(*arguments: str, **environment: str) -> Told:
    """One command without a terminal."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    cwd = surroundings["HOME"]
    told = subprocess.run(
        [*PROGRAM, *arguments],
        env=surroundings,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in told.stderr, told.stderr
    return Told(told.returncode, told.stdout, told.stderr)


def call(*arguments: str) -> Told:
    """One command within this process; what it raises is the test's failure."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(list(arguments))
    return Told(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def rehearsal(folder: Path, scenario: str = "bad-image", speed: float = 50) -> Iterator[Rehearsal]:
    """A stage until the block ends."""
    config = folder / "rollback.toml"
    stage = subprocess.Popen(
        [*PROGRAM, "simulator", "--write-config", str(config), "--scenario", scenario, "--speed", str(speed)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert stage.stdout is not None
        yield Rehearsal(config, json.loads(stage.stdout.readline()))
    finally:
        stage.terminate()
        stage.communicate(timeout=20)


def eventually(look: Callable[[], T | None], what: str | Callable[[], str], patience_s: float = PATIENCE_S) -> T:
    """What `look` finds, as soon as it finds anything; a failure that says `what` was never found."""
    ends = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < ends, f"never: {what if isinstance(what, str) else what()}"
        time.sleep(0.02)
