"""10,000 versions of 500 prompts, read whole and turned into the layer's state."""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from console.clock import SystemClock
from console.layers.prompt.door import PromptDoor
from tests.bench.figure import Figure, of
from tests.stores.postgres import serving
from tests.stores.stocked import FLAG, Base, settings, sqlite, store

NAMES, VERSIONS = 500, 20
TEXT = "You are a careful pharmacist. " * 100


def figures(runs: int) -> Iterator[Figure]:
    """On SQLite, and on PostgreSQL where it starts: the first read, which connects, is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured(Base(sqlite(Path(folder))), "SQLite", runs)
    with serving(uuid.uuid4().hex) as url:
        yield from _measured(Base(url), "PostgreSQL", runs)


def _measured(base: Base, where: str, runs: int) -> Iterator[Figure]:
    base.run(FLAG)
    rows = (
        (f"prompt_{name}", version, TEXT, version == VERSIONS, f"2026-01-{version:02} 00:00:00+00:00", "ann")
        for name in range(NAMES)
        for version in range(1, VERSIONS + 1)
    )
    columns = "name, version, content, is_active, created_at, created_by"
    base.run(f"INSERT INTO system_prompts ({columns}) VALUES (?, ?, ?, ?, ?, ?)", *rows)
    values = asyncio.run(_read(base, runs))
    yield of(f"10,000 versions of 500 prompts, {where}", "s", values, 0.5)


async def _read(base: Base, runs: int) -> list[float]:
    door, values = PromptDoor(settings(base), store(base), SystemClock(), None), []
    for _ in range(runs + 1):
        started = time.monotonic()
        state = await door.observe(None)
        values.append(time.monotonic() - started)
        assert len(state.prompts) == NAMES
    await door.close()
    return values[1:]


if __name__ == "__main__":
    for figure in figures(7):
        print(figure.row())
