"""The service's own log of its calls: the share that failed, or one number by a query of the team's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from console.clock import Clock
from console.config.signal_settings import SignalSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.domain.signal import Trigger
from console.signals.sources.polled import Polled
from console.signals.sources.source import Measured, Tools, Watched, number
from console.stores.calls import CallLog
from console.stores.entra import token_of
from console.stores.store import Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

EVERY_S = 15.0
WHAT = "the call log"


class FailedCalls:
    """Percent of the calls within the trigger's window whose status is 500 or more."""

    counted = True
    within_s = 20.0

    def __init__(self, log: CallLog, window_s: float, every_s: float, clock: Clock) -> None:
        self._log, self._clock = log, clock
        self._window, self.every_s = timedelta(seconds=window_s), every_s

    async def read(self) -> Measured:
        at = self._clock.now()
        share, count = await self._log.status_share(at - self._window)
        if share is None:
            return Measured(at, None, 0, f"no calls in the last {self._window.total_seconds():.0f} s")
        return Measured(at, share, count)

    async def close(self) -> None:
        await self._log.close()


class QueriedCalls:
    """What the team's own query gives: one row with one number."""

    counted = False
    within_s = 20.0

    def __init__(self, store: Store, query: str, every_s: float, clock: Clock) -> None:
        self._store, self._query, self._clock = store, query, clock
        self.every_s = every_s

    async def read(self) -> Measured:
        at = self._clock.now()
        rows = await self._store.read(self._asked)
        if not rows:
            return Measured(at, None, 0, "the query gives no row")
        if len(rows) > 1 or len(rows[0]) != 1:
            raise Failure(FailureKind.REJECTED, f"{WHAT}: the query must give one number")
        value = rows[0][0]
        try:
            found = number(float(value) if _decimal(value) else value)
        except ValueError:
            sentence = f"{WHAT}: {clean(str(value), 60)} is not a number"
            raise Failure(FailureKind.REJECTED, sentence) from None
        return Measured(at, found, 1, "" if found is not None else "the query gives no number")

    async def close(self) -> None:
        await self._store.close()

    def _asked(self, connection: Connection) -> list[tuple[Any, ...]]:
        """As it is written: without parameters no driver reads a % as the beginning of one."""
        rows = connection.execution_options(no_parameters=True).exec_driver_sql(self._query)
        return [tuple(row) for row in rows.fetchmany(2)]


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    settings = tools.settings.calls
    if settings is None:
        raise ValueError("the call log is not configured")
    token = token_of(tools.credential) if settings.entra else None
    every_s, home = signal.every_s or EVERY_S, tools.settings.home
    if signal.query is not None:
        store = Store(settings, tools.environment, home, WHAT, token)
        return Polled(signal, trigger, QueriedCalls(store, signal.query, every_s, tools.clock), tools.clock)
    source = FailedCalls(CallLog(settings, tools.environment, home, token), trigger.for_s, every_s, tools.clock)
    return Polled(signal, trigger, source, tools.clock)


def _decimal(value: Any) -> bool:
    """A database's exact number."""
    return type(value).__name__ == "Decimal"
