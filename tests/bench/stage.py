"""The embedded Azure that every measurement runs against, at Azure's own pace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from tests.terminal.demo import COMMAND, environment


class Stage:
    """A simulator process with its own state folder; `command` runs the console against it."""

    def __init__(self, folder: Path, scenario: str = "bad-image") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "rollback.toml"
        self.environment = environment(folder)
        arguments = ["simulator", "--write-config", str(self.config), "--scenario", scenario]
        self._process = subprocess.Popen(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=self.environment, cwd=folder
        )

    def __enter__(self) -> Stage:
        assert self._process.stdout is not None
        self.addresses: dict[str, str] = json.loads(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def command(self, *arguments: str) -> list[str]:
        return [*COMMAND, "--config", str(self.config), *arguments]

    def script(self, *arguments: str) -> list[str]:
        """The installed command itself, as a script calls it."""
        installed = Path(sys.executable).with_name("rollback-console")
        first = [str(installed)] if os.access(installed, os.X_OK) else list(COMMAND)
        return [*first, "--config", str(self.config), *arguments]

    def requests(self) -> list[dict[str, Any]]:
        """Every request that the resource manager received."""
        told = httpx.get(
            f"{self.addresses['admin']}/requests",
            headers={"Authorization": f"Bearer {self.addresses['admin_token']}"},
        )
        found: list[dict[str, Any]] = told.json()["requests"]
        return found
