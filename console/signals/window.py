"""The probe's recent samples, and the readings made of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from console.config.settings import TargetSettings
from console.domain.signal import Sample, SignalReading, read_share

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
