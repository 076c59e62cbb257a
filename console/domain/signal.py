"""Signals and the triggers on them: numbers over time, with their source and age."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# So many samples in a row that reached nothing are not put down to the service.
LOST = 5
LOST_S = 60.0


class SignalState(StrEnum):
    """No data is never ok."""

    OK = "ok"
    BREACHED = "breached"
    NO_DATA = "no data"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer, or none. `status` is None where nothing answered; `latency_s` in seconds.

    `reached` is false where nothing took the connection at all: then it may be our own network that is cut.
    """

    at: datetime
    status: int | None
    revision: str | None = None
    latency_s: float = 0.0
    error: str | None = None
    reached: bool = True

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
    """A threshold on a signal: breached when over (or under) it for `for_s` seconds and `min_count` samples.

    With neither limit nothing is ever breached: the number is only shown.
    """

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
    def judges(self) -> bool:
        """Whether it has any limit."""
        return self.above is not None or self.below is not None

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


def counted(samples: Iterable[Sample]) -> list[Sample]:
    """The samples that say something of the service.

    Several in a row that reached nothing say no more than that it could not be asked from here: those are left out.
    """
    found: list[Sample] = []
    lost: list[Sample] = []
    for sample in samples:
        if not sample.reached:
            lost.append(sample)
            continue
        found += [*(lost if len(lost) < LOST else ()), sample]
        lost = []
    return found + (lost if len(lost) < LOST else [])


def lost_since(samples: Sequence[Sample]) -> datetime | None:
    """Since when nothing has been reached from here; None where something was."""
    index = len(samples)
    while index and not samples[index - 1].reached:
        index -= 1
    return samples[index].at if len(samples) - index >= LOST else None


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
    first = now - timedelta(seconds=2 * trigger.for_s + LOST_S)
    samples = samples[bisect_left(samples, first, key=lambda sample: sample.at) :] or samples[-1:]
    saying = counted(samples)
    recent = within(saying, now, trigger.for_s)
    value, count = failure_share(recent)
    at = recent[-1].at if recent else (samples[-1].at if samples else None)
    state, detail = _judge(within(samples, now, trigger.for_s), value, count, trigger)
    since = lost_since(samples)
    if since is not None and state is not SignalState.BREACHED and samples[-1].at >= now - timedelta(seconds=LOST_S):
        error = f": {samples[-1].error}" if samples[-1].error else ""
        state, detail = (
            SignalState.ERROR,
            f"nothing answered from here for {(now - since).total_seconds():.0f} s{error}",
        )
    return SignalReading(name, source, unit, value, count, at, state, trigger, _history(saying, now, trigger), detail)


def _judge(recent: Sequence[Sample], value: float | None, count: int, trigger: Trigger) -> tuple[SignalState, str]:
    if not recent:
        return SignalState.NO_DATA, "no samples yet"
    if not any(sample.answered for sample in recent):
        return SignalState.ERROR, recent[-1].error or "nothing answered"
    if value is None or count < trigger.min_count:
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
