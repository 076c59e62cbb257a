"""The past that a demo begins with: what was really observed two days ago, when all was well, and marked good."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from console.clock import Clock
from console.config.settings import TargetSettings
from console.desk import Desk
from console.domain.snapshot import Snapshot
from console.record.run_log import RunLog
from console.simulator import scenarios
from console.simulator.pharmabot import PAST
from console.simulator.settings import Account
from console.simulator.stage import LoopClock, Stage
from console.simulator.stores.reading import Stores
from console.simulator.transport import SimulatedTransport
from console.target import open_clients

BY, WHY = "the demo's history", "answered well for a day"


async def seed(name: str, settings: TargetSettings, scenario: str, began: datetime, log: Path) -> None:
    """Observes every layer of the scenario's past in memory, into the run log at `log`, and marks what served good.

    `began` is when the stage began. Raises OSError where the stores of the past cannot be made.
    """
    clock = LoopClock(began - PAST)
    record = RunLog(log, clock)
    try:
        with tempfile.TemporaryDirectory(prefix="past-") as folder:
            snapshot = await _observed(name, settings, scenario, began, record, clock, Path(folder))
        state = snapshot.code.state
        for revision in state.serving[:1] if state is not None else ():
            record.mark(revision.name, True, BY, WHY, clock.now())
    finally:
        record.close()


async def _observed(
    name: str, settings: TargetSettings, scenario: str, began: datetime, log: RunLog, clock: Clock, folder: Path
) -> Snapshot:
    account = Account(subscription=settings.azure.subscription, app_url=settings.probe.url or "")
    world = scenarios.past(scenario, account, began)
    world, stores = scenarios.furnish_past(scenario, world, folder, began)
    before = _moved(settings, stores)
    stage = Stage(world, LoopClock(began - PAST), stores)
    clients = open_clients(before, clock, writing=False, transport=SimulatedTransport(stage), name=name)
    try:
        return await Desk(name, before, clients, log, "", clock).once()
    finally:
        await clients.close()
        stores.close()


def _moved(settings: TargetSettings, stores: Stores) -> TargetSettings:
    """The settings with the stores of the past in the place of those of the present."""
    url = f"sqlite:///{stores.path}"
    changed: dict[str, Any] = {}
    for key in ("prompt", "calls", "embedding", "schema_"):
        section = getattr(settings, key)
        if section is not None and section.url is not None:
            changed[key] = section.model_copy(update={"url": url})
    if settings.prompt is not None and stores.repository is not None:
        changed["prompt"] = settings.prompt.model_copy(update={"repo": str(stores.repository.clone)})
    return settings.model_copy(update=changed)
