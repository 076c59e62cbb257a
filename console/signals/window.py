"""The probe's recent samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from console.domain.signal import Sample

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
