"""The probe's recent samples, and the readings made of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.config.settings import TargetSettings
from console.domain.golden import GoldenResult
from console.domain.signal import Sample, SignalReading, SignalState, read_share

KEPT = 4000


class Window:
    """Samples in the order in which they came; the oldest fall out."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=KEPT)

    def add(self, sample: Sample) -> None:
        self._samples.append(sample)

    @property
    def samples(self) -> Sequence[Sample]:
        return tuple(self._samples)

    def since(self, at: datetime) -> tuple[Sample, ...]:
        return tuple(sample for sample in self._samples if sample.at >= at)


def readings(settings: TargetSettings, window: Window, now: datetime) -> tuple[SignalReading, ...]:
    """Every configured signal, judged by its trigger."""
    return tuple(
        read_share(signal.name, signal.unit, window.samples, settings.trigger(signal.name), now, signal.source)
        for signal in settings.signals
    )


class ProbeSignals:
    """The signals of a target that has none but the probe's, each with the moment since when it is breached."""

    golden: GoldenResult | None = None

    def __init__(self, settings: TargetSettings, window: Window) -> None:
        self._settings, self._window = settings, window
        self._since: dict[str, datetime] = {}

    async def run(self) -> None:
        """The window is filled by whoever probes."""

    async def once(self) -> None:
        """The window is filled by whoever probes."""

    def readings(self, now: datetime) -> tuple[SignalReading, ...]:
        """Every signal as it is now."""
        found = readings(self._settings, self._window, now)
        for reading in found:
            if reading.state is SignalState.BREACHED:
                self._since.setdefault(reading.name, now)
            elif reading.state is SignalState.OK:
                self._since.pop(reading.name, None)
        return tuple(replace(reading, since=self._since.get(reading.name)) for reading in found)

    async def measure(self, name: str) -> SignalReading | None:
        """The probe's own samples are judged by whoever takes them."""
        return None
