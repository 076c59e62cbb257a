"""Prometheus: an instant query that gives one number.

https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
Prometheus itself gives a series up to five minutes after its last sample, without saying how old that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from console.clock import Clock
from console.config.signal_settings import SignalSettings
from console.domain.signal import Trigger
from console.signals.sources.foreign import Foreign
from console.signals.sources.polled import Polled
from console.signals.sources.source import Measured, Tools, Watched, number

EVERY_S = 15.0
PATH = "/api/v1/query"
# With these come a body of the same shape and an error in it.
ERRORS = (400, 422, 503)
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Query:
    """An empty result, NaN and infinity are no data; several series are a mistake in the query."""

    counted = False
    within_s = 25.0

    def __init__(self, foreign: Foreign, query: str, every_s: float, clock: Clock) -> None:
        self._foreign, self._query, self._clock = foreign, query, clock
        self.every_s = every_s

    async def read(self) -> Measured:
        """By POST, and by GET where a proxy allows only that."""
        at, form = self._clock.now(), urlencode({"query": self._query})
        answer = await self._foreign.asked(PATH, "POST", form, FORM)
        if answer.status in (403, 404, 405, 501):
            answer = await self._foreign.asked(f"{PATH}?{form}")
        if answer.status in ERRORS:
            answer = replace(answer, status=200)
        return self._number(self._foreign.document(answer), at)

    async def close(self) -> None:
        await self._foreign.close()

    def _number(self, document: Any, at: datetime) -> Measured:
        body = document if isinstance(document, Mapping) else {}
        if body.get("status") != "success":
            raise self._foreign.failure(str(body.get("error") or "its answer is not Prometheus's"))
        data = body.get("data")
        kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, Mapping) else (None, None)
        if kind not in ("vector", "scalar") or not isinstance(result, list):
            raise self._foreign.failure(f"the query gives a {kind}: it must give one number now")
        if kind == "vector" and not result:
            return Measured(at, None, 0, "the query gives no series")
        if kind == "vector" and len(result) > 1:
            raise self._foreign.failure(f"the query gives {len(result)} series: make it give one, such as by sum()")
        pair = result[0].get("value") if kind == "vector" and isinstance(result[0], Mapping) else result
        if not isinstance(pair, list) or len(pair) != 2:
            raise self._foreign.failure("its answer is not Prometheus's")
        try:
            value = number(pair[1])
        except ValueError:
            raise self._foreign.failure(f"{pair[1]} is not a number") from None
        return Measured(at, value, 1, "" if value is not None else f"the query gives {str(pair[1])[:20]}")


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    what = f"Prometheus ({signal.name})"
    foreign = Foreign(signal.url or "", signal.headers, tools.environment, what, tools.transport)
    source = Query(foreign, signal.query or "", signal.every_s or EVERY_S, tools.clock)
    return Polled(signal, trigger, source, tools.clock)
