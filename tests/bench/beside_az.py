"""The console beside the real `az`, where both do the same job against the same stage over TLS."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.az.second_client import AZ, V41, V42, Stage, staged
from tests.bench.figure import Figure, of


def figures(runs: int) -> Iterator[Figure]:
    """`status --json` against `revision list`, a shift with and without proof; nothing where az is missing."""
    if AZ is None:
        return
    with tempfile.TemporaryDirectory() as folder, staged("bad-image", Path(folder) / "reads") as stage:
        ours, theirs = [], []
        for _ in range(runs + 1):
            theirs.append(_taken(lambda: stage.az("revision", "list", "--all")))
            ours.append(_taken(lambda: stage.console("status")))
        yield of("az containerapp revision list --all", "s", theirs[1:])
        yield of("status --json over TLS", "s", ours[1:])
        ratio = [one / other for one, other in zip(ours[1:], theirs[1:], strict=True)]
        yield of("status --json, against az revision list", "x", ratio, 1.0, "pair by pair")
        layers = [_taken(lambda: _all_by_az(stage)) for _ in range(runs)]
        yield of("az revision, deployment and backup list, added up", "s", layers)
        against = [one / other for one, other in zip(ours[1:], layers, strict=True)]
        yield of("status --json of all layers, against those three", "x", against, 1.0)
        weights = (f"{V41}=100", f"{V42}=0")
        moved = _taken(lambda: stage.az("ingress", "traffic", "set", "--revision-weight", *weights))
        yield of("az ingress traffic set, nothing proven", "s", [moved])
    with tempfile.TemporaryDirectory() as folder, staged("bad-image", Path(folder) / "writes") as stage:
        proven = _taken(lambda: stage.console("rollback", "--to", "v41", "--yes"))
        yield of("rollback --yes, planned, proven and recovered", "s", [proven])


def _all_by_az(stage: Stage) -> None:
    """What shows the same with az, one after the other."""
    stage.az("revision", "list", "--all")
    account = ("-n", "pharmabot-openai", "-g", "pharmabot-rg")
    stage.azure("cognitiveservices", "account", "deployment", "list", *account)
    stage.azure("postgres", "flexible-server", "backup", "list", "-s", "pharmabot-db", "-g", "pharmabot-rg")


def _taken(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started
