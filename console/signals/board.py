"""Every signal of a target side by side, each from its own source at its own pace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.code import Revision
from console.domain.golden import GoldenResult
from console.domain.signal import SignalReading, SignalState
from console.signals.exams import Exams
from console.signals.sources import watch
from console.signals.sources.source import Tools, Watched

ONCE_S = 15.0


class Board:
    """What every signal is now. A breach is remembered until the signal is ok again: silence does not end it."""

    def __init__(self, watched: Sequence[Watched], exams: Exams, clock: Clock) -> None:
        self._watched, self._exams, self._clock = tuple(watched), exams, clock
        self._since: dict[str, datetime] = {}

    @property
    def golden(self) -> GoldenResult | None:
        """The newest result of the golden questions put to the service."""
        return self._exams.newest

    async def run(self) -> None:
        """Reads every source for ever, each at its own pace; whoever runs it ends it."""
        await asyncio.gather(*(one.run() for one in self._watched))

    async def once(self, within_s: float = ONCE_S) -> None:
        """Reads every source one time, side by side. Never raises.

        Whoever wants to be rescued is not kept waiting: a source that has not told in time, such as an exam of slow
        answers, is left as it was.
        """
        tasks = [asyncio.create_task(one.once()) for one in self._watched]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def readings(self, now: datetime) -> tuple[SignalReading, ...]:
        """Every signal as it is now, in the configuration's order."""
        return tuple(self._told(one.reading(now), now) for one in self._watched)

    async def measure(self, name: str) -> SignalReading | None:
        """Reads one signal now; None for the probe's, whose samples are judged by whoever takes them."""
        found = next((one for one in self._watched if one.name == name), None)
        return await found.measure() if found is not None else None

    async def examine(self, revision: Revision | None) -> GoldenResult | None:
        """The golden questions, put to a revision or to the service; None where there are none. Never raises."""
        return await self._exams.examine(revision)

    async def close(self) -> None:
        for one in self._watched:
            await one.close()

    def _told(self, reading: SignalReading, now: datetime) -> SignalReading:
        """With since when it is breached."""
        if reading.state is SignalState.BREACHED:
            self._since.setdefault(reading.name, reading.since or now)
        elif reading.state is SignalState.OK:
            self._since.pop(reading.name, None)
        return replace(reading, since=self._since.get(reading.name))


def open_board(tools: Tools) -> Board:
    """The board of one target, every signal at its source. Reads nothing yet."""
    settings: TargetSettings = tools.settings
    watched = [watch(tools, signal, settings.trigger(signal.name)) for signal in settings.signals]
    return Board(watched, tools.exams, tools.clock)
