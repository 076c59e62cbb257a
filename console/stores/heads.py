"""The head of a migrated database, its rows, and the one transaction that takes it down again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from console.config.layer_settings import SchemaSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.domain.schema import Migration
from console.stores import blockers
from console.stores.store import Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

COUNT_S = 5.0

Counts = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What the database says of itself; `at` and `by` where a query for them is configured."""

    heads: tuple[str, ...]
    at: datetime | None = None
    by: str = ""
    unread: str = ""


class Heads:
    """Reads; each method raises Failure but `counts`, which gives None for what cannot be counted."""

    def __init__(self, store: Store, settings: SchemaSettings) -> None:
        self._store, self._settings = store, settings

    async def head(self) -> Head:
        """The head or heads now, in their order."""
        heads = await self._store.read(lambda connection: heads_of(connection, self._settings.current))
        if self._settings.changed is None:
            return Head(heads)
        try:
            at, by = await self._store.read(lambda connection: _changed(connection, self._settings.changed or ""))
        except Failure as failure:
            return Head(heads, unread=failure.sentence)
        return Head(heads, at, by)

    async def migrations(self, query: str) -> tuple[Migration, ...]:
        """The history by a configured query: revision, down, title, applied_at, as many of them as it gives."""
        return await self._store.read(lambda connection: _history(connection, query))

    async def counts(self) -> Counts:
        """How many rows each configured table has, each in a short transaction of its own."""
        return tuple([(table, await self._count(table)) for table in self._settings.counts])

    async def holders(self, tables: Sequence[str]) -> tuple[blockers.Blocker, ...]:
        """Who holds locks of `tables` now; nobody where it cannot be asked."""
        try:
            return await self._store.read(lambda connection: blockers.holders(connection, tables))
        except Failure:
            return ()

    async def _count(self, table: str) -> int | None:
        try:
            return await self._store.read(lambda connection: _rows(connection, table), COUNT_S)
        except Failure:
            return None


class Down:
    """Runs a down script. It is built where writing is allowed, and nowhere else."""

    def __init__(self, store: Store, settings: SchemaSettings) -> None:
        self._store, self._settings = store, settings

    async def run(self, statements: Sequence[str], expects: str, leaves: str, tables: Sequence[str]) -> None:
        """All of it in one transaction, or nothing: the head is `expects` before and `leaves` after.

        Raises Failure, of kind UNKNOWN only where the connection was lost while committing.
        """

        def transact(connection: Connection) -> None:
            self._guard(connection, expects, "was", "nothing was run")
            plain = connection.execution_options(no_parameters=True)
            for statement in statements:
                plain.exec_driver_sql(statement)
            self._guard(connection, leaves, "would be", "all of it was rolled back")

        try:
            await self._store.write(transact, self._settings.lock_s, self._settings.statement_s)
        except Failure as failure:
            raise await blockers.named(self._store, failure, tables) from failure

    def _guard(self, connection: Connection, wanted: str, verb: str, outcome: str) -> None:
        found = heads_of(connection, self._settings.current)
        if found != (wanted,):
            shown = ", ".join(found) or "nothing"
            raise Failure(FailureKind.CONFLICT, f"the head {verb} {shown} instead of {wanted}: {outcome}")


def heads_of(connection: Connection, query: str) -> tuple[str, ...]:
    """Every head that `query` gives, in order."""
    return tuple(sorted(clean(str(row[0]), 100) for row in connection.exec_driver_sql(query) if row[0] is not None))


def _changed(connection: Connection, query: str) -> tuple[datetime | None, str]:
    row = connection.exec_driver_sql(query).first()
    if row is None:
        return None, ""
    return when(row[0]), clean(str(row[1]), 100) if len(row) > 1 and row[1] is not None else ""


def _history(connection: Connection, query: str) -> tuple[Migration, ...]:
    rows = [tuple(row) for row in connection.exec_driver_sql(query)]
    return tuple(_migration((*row, None, None, None)) for row in rows if row and row[0] is not None)


def _migration(row: Sequence[Any]) -> Migration:
    down = clean(str(row[1]), 100) if row[1] not in (None, "") else None
    return Migration(clean(str(row[0]), 100), down, clean(str(row[2] or ""), 200), when(row[3]))


def _rows(connection: Connection, table: str) -> int:
    quote = connection.dialect.identifier_preparer.quote_identifier
    name = ".".join(quote(part) for part in table.split("."))
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())


def when(value: Any) -> datetime | None:
    """A time as a database gives it: a datetime, text, or seconds; UTC where no zone is said."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
