"""Azure Monitor: the share of 429s of the model's account, or the newest number of any metric. It is minutes late."""

from __future__ import annotations

import math
from datetime import timedelta

from console.azure.metric_reader import MetricReader, Newest
from console.clock import Clock
from console.config.settings import TargetSettings
from console.config.signal_settings import SignalSettings
from console.domain.signal import Trigger
from console.signals.sources.polled import Polled
from console.signals.sources.source import Measured, Tools, Watched

EVERY_S = 60.0
WITHIN_S = 25.0
OLDEST = timedelta(minutes=15)


class Throttled:
    """Percent of 429s among the calls that the account answered, by Azure's count."""

    counted = True
    within_s = WITHIN_S

    def __init__(self, reader: MetricReader, account: str, window_s: float, every_s: float, clock: Clock) -> None:
        self._reader, self._account, self._clock, self.every_s = reader, account, clock, every_s
        self._minutes = max(1, math.ceil(window_s / 60))

    async def read(self) -> Measured:
        return _measured(await self._reader.throttled(self._account, self._minutes), self._clock)

    async def close(self) -> None:
        """Its connections are those to Azure."""


class Metric:
    """The newest minute of a metric that has a number."""

    counted = False
    within_s = WITHIN_S

    def __init__(self, reader: MetricReader, signal: SignalSettings, every_s: float, clock: Clock) -> None:
        self._reader, self._signal, self._clock, self.every_s = reader, signal, clock, every_s

    async def read(self) -> Measured:
        signal = self._signal
        newest = await self._reader.newest(signal.resource or "", signal.metric or "", signal.aggregation)
        return _measured(newest, self._clock)

    async def close(self) -> None:
        """Its connections are those to Azure."""


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    reader = MetricReader(tools.settings.azure, tools.credential, tools.arm, tools.clock)
    every_s = signal.every_s or EVERY_S
    if signal.metric is not None:
        chosen = signal if signal.resource else signal.model_copy(update={"resource": _account(tools.settings)})
        return Polled(signal, trigger, Metric(reader, chosen, every_s, tools.clock), tools.clock)
    source = Throttled(reader, _account(tools.settings), trigger.for_s, every_s, tools.clock)
    return Polled(signal, trigger, source, tools.clock)


def _account(settings: TargetSettings) -> str:
    """The resource id of the model's account."""
    if settings.model is None:
        raise ValueError("no model is configured")
    group = settings.model.resource_group or settings.azure.resource_group
    return (
        f"/subscriptions/{settings.azure.subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.CognitiveServices/accounts/{settings.model.account}"
    )


def _measured(newest: Newest, clock: Clock) -> Measured:
    now = clock.now()
    if newest.at is None or now - newest.at > OLDEST:
        minutes = OLDEST.total_seconds() / 60
        return Measured(newest.at or now, None, 0, f"Azure Monitor counted nothing in the last {minutes:.0f} minutes")
    detail = f"of {newest.at:%H:%M}Z: Azure Monitor is minutes late"
    return Measured(newest.at, newest.value, newest.count, detail)
