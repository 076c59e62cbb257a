"""Signals and the triggers on them: numbers over time, with their source and age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SignalState(StrEnum):
    """No data is never ok."""

    OK = "ok"
    BREACHED = "breached"
    NO_DATA = "no data"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer, or none. `status` is None where nothing answered; `latency_s` in seconds."""

    at: datetime
    status: int | None
    revision: str | None = None
    latency_s: float = 0.0
    error: str | None = None

    @property
    def answered(self) -> bool:
        return self.status is not None

    @property
    def latency(self) -> str:
        """The latency in words."""
        return f"{self.latency_s:.1f} s" if self.latency_s >= 0.1 else f"{self.latency_s * 1000:.0f} ms"

    @property
    def failed(self) -> bool:
        """A server's fault: 5xx, or no answer at all."""
        return self.status is None or self.status >= 500


@dataclass(frozen=True, slots=True)
class Trigger:
    """A threshold on a signal: breached when over (or under) it for `for_s` seconds and `min_count` samples."""

    signal: str
    above: float | None = 5.0
    below: float | None = None
    for_s: float = 60.0
    min_count: int = 30
    severity: str = "hard"

    def breached_by(self, value: float) -> bool:
        over = self.above is not None and value > self.above
        return over or (self.below is not None and value < self.below)

    @property
    def limit(self) -> str:
        if self.above is not None:
            return f"limit {self.above:g}"
        return f"limit {self.below:g}" if self.below is not None else "no limit"


@dataclass(frozen=True, slots=True)
class SignalReading:
    """A signal's value now. `history` holds older values, oldest first; `since` is when a breach was first seen."""

    name: str
    source: str
    unit: str
    value: float | None
    count: int
    at: datetime | None
    state: SignalState
    trigger: Trigger | None = None
    history: tuple[float, ...] = ()
    detail: str = ""
    since: datetime | None = None


def failure_share(samples: Iterable[Sample]) -> tuple[float | None, int]:
    """Percent of failed samples, and how many samples there were."""
    counted = list(samples)
    if not counted:
        return None, 0
    return 100.0 * sum(sample.failed for sample in counted) / len(counted), len(counted)


def within(samples: Sequence[Sample], now: datetime, seconds: float) -> list[Sample]:
    """The samples of the last `seconds` seconds."""
    since = now - timedelta(seconds=seconds)
    return [sample for sample in samples if sample.at >= since]


def read_share(
    name: str, unit: str, samples: Sequence[Sample], trigger: Trigger, now: datetime, source: str = "probe"
) -> SignalReading:
    """The failure share over the trigger's window, judged: too few samples is no data, no answer at all an error."""
    recent = within(samples, now, trigger.for_s)
    value, count = failure_share(recent)
    at = recent[-1].at if recent else (samples[-1].at if samples else None)
    state, detail = _judge(recent, value, count, trigger)
    return SignalReading(
        name, source, unit, value, count, at, state, trigger, _history(samples, now, trigger), detail
    )


def _judge(recent: Sequence[Sample], value: float | None, count: int, trigger: Trigger) -> tuple[SignalState, str]:
    if value is None:
        return SignalState.NO_DATA, "no samples yet"
    if not any(sample.answered for sample in recent):
        return SignalState.ERROR, recent[-1].error or "nothing answered"
    if count < trigger.min_count:
        return SignalState.NO_DATA, f"{count} of {trigger.min_count} samples"
    if trigger.breached_by(value):
        return SignalState.BREACHED, ""
    return SignalState.OK, ""


def _history(samples: Sequence[Sample], now: datetime, trigger: Trigger, points: int = 6) -> tuple[float, ...]:
    """The share in `points` equal stretches of the last two windows, oldest first; empty stretches are left out."""
    span = 2 * trigger.for_s / points
    shares = []
    for index in range(points, 0, -1):
        since, until = now - timedelta(seconds=index * span), now - timedelta(seconds=(index - 1) * span)
        value, _ = failure_share(sample for sample in samples if since <= sample.at < until)
        if value is not None:
            shares.append(value)
    return tuple(shares)
