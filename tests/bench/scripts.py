"""What a script waits for."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator

import httpx

from tests.bench.figure import Figure, of
from tests.bench.stage import Stage


def status(stage: Stage, runs: int) -> Iterator[Figure]:
    """`status --json` as a whole process."""
    values = []
    for _ in range(runs + 1):
        started = time.monotonic()
        subprocess.run(stage.script("status", "--json"), env=stage.environment, check=True, capture_output=True)
        values.append(time.monotonic() - started)
    yield of("status --json", "s", values[1:], 0.46, "reach: az revision list, measured elsewhere")


def overhead(stage: Stage, runs: int) -> Iterator[Figure]:
    """What a run takes beyond Azure's own time and the probes of the proof."""
    azure_s = _bare_patch(stage)
    command = stage.script("rollback", "code", "--yes", "--json", "--to", "v41")
    told = subprocess.run(command, env=stage.environment, capture_output=True, text=True, check=True)
    run = json.loads(told.stdout)
    proof_s = run["serving_s"] - run["configured_s"]
    yield of("Azure's own time for the PATCH", "s", [azure_s])
    yield of("a verified rollback, from the confirmation", "s", [run["ended_s"]])
    yield of("what the console adds to it", "s", [run["ended_s"] - azure_s - proof_s], 0.3)


def _bare_patch(stage: Stage) -> float:
    """How long the embedded Azure takes to carry out the traffic that is there already, watched without a pause."""
    addresses = stage.addresses
    url = (
        f"{addresses['arm']}/subscriptions/{addresses['subscription']}/resourceGroups/{addresses['resource_group']}"
        f"/providers/Microsoft.App/containerApps/{addresses['container_app']}?api-version=2024-03-01"
    )
    with httpx.Client(headers={"Authorization": "Bearer rehearsal"}) as client:
        traffic = client.get(url).json()["properties"]["configuration"]["ingress"]["traffic"]
        body = {"properties": {"configuration": {"ingress": {"traffic": traffic}}}}
        started = time.monotonic()
        client.patch(url, json=body).raise_for_status()
        while client.get(url).json()["properties"]["provisioningState"] == "InProgress":
            pass
        return time.monotonic() - started
