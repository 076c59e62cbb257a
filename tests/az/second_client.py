"""The unmodified az beside the console: a stage that speaks HTTPS, and two clients, each with its configuration."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

AZ = os.environ.get("ROLLBACK_AZ") or shutil.which("az")
WITH_AZ = pytest.mark.skipif(AZ is None, reason="az is not installed: not on PATH, and ROLLBACK_AZ names none")

V40, V41, V42 = "pharmabot--v40", "pharmabot--v41", "pharmabot--v42"
APP = ("-n", "pharmabot", "-g", "pharmabot-rg")
SPEED = 40
PATIENCE_S = 20.0
CLOUDS = """\
[Rehearsal]
endpoint_resource_manager = {arm}
endpoint_management = {arm}
endpoint_active_directory = {arm}
endpoint_active_directory_resource_id = {arm}
"""
CONFIG = """\
[cloud]
name = Rehearsal
[core]
instance_discovery = false
collect_telemetry = false
only_show_errors = true
output = json
[extension]
use_dynamic_install = no
"""


@dataclass(frozen=True)
class Stage:
    """A running stage, and the two clients that it has."""

    told: Mapping[str, str]
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What az needs to find the stage and nothing else; commands given by hand say `az`."""
        path = f"{Path(AZ or '').parent}{os.pathsep}{os.environ['PATH']}"
        own = {"AZURE_CONFIG_DIR": str(self.folder / "azure"), "REQUESTS_CA_BUNDLE": self.told["ca"], "PATH": path}
        return {**os.environ, **own}

    def az(self, *arguments: str) -> Any:
        """`az containerapp ...` on the app, and what it prints."""
        return self.azure("containerapp", *arguments, *APP)

    def azure(self, *arguments: str) -> Any:
        """`az ...`, and what it prints."""
        done = self._run([AZ or "az", *arguments])
        return json.loads(done) if done.strip() else None

    def by_hand(self, command: str) -> None:
        """A command as the console prints it, in a shell."""
        self._run(["bash", "-euo", "pipefail", "-c", command])

    def console(self, *arguments: str, ends: Sequence[int] = (0,)) -> Any:
        """`rollback-console ... --json`, and what it prints."""
        command = [sys.executable, "-m", "console", "--config", str(self.folder / "rollback.toml")]
        return json.loads(self._run([*command, *arguments, "--json"], ends))

    def state(self) -> dict[str, Any]:
        """The stage's own view of the app."""
        headers = {"Authorization": f"Bearer {self.told['admin_token']}"}
        told = httpx.get(f"{self.told['admin']}/state", headers=headers, verify=_trust(self.told["ca"])).json()
        return next(app for app in told["apps"] if app["name"] == "pharmabot")

    def settled(self) -> dict[str, Any]:
        """The app once nothing moves any more, without what differs from start to start."""
        return until(self.state, _still, _comparable)

    def _run(self, command: list[str], ends: Sequence[int] = (0,)) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode in ends, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def staged(scenario: str, folder: Path) -> Iterator[Stage]:
    """A stage with a scenario, in a process of its own, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "rollback.toml"
    command = [sys.executable, "-m", "console", "simulator", "--tls", "--scenario", scenario]
    command += ["--speed", str(SPEED), "--write-config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            config.write_text(f'state = "{folder / "state"}"\n{config.read_text()}'.replace("0.25", "0.05"))
            _prepare_az(folder / "azure", told)
            yield Stage(told, folder)
        finally:
            process.terminate()


def until(
    read: Callable[[], dict[str, Any]],
    good: Callable[[dict[str, Any]], bool],
    shown: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> dict[str, Any]:
    """What is read as soon as it is good; a failure that shows the last reading where it never is."""
    ends = time.monotonic() + PATIENCE_S
    while not good(found := read()):
        assert time.monotonic() < ends, found
        time.sleep(0.05)
    return shown(found)


def _prepare_az(folder: Path, told: Mapping[str, str]) -> None:
    """A cloud of its own and a service principal that is signed in: no login is run."""
    folder.mkdir(mode=0o700)
    (folder / "clouds.config").write_text(CLOUDS.format(arm=told["arm"]))
    (folder / "config").write_text(CONFIG)
    subscription = {
        "id": told["subscription"],
        "name": "Rehearsal",
        "state": "Enabled",
        "user": {"name": told["client_id"], "type": "servicePrincipal"},
        "isDefault": True,
        "tenantId": told["tenant"],
        "homeTenantId": told["tenant"],
        "environmentName": "Rehearsal",
        "managedByTenants": [],
    }
    profile = {"installationId": told["subscription"], "subscriptions": [subscription]}
    (folder / "azureProfile.json").write_text(json.dumps(profile))
    principal = {key: told[key] for key in ("client_id", "tenant", "client_secret")}
    entries = folder / "service_principal_entries.json"
    entries.touch(mode=0o600)
    entries.write_text(json.dumps([principal]))


def _trust(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


def _still(app: dict[str, Any]) -> bool:
    words = {one["running"] for one in app["revisions"]}
    return app["provisioning"] == "Succeeded" and not words & {"Activating", "Deprovisioning"}


def _comparable(app: dict[str, Any]) -> dict[str, Any]:
    """Without replicas, which come and go with time, creation times, and the order of entries, which means nothing.

    az cannot drop the entry for the latest revision; with a weight of 0 it carries nothing.
    """
    left_out = {"created", "replicas"}
    revisions = {
        one["name"]: {key: value for key, value in one.items() if key not in left_out} for one in app["revisions"]
    }
    latest = {"latestRevision": True, "weight": 0}
    arrays = {
        name: sorted((entry for entry in app[name] if entry != latest), key=str) for name in ("traffic", "routed")
    }
    return {**app, **arrays, "revisions": revisions}
