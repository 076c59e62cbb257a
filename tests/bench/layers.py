"""What reading all layers at once costs beside the slowest of them, and beside the az commands that show the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from statistics import median

import httpx

from console.clock import SystemClock
from console.config import load
from console.observe import Observer
from console.target import open_clients
from tests.bench.figure import Figure, of
from tests.bench.stage import Stage

LATENCY_S = 0.2


def snapshot(stage: Stage, runs: int) -> Iterator[Figure]:
    """One reading of every layer, warm, against each layer's own reading alone; Azure answers after 0.2 s."""
    slow = {"fault": "latency", "seconds": LATENCY_S}
    headers = {"Authorization": f"Bearer {stage.addresses['admin_token']}"}
    httpx.post(f"{stage.addresses['admin']}/faults", headers=headers, json=slow).raise_for_status()
    ratios, slowest = asyncio.run(_compared(stage, runs))
    yield of("one snapshot of all layers", "x its slowest read", ratios, 1.2)
    yield of("the slowest read of a layer", "s", slowest)


async def _compared(stage: Stage, runs: int) -> tuple[list[float], list[float]]:
    name, settings = next(iter(load(stage.config).targets.items()))
    clock = SystemClock()
    clients = open_clients(settings, clock, writing=False, name=name)
    try:
        assert clients.signals is not None
        signals, window = clients.signals, clients.window
        observer = Observer(
            name, settings, clients.reader, clients.prober, None, clock, clients.doors, signals, window
        )
        await observer.once()
        ratios, slowest = [], []
        for _ in range(runs):
            state = await clients.reader.code_state()
            alone = [await _took(partial(door.observe, state)) for door in clients.doors.values()]
            alone.append(await _took(clients.reader.code_state))
            whole = median([await _took(observer.once) for _ in range(3)])
            ratios.append(whole / max(alone))
            slowest.append(max(alone))
        return ratios, slowest
    finally:
        await clients.close()


async def _took(action: Callable[[], Awaitable[object]]) -> float:
    started = time.monotonic()
    await action()
    return time.monotonic() - started
