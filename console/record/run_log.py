"""The run log of one target: appended, synced, and spilled elsewhere rather than lost."""

from __future__ import annotations

import contextlib
import heapq
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from console.clock import Clock
from console.domain.good import History, Mark
from console.domain.run import Event, Kind, Run, fold
from console.record.database import Database, RecordError, open_or_set_aside
from console.record.place import is_private, spill_path

T = TypeVar("T")


class RunLog:
    """Events of every run on one target, marks, and what carried traffic.

    Where `path` cannot be written the log spills to a private folder below the temporary one; `note` says so.
    Raises RecordError where neither can be written.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._path = path
        self._stores: list[Database] = []
        self.note = ""
        try:
            primary, self.note = open_or_set_aside(path, clock.now())
            self._stores.append(primary)
        except RecordError as error:
            self._spill(error)
        self._join_spill()

    @property
    def path(self) -> Path:
        """The file that is written now."""
        return self._stores[0].path

    def prepare(self, target: str) -> int:
        """Begins a run that nobody has confirmed yet; its number."""

        self._join_spill()
        highest = max(_highest(store) for store in self._stores)

        def insert(store: Database) -> int:
            with store.transaction() as connection:
                query = "INSERT INTO runs (id, at) SELECT max(coalesce(max(id), 0), ?) + 1, ? FROM runs"
                row = connection.execute(query, (highest, _text(self._clock.now())))
                run = int(cast(int, row.lastrowid))
                self._insert(
                    connection.execute, Event(run, Kind.PREPARED, self._clock.now(), body={"target": target})
                )
                return run

        return self._write(insert)

    def append(self, run: int, kind: Kind, step: int | None = None, **body: Any) -> Event:
        """Appends one fact; it is on disk when this returns. Raises RecordError where it could not be kept."""
        event = Event(run, kind, self._clock.now(), step, body)

        def insert(store: Database) -> Event:
            with store.transaction() as connection:
                self._insert(connection.execute, event)
            return event

        return self._write(insert)

    def append_if(
        self, holds: Callable[[tuple[Event, ...]], bool], run: int, kind: Kind, step: int | None = None, **body: Any
    ) -> bool:
        """Appends one fact if `holds` for the run's events so far, of which none can be added in between."""
        event = Event(run, kind, self._clock.now(), step, body)

        def insert(store: Database) -> bool:
            with store.transaction() as connection:
                held = holds(self.events(run))
                if held:
                    self._insert(connection.execute, event)
                return held

        return self._write(insert)

    def transact(self, action: Callable[[Callable[..., Any]], T]) -> T:
        """Runs `action(execute)` inside one synced write transaction."""

        def run(store: Database) -> T:
            with store.transaction() as connection:
                return action(connection.execute)

        return self._write(run)

    def insert(self, execute: Callable[..., Any], event: Event) -> None:
        """Inserts an event inside somebody else's transaction."""
        self._insert(execute, event)

    def events(self, run: int) -> tuple[Event, ...]:
        """Every event of a run, in the order in which they were appended, whatever the machine's clock did."""
        self._join_spill()
        query = "SELECT seq, run, kind, at, step, body FROM events WHERE run = ? ORDER BY seq"
        found = [
            [event for row in store.rows(query, (run,)) if (event := _event(row)) is not None]
            for store in self._in_order()
        ]
        return tuple(heapq.merge(*found, key=lambda event: event.at))

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """What a query finds in every file of this record."""
        return [row for store in self._stores for row in store.rows(query, values)]

    def run(self, run: int) -> Run | None:
        """The run as it stands, or None where there is no such run."""
        return fold(self.events(run))

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        """The newest confirmed runs, newest first."""
        self._join_spill()
        query = "SELECT DISTINCT run FROM events WHERE kind = ? ORDER BY run DESC LIMIT ?"
        numbers = {
            int(cast(int, row[0])) for store in self._stores for row in store.rows(query, (Kind.CONFIRMED, limit))
        }
        told = (self.run(number) for number in sorted(numbers, reverse=True)[:limit])
        return tuple(run for run in told if run is not None)

    def mark(self, version: str, good: bool, by: str, reason: str = "", at: datetime | None = None) -> None:
        """Says of a version that it is good or bad."""
        values = (version, int(good), by, _text(at or self._clock.now()), reason)
        self.transact(
            lambda execute: execute("INSERT INTO marks (version, good, by, at, reason) VALUES (?,?,?,?,?)", values)
        )

    def saw_carrying(self, versions: tuple[str, ...]) -> None:
        """Notes that these versions carry traffic now."""
        at = _text(self._clock.now())

        def insert(execute: Callable[..., Any]) -> None:
            for version in versions:
                execute("INSERT INTO carried (version, at) VALUES (?, ?)", (version, at))

        self.transact(insert)

    def history(self) -> History:
        """The newest mark of each version, and when each was last seen carrying traffic."""
        self._join_spill()
        marks: dict[str, Mark] = {}
        carried: dict[str, datetime] = {}
        for store in self._in_order():
            for version, mark in _marks(store).items():
                if version not in marks or mark.at >= marks[version].at:
                    marks[version] = mark
            for row in store.rows("SELECT version, max(at) FROM carried GROUP BY version"):
                version, at = cast(tuple[str, str], row)
                carried[version] = max(_time(at), carried.get(version, _time(at)))
        return History(marks, carried)

    def wrote_at(self, limit: int = 200) -> tuple[datetime, ...]:
        """When this console meant to write, newest first."""
        query = "SELECT at FROM events WHERE kind = ? ORDER BY seq DESC LIMIT ?"
        return tuple(_time(str(row[0])) for row in self.rows(query, (str(Kind.INTENT), limit)))

    def close(self) -> None:
        for store in self._stores:
            store.close()

    def _write(self, action: Callable[[Database], T]) -> T:
        try:
            return action(self._stores[0])
        except RecordError as error:
            if self._stores[0].path != self._path:
                raise
            self._spill(error)
            return action(self._stores[0])

    def _spill(self, error: RecordError) -> None:
        """Writes elsewhere from now on. Raises the first error where that fails too."""
        elsewhere = spill_path(self._path)
        if not is_private(elsewhere.parent):
            raise error
        try:
            store, _ = open_or_set_aside(elsewhere, self._clock.now())
        except RecordError:
            raise error from None
        self._continue_numbers(store)
        self._stores.insert(0, store)
        self.note = f"{error.sentence}; recording to {elsewhere} instead"

    def _continue_numbers(self, store: Database) -> None:
        """Numbers of runs go on where the unwritable log stopped, as far as it can still be read."""
        highest = _highest(self._stores[0]) if self._stores else 0
        with store.transaction() as connection:
            if connection.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()[0] < highest:
                connection.execute("INSERT INTO runs (id, at) VALUES (?, ?)", (highest, _text(self._clock.now())))

    def _join_spill(self) -> None:
        """Reads along what this run or an earlier one, in this process or another, had to spill."""
        elsewhere = spill_path(self._path)
        alone = len(self._stores) == 1 and self._stores[0].path == self._path != elsewhere
        if alone and elsewhere.exists() and is_private(elsewhere.parent):
            with contextlib.suppress(RecordError):
                self._stores.append(Database(elsewhere))

    def _in_order(self) -> list[Database]:
        """The files, the one that was meant first: what had to be spilled came after it."""
        return sorted(self._stores, key=lambda store: store.path != self._path)

    def _insert(self, execute: Callable[..., Any], event: Event) -> None:
        body = json.dumps(dict(event.body), ensure_ascii=False, default=str)
        execute(
            "INSERT INTO events (run, kind, at, step, body) VALUES (?, ?, ?, ?, ?)",
            (event.run, str(event.kind), _text(event.at), event.step, body),
        )


def _highest(store: Database) -> int:
    """The highest number that a run has in `store`; 0 where it cannot be read."""
    with contextlib.suppress(RecordError):
        return int(cast(int, store.rows("SELECT coalesce(max(id), 0) FROM runs")[0][0]))
    return 0


def _marks(store: Database) -> dict[str, Mark]:
    """The newest mark of each version in one file."""
    marks: dict[str, Mark] = {}
    for row in store.rows("SELECT version, good, by, at, reason FROM marks ORDER BY seq"):
        version, good, by, at, reason = cast(tuple[str, int, str, str, str], row)
        marks[version] = Mark(version, bool(good), by, _time(at), reason)
    return marks


def _event(row: tuple[object, ...]) -> Event | None:
    """The fact in a row; None for one that a newer console wrote or a fault garbled, which must not hide the rest."""
    seq, run, kind, at, step, body = cast(tuple[int, int, str, str, int | None, str], row)
    try:
        content = json.loads(body)
        return Event(run, Kind(kind), _time(at), step, content if isinstance(content, dict) else {}, seq)
    except (ValueError, TypeError):
        return None


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
