"""The probe: the share of its requests that failed, from the window of its samples."""

from __future__ import annotations

from datetime import datetime

from console.config.signal_settings import SignalSettings
from console.domain.signal import SignalReading, Trigger, read_share
from console.signals.sources.source import Tools, Watched
from console.signals.window import Window


class Probed:
    """Judges the samples that whoever probes puts into the window."""

    def __init__(self, signal: SignalSettings, trigger: Trigger, window: Window) -> None:
        self.name = signal.name
        self._signal, self._trigger, self._window = signal, trigger, window

    async def run(self) -> None:
        """The window is filled by whoever probes."""

    async def once(self) -> None:
        """The window is filled by whoever probes."""

    async def measure(self) -> SignalReading | None:
        """The samples are judged by whoever takes them."""
        return None

    def reading(self, now: datetime) -> SignalReading:
        signal = self._signal
        return read_share(signal.name, signal.unit, self._window.samples, self._trigger, now, signal.source)

    async def close(self) -> None:
        """Nothing is open."""


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    return Probed(signal, trigger, tools.window)
