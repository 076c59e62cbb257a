"""The registry of embedding indexes: what it says, what the vectors' tables say, and the two writes there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from console.config.layer_settings import EmbeddingSettings
from console.domain.clean import clean
from console.domain.embedding import Index
from console.domain.failure import Failure, FailureKind
from console.stores import vectors
from console.stores.store import Store
from console.stores.values import moment, truth

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Connection
    from sqlalchemy.sql.expression import TableClause

T = TypeVar("T")

PLACE = "the registry of embedding indexes"
MOST = 100
THOROUGH_S = 30.0
DDL_LOCK_S = 3.0


class Moved(Exception):
    """The registry is not as it was shown; the transaction is rolled back."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What one transaction read. `numbers`: the registry writes 1 and 0 for true and false."""

    indexes: tuple[Index, ...]
    dialect: str
    numbers: bool


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many documents of one index another lacks, and the first of them."""

    newer: str
    older: str
    count: int
    first: tuple[str, ...] = ()


class IndexReader:
    """Reads of the registry and of the vectors; each raises Failure."""

    def __init__(self, settings: EmbeddingSettings, store: Store) -> None:
        self._settings, self._store = settings, store

    async def registry(self) -> Registry:
        """Every index, newest first, with what its table says at little cost."""
        return await self._read(lambda connection: _registry(connection, self._settings))

    async def measured(self, index: Index) -> vectors.Found:
        """What an index's table holds, looked at thoroughly."""
        return await self._read(
            lambda connection: vectors.measure(connection, self._settings, index.name, index.built_at, True)
        )

    async def lacking(self, newer: str, older: str, most: int) -> Lacking:
        """What `newer` has and `older` lacks. Raises ValueError where they cannot be compared."""
        count, first = await self._read(
            lambda connection: vectors.lacking(connection, self._settings, newer, older, most)
        )
        return Lacking(newer, older, count, first)

    async def nearest(self, index: str, asked: Sequence[Sequence[float]], most: int) -> tuple[tuple[str, ...], ...]:
        """The nearest documents of each vector. Raises ValueError where it cannot be told."""
        return await self._read(lambda connection: vectors.nearest(connection, self._settings, index, asked, most))

    async def exists(self, index: str) -> bool:
        """Whether the index's table still exists."""
        found = await self._read(lambda connection: vectors.measure(connection, self._settings, index, None))
        return not found.unread.endswith("does not exist")

    async def _read(self, action: Callable[[Connection], T]) -> T:
        def bounded(connection: Connection) -> T:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")
            return action(connection)

        try:
            return await self._store.read(bounded, statement_s=THOROUGH_S)
        except Failure as failure:
            raise _explained(failure) from failure


class IndexWriter:
    """The two writes. Only the runner's process builds one."""

    def __init__(self, settings: EmbeddingSettings, store: Store) -> None:
        self._settings, self._store = settings, store

    async def switch(self, expects: tuple[str, ...], leaves: Index) -> None:
        """One transaction: locks every row, looks again, deactivates, activates. Raises Failure.

        `expects` are the names of the active ones; of `leaves` name, embedder and dimensions must still hold.
        """

        def action(connection: Connection) -> None:
            registry = registry_of(self._settings)
            rows = _locked(connection, registry, self._settings)
            _check(rows, self._settings, expects, leaves)
            on, off = _flags(rows, self._settings, connection.dialect.name)
            name, active = registry.c[self._settings.columns.name], registry.c[self._settings.columns.active]
            for former in expects:
                if former != leaves.name:
                    _once(connection.execute(registry.update().where(name == former).values({active.name: off})))
            values: dict[str, Any] = {active.name: on}
            if self._settings.columns.activated_at:
                values[self._settings.columns.activated_at] = _now(connection.dialect.name)
            _once(connection.execute(registry.update().where(name == leaves.name).values(values)))

        await self._write(action)

    async def drop(self, index: str, table: bool) -> None:
        """One transaction: the index must not be active; its row goes, and with `table` its table. Raises Failure."""

        def action(connection: Connection) -> None:
            from sqlalchemy import MetaData, Table
            from sqlalchemy.schema import DropTable

            registry, columns = registry_of(self._settings), self._settings.columns
            rows = _locked(connection, registry, self._settings)
            row = next((row for row in rows if row[columns.name] == index), None)
            if row is None or truth(row[columns.active]):
                raise Moved(f"{index} is {'active now' if row is not None else 'not registered any more'}")
            if table:
                held = vectors.table_of(self._settings, index)
                connection.execute(DropTable(Table(held.name, MetaData(), schema=held.schema)))
            _once(connection.execute(registry.delete().where(registry.c[columns.name] == index)))

        await self._write(action, DDL_LOCK_S)

    async def _write(self, action: Callable[[Connection], None], lock_s: float = 2.0) -> None:
        try:
            await self._store.write(action, lock_s=lock_s)
        except Moved as moved:
            raise Failure(FailureKind.CONFLICT, f"{moved}; nothing was changed") from moved
        except Failure as failure:
            from console.stores.blockers import named

            raise _explained(await named(self._store, failure, (self._settings.registry,))) from failure


