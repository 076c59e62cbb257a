"""Reads Azure Monitor's newest numbers, which are minutes late and dated by Azure's clock.

https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from azure.core.credentials_async import AsyncTokenCredential

from console.azure.arm import Arm
from console.azure.metrics import VERSION, account_429_share
from console.azure.shapes import moment
from console.clock import Clock
from console.config.settings import AzureSettings

LOOK_BACK = timedelta(minutes=20)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest number, by this machine's clock: `at` is when its minute began, None where nothing was counted."""

    value: float | None
    count: int
    at: datetime | None


class MetricReader:
    """Unable to write. Every method raises Failure."""

    def __init__(
        self, settings: AzureSettings, credential: AsyncTokenCredential, http: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._arm, self._clock = Arm(settings, credential, http, clock), clock
        self._ahead = timedelta()

    async def throttled(self, account: str, minutes: int) -> Newest:
        """Percent of an account's calls that were answered with 429, over its newest minutes that had any."""
        body = await self._read(account, "AzureOpenAIRequests", "Total", "StatusCode eq '*'")
        newest = max((at for at, _ in _points(body, "total") if at is not None), default=None)
        if newest is None:
            return Newest(None, 0, None)
        value, count = account_429_share(body, newest - (minutes - 1) * MINUTE)
        return Newest(value, count, newest - self._ahead)

    async def newest(self, resource: str, metric: str, aggregation: str) -> Newest:
        """The newest minute of one metric that has a number."""
        body = await self._read(resource, metric, aggregation)
        found = [(at, value) for at, value in _points(body, aggregation.lower(), zero=True) if at is not None]
        if not found:
            return Newest(None, 0, None)
        at, value = max(found)
        return Newest(value, 1, at - self._ahead)

    async def _read(
        self, resource: str, metric: str, aggregation: str, condition: str | None = None
    ) -> Mapping[str, Any]:
        until = self._clock.now().astimezone(UTC) + self._ahead
        query = {
            "metricnames": metric,
            "interval": "PT1M",
            "aggregation": aggregation,
            "timespan": f"{until - LOOK_BACK:%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}",
            **({"$filter": condition} if condition else {}),
        }
        path = f"{quote(resource.rstrip('/'))}/providers/microsoft.insights/metrics"
        answer = await self._arm.get(path, VERSION, f"the metric {metric}", query)
        if answer.date is not None:
            self._ahead = answer.date - self._clock.now()
        return answer.body


def _points(body: Mapping[str, Any], key: str, zero: bool = False) -> Iterator[tuple[datetime | None, float]]:
    """Each minute's number in every series; minutes in which nothing was counted only where zero is a number too."""
    for metric in body.get("value") or ():
        for series in metric.get("timeseries") or ():
            for point in series.get("data") or ():
                value = point.get(key)
                if isinstance(value, int | float) and (value or zero):
                    yield moment(point.get("timeStamp")), float(value)
