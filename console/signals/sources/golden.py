"""The golden questions: the share of them that passed, put to the service on a pace."""

from __future__ import annotations

from console.clock import Clock
from console.config.layer_settings import GoldenSettings
from console.config.signal_settings import SignalSettings
from console.domain.signal import Trigger
from console.signals.exams import Exams
from console.signals.sources.polled import Polled
from console.signals.sources.source import Measured, Tools, Watched

SLACK_S = 30.0


class Passed:
    """Percent of the answered questions that passed. With some unanswered it is still the share of the others."""

    counted = False

    def __init__(self, exams: Exams, every_s: float, within_s: float, clock: Clock) -> None:
        self._exams, self._clock = exams, clock
        self.every_s, self.within_s = every_s, within_s

    async def read(self) -> Measured:
        result = await self._exams.examine(None)
        if result is None:
            return Measured(self._clock.now(), None, 0, "no golden questions")
        if result.share is None:
            return Measured(result.at, None, 0, result.silence or "not answered")
        names = ", ".join(name for name, _ in result.failures)
        return Measured(result.at, result.share, result.asked, f"{result.words}: {names}" if names else result.words)

    async def close(self) -> None:
        """The examiner's connections are the probe's."""


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    golden = tools.settings.golden or GoldenSettings()
    pace_s = signal.every_s if signal.every_s is not None else golden.every_s
    source = Passed(tools.exams, pace_s, golden.within_s + SLACK_S, tools.clock)
    return Polled(signal, trigger, source, tools.clock)
