"""What every source of signals is: something that gives one number now, or says why it cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx

from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.signal import SignalReading
from console.signals.exams import Exams
from console.signals.window import Window


@dataclass(frozen=True, slots=True)
class Tools:
    """What a source may read with. `environment` resolves `env:NAME`; a `transport` carries everything."""

    settings: TargetSettings
    clock: Clock
    window: Window
    exams: Exams
    arm: httpx.AsyncClient
    credential: Any
    environment: Mapping[str, str]
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One number, and the time that it tells of. None where there is no data, and then `detail` says why."""

    at: datetime
    value: float | None
    count: int = 1
    detail: str = ""


class Source(Protocol):
    """A source that is read at a pace; 0 only on demand. `counted`: its number is a share of `count` in a window."""

    every_s: float
    within_s: float
    counted: bool

    async def read(self) -> Measured:
        """The number now. Raises Failure."""
        ...

    async def close(self) -> None: ...


class Watched(Protocol):
    """A signal at its source."""

    name: str

    async def run(self) -> None:
        """Reads it for ever, at its own pace."""
        ...

    async def once(self) -> None:
        """Reads it one time. Never raises."""
        ...

    async def measure(self) -> SignalReading | None:
        """Reads it now; None where whoever asks has the samples."""
        ...

    def reading(self, now: datetime) -> SignalReading: ...
    async def close(self) -> None: ...


def number(value: Any) -> float | None:
    """A number; None for null, NaN and infinity, which are no data. Raises ValueError for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a number")
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise ValueError("not a number") from None
    return found if math.isfinite(found) else None