def registry_of(settings: EmbeddingSettings) -> TableClause:
    """The registry's table with its mapped columns, every name quoted."""
    from sqlalchemy import column, table
    from sqlalchemy.sql import quoted_name

    schema, _, name = settings.registry.rpartition(".")
    columns: list[ColumnClause[Any]] = [
        column(quoted_name(one, quote=True)) for one in settings.columns.model_dump().values() if one
    ]
    where = quoted_name(schema, quote=True) if schema else None
    return table(quoted_name(name, quote=True), *columns, schema=where)


def _registry(connection: Connection, settings: EmbeddingSettings) -> Registry:
    from sqlalchemy import select

    registry = registry_of(settings)
    rows = [dict(row) for row in connection.execute(select(registry).limit(MOST)).mappings()]
    found = [_index(row, settings) for row in rows]
    if settings.vectors is not None:
        found = [_with(one, connection, settings) for one in found]
    found.sort(key=lambda one: (-(one.built_at.timestamp() if one.built_at else 0.0), one.name))
    numbers = bool(rows) and isinstance(rows[0][settings.columns.active], int | float)
    numbers = numbers and not isinstance(rows[0][settings.columns.active], bool)
    return Registry(tuple(found), connection.dialect.name, numbers)


def _index(row: Mapping[str, Any], settings: EmbeddingSettings) -> Index:
    columns = settings.columns

    def value(name: str) -> Any:
        return row[name] if name else None

    return Index(
        name=clean(str(value(columns.name)), 120),
        embedder=clean(str(value(columns.embedder) or ""), 120),
        dimensions=_whole(value(columns.dimensions)),
        rows=_whole(value(columns.rows)),
        built_at=moment(value(columns.built_at)),
        active=truth(value(columns.active)),
        validated_at=moment(value(columns.validated_at)),
        progress=_number(value(columns.progress)),
        activated_at=moment(value(columns.activated_at)),
    )


def _with(index: Index, connection: Connection, settings: EmbeddingSettings) -> Index:
    found = vectors.measure(connection, settings, index.name, index.built_at)
    return replace(
        index,
        found_dimensions=found.dimensions,
        found_rows=found.rows,
        estimated=found.estimated,
        rewritten=found.rewritten,
        unread=found.unread,
    )


Row = Mapping[str, Any]


def _locked(connection: Connection, registry: TableClause, settings: EmbeddingSettings) -> list[Row]:
    """Every row, locked in one order; SQLite's own transaction keeps every other writer out already."""
    from sqlalchemy import select

    wanted = select(registry).order_by(registry.c[settings.columns.name]).with_for_update()
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _check(rows: Sequence[Row], settings: EmbeddingSettings, expects: tuple[str, ...], leaves: Index) -> None:
    columns = settings.columns
    active = tuple(sorted(str(row[columns.name]) for row in rows if truth(row[columns.active])))
    if active != tuple(sorted(expects)):
        raise Moved(f"the registry moved meanwhile: active is {clean(', '.join(active), 200) or 'none'}")
    goal = next((_index(row, settings) for row in rows if row[columns.name] == leaves.name), None)
    if goal is None:
        raise Moved(f"{leaves.name} is not registered any more")
    if (goal.embedder, goal.dimensions) != (leaves.embedder, leaves.dimensions):
        raise Moved(f"{leaves.name} is {goal.stamp} now, not {leaves.stamp}")


def _flags(rows: Sequence[Row], settings: EmbeddingSettings, dialect: str) -> tuple[Any, Any]:
    """True and false as this registry writes them."""
    held = [row[settings.columns.active] for row in rows]
    words = sorted({str(one) for one in held if isinstance(one, str)})
    if words:
        on = next((one for one in words if truth(one)), "true")
        return on, next((one for one in words if not truth(one)), {"t": "f", "1": "0"}.get(on, "false"))
    booleans = any(isinstance(one, bool) for one in held)
    return (True, False) if booleans or (dialect == "postgresql" and not any(held)) else (1, 0)


def _once(result: Any) -> None:
    if result.rowcount != 1:
        raise Moved(f"{result.rowcount} rows of the registry bear one name")


def _now(dialect: str) -> Any:
    now = datetime.now(UTC)
    return now.isoformat() if dialect == "sqlite" else now


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None else None


def _number(value: Any) -> float | None:
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None


def _explained(failure: Failure) -> Failure:
    """A table or a column that does not exist is rather one that is called otherwise."""
    if failure.kind is not FailureKind.NOT_FOUND:
        return failure
    hint = "embedding.registry and embedding.columns say what they are called"
    return Failure(failure.kind, f"{failure.sentence}: {hint}", failure.code, failure.request_id)
