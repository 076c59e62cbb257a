"""A signal that is read at a pace: its last values, and what they come to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from console.clock import Clock
from console.config.signal_settings import SignalSettings
from console.domain.failure import Failure
from console.domain.signal import SignalReading, SignalState, Trigger
from console.signals.sources.source import Measured, Source

KEPT = 500
SHOWN = 12
PACES = 3.0
LEAST_STALE_S = 15.0


class Polled:
    """Keeps what a source told. Nothing is ok that was not read, or was read too long ago."""

    def __init__(self, signal: SignalSettings, trigger: Trigger, source: Source, clock: Clock) -> None:
        self.name = signal.name
        self._signal, self._trigger, self._source, self._clock = signal, trigger, source, clock
        self._values: deque[Measured] = deque(maxlen=KEPT)
        self._last: Measured | None = None
        self._read_at: datetime | None = None
        self._error = ""
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Reads it for ever; a source without a pace is read on demand only."""
        while self._source.every_s > 0:
            await self.once()
            await self._clock.sleep(self._source.every_s)

    async def once(self) -> None:
        """Reads it one time; what goes wrong is kept as its state."""
        async with self._turn:
            self._error = await self._read()
            self._read_at = self._clock.now()

    async def measure(self) -> SignalReading:
        await self.once()
        return self.reading(self._clock.now())

    def reading(self, now: datetime) -> SignalReading:
        """What it is now, judged by its trigger."""
        last = self._last
        state, detail, since = self._judged(now)
        told = state is not SignalState.NO_DATA and last is not None and not self._error
        return SignalReading(
            self.name,
            self._signal.source,
            self._signal.unit,
            last.value if told and last else None,
            last.count if told and last else 0,
            last.at if last else None,
            state,
            self._trigger,
            tuple(one.value for one in list(self._values)[-SHOWN:] if one.value is not None),
            detail,
            since,
        )

    async def close(self) -> None:
        await self._source.close()

    async def _read(self) -> str:
        """Reads, and gives what went wrong. No source may stop the others: whatever it raises is shown."""
        try:
            async with asyncio.timeout(self._source.within_s):
                self._last = await self._source.read()
        except Failure as failure:
            return failure.sentence
        except TimeoutError:
            return f"no answer within {self._source.within_s:.0f} s"
        except Exception as error:
            return f"it cannot be read ({type(error).__name__})"
        if self._last.value is not None:
            self._values.append(self._last)
        return ""

    def _judged(self, now: datetime) -> tuple[SignalState, str, datetime | None]:
        """The state, a detail, and since when it is breached."""
        last = self._last
        if self._read_at is None:
            return SignalState.NO_DATA, "not read yet", None
        if self._error:
            return SignalState.ERROR, self._error, None
        if last is None or last.value is None:
            return SignalState.NO_DATA, (last.detail if last else "") or "no data", None
        if (age := self._stale(now)) is not None:
            was = f"{last.value:g} {self._signal.unit}".strip()
            return SignalState.NO_DATA, f"not read for {age.total_seconds():.0f} s; it was {was}", None
        if self._source.counted and last.count < self._trigger.min_count:
            return SignalState.NO_DATA, f"{last.count} of {self._trigger.min_count} calls", None
        if not self._trigger.breached_by(last.value):
            return SignalState.OK, last.detail, None
        return self._over(last)

    def _over(self, last: Measured) -> tuple[SignalState, str, datetime | None]:
        """Breached, unless it was seen within its limit less than `for_s` seconds before."""
        streak, known = _streak(self._values, self._trigger)
        lasted_s = (last.at - streak).total_seconds()
        at_once = self._source.counted or not known or self._source.every_s >= self._trigger.for_s
        if at_once or lasted_s >= self._trigger.for_s:
            return SignalState.BREACHED, last.detail, streak
        return SignalState.OK, f"over its limit for {lasted_s:.0f} of {self._trigger.for_s:.0f} s", None

    def _stale(self, now: datetime) -> timedelta | None:
        """How old the last reading is, where that is too old."""
        if self._read_at is None:
            return None
        age = now - self._read_at
        bound_s = max(PACES * self._source.every_s, LEAST_STALE_S)
        return age if self._source.every_s and age > timedelta(seconds=bound_s) else None


def _streak(values: Sequence[Measured], trigger: Trigger) -> tuple[datetime, bool]:
    """Since when every value has been over the limit, and whether one before that was not."""
    since = values[-1].at
    for one in reversed(values):
        if one.value is not None and not trigger.breached_by(one.value):
            return since, True
        since = one.at
    return since, False
