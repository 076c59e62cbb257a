"""Incidents in the record: opened by a person or by the first run, begun when somebody or a signal says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from console.clock import Clock
from console.domain.incident import Incident, holding
from console.record.run_log import RunLog


class Incidents:
    """The incidents of one target. Nothing is edited: a new beginning is a new row of the same incident."""

    def __init__(self, log: RunLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    def all(self) -> tuple[Incident, ...]:
        """Every incident as last told, newest first."""
        told: dict[int, Incident] = {}
        for row in self._log.rows("SELECT incident, at, began, by, source, note FROM incidents ORDER BY id"):
            number, at, began, by, source, note = cast(tuple[int, str, str, str, str, str], row)
            opened = told[number].opened_at if number in told else datetime.fromisoformat(at)
            told[number] = Incident(number, opened, datetime.fromisoformat(began), by, source, note)
        return tuple(sorted(told.values(), key=lambda incident: -incident.id))

    def current(self) -> Incident | None:
        """The incident that is under way, if there is one."""
        return holding(self.all(), self._log.runs(), self._clock.now())

    def begin(self, began: datetime, by: str, source: str, note: str = "") -> Incident:
        """Opens an incident, or gives the one under way another beginning."""
        now, current = self._clock.now(), self.current()
        number = current.id if current else max((incident.id for incident in self.all()), default=0) + 1
        values = (number, now.isoformat(), began.isoformat(), by, source, note)
        query = "INSERT INTO incidents (incident, at, began, by, source, note) VALUES (?, ?, ?, ?, ?, ?)"

        def insert(execute: Callable[..., Any]) -> None:
            execute(query, values)

        self._log.transact(insert)
        return Incident(number, current.opened_at if current else now, began, by, source, note)
