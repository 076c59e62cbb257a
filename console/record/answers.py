"""What was answered in an incident, where that led, and what is still to do after it: append-only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from console.clock import Clock
from console.domain.incident import Answered, Care
from console.record.run_log import RunLog

_ANSWER = "INSERT INTO answers (incident, at, by, node, question, answer, note) VALUES (?, ?, ?, ?, ?, ?, ?)"
_CARE = "INSERT INTO aftercare (incident, at, by, leaf, text, done) VALUES (?, ?, ?, ?, ?, ?)"


class Answers:
    """The answers and the aftercare of one target's incidents. Nothing is edited: what is told later goes before."""

    def __init__(self, log: RunLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    def add(self, incident: int, by: str, given: Iterable[tuple[str, str, str]], note: str = "") -> None:
        """Notes answers as (node, question, answer), in one transaction. Raises RecordError."""
        at = self._clock.now().isoformat()
        rows = [(incident, at, by, node, question, answer, note) for node, question, answer in given]
        self._insert(_ANSWER, rows)

    def of(self, incident: int) -> tuple[Answered, ...]:
        """Every answer of an incident, oldest first: one that was given again stands there twice."""
        query = "SELECT at, by, node, question, answer, note FROM answers WHERE incident = ? ORDER BY seq"
        found = []
        for row in self._log.rows(query, (incident,)):
            at, by, node, question, answer, note = cast(tuple[str, str, str, str, str, str], row)
            found.append(Answered(incident, datetime.fromisoformat(at), by, node, question, answer, note))
        return tuple(sorted(found, key=lambda one: one.at))

    def open(self, incident: int, by: str, leaf: str, texts: Iterable[str]) -> None:
        """Opens a leaf's aftercare; what is known already keeps its state. Raises RecordError."""
        known = {(one.leaf, one.text) for one in self.care(incident)}
        at = self._clock.now().isoformat()
        self._insert(_CARE, [(incident, at, by, leaf, text, 0) for text in texts if (leaf, text) not in known])

    def settle(self, care: Care, by: str, done: bool) -> None:
        """Says that it was done, or that it is open again. Raises RecordError."""
        at = self._clock.now().isoformat()
        self._insert(_CARE, [(care.incident, at, by, care.leaf, care.text, int(done))])

    def care(self, incident: int) -> tuple[Care, ...]:
        """Everything to do after the leaves of an incident, as last told, numbered from 1 in the order of opening."""
        query = "SELECT at, by, leaf, text, done FROM aftercare WHERE incident = ? ORDER BY seq"
        told: dict[tuple[str, str], Care] = {}
        rows = [cast(tuple[str, str, str, str, int], row) for row in self._log.rows(query, (incident,))]
        for at, by, leaf, text, done in sorted(rows, key=lambda row: row[0]):
            number = told[leaf, text].number if (leaf, text) in told else len(told) + 1
            told[leaf, text] = Care(number, incident, leaf, text, bool(done), by, datetime.fromisoformat(at))
        return tuple(told.values())

    def _insert(self, query: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return

        def insert(execute: Callable[..., Any]) -> None:
            for row in rows:
                execute(query, row)

        self._log.transact(insert)
