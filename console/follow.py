"""Follows a run through the run log, as any console may, whoever started it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from console.clock import Clock
from console.domain.run import Run

PACE_S = 0.1


async def follow(read: Callable[[], Run | None], clock: Clock, until: Callable[[Run], bool]) -> AsyncIterator[Run]:
    """The run each time it has changed, until `until` holds for it."""
    last: Run | None = None
    while True:
        run = read()
        if run is not None and run != last:
            last = run
            yield run
        if run is not None and until(run):
            return
        await clock.sleep(PACE_S)
