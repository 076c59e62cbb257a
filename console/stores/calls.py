"""The service's own log of its calls: which version of which prompt they named, when, how many, and which."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from console.config.layer_settings import CallsSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.stores.store import Store, Token
from console.stores.tables import as_it_is, columns_of, demand, table_of, utc
from console.stores.values import moment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.sql.expression import TableClause

T = TypeVar("T")

WHAT = "the call log"
LIST_S = 120.0
MANY = 1000
HEADER = ("at", "prompt", "version", "revision", "model", "request_id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that named one version of one prompt; both are empty where a call named none."""

    prompt: str
    version: str
    count: int
    first: datetime | None
    last: datetime | None
    revision: str = ""

    def names(self, version: str) -> bool:
        """`7` and `v7` are the same version."""
        return self.version.removeprefix("v") == version.removeprefix("v")


@dataclass(frozen=True, slots=True)
class Which:
    """Which calls: of a prompt, of a version of it, since a moment; None is any."""

    prompt: str | None = None
    version: str | None = None
    since: datetime | None = None


class CallLog:
    """Reads of the call log; each raises Failure."""

    def __init__(
        self, settings: CallsSettings, environment: Mapping[str, str], home: str, token: Token | None = None
    ) -> None:
        self._settings = settings
        self._store = Store(settings, environment, home, WHAT, token)

    async def counted(self, which: Which = Which(), by_revision: bool = False) -> tuple[Calls, ...]:
        """Per version, and per revision where asked: how many, the first and the last. By name, the last first."""
        found = await self._read(lambda connection: self._counted(connection, which, by_revision))
        return tuple(sorted(found, key=lambda one: (one.prompt, -(one.last.timestamp() if one.last else 0.0))))

    async def latest(self, prompt: str, since: datetime, most: int) -> tuple[tuple[datetime | None, str], ...]:
        """When and with which version the newest calls of a prompt came, the newest first."""
        return await self._read(lambda connection: self._latest(connection, prompt, since, most))

    async def status_share(self, since: datetime) -> tuple[float | None, int]:
        """Percent of the calls since then whose status is 500 to 599, and of how many; None without any."""
        return await self._read(lambda connection: self._status_share(connection, since))

    async def named_share(
        self, since: datetime, known: Mapping[str, Collection[str]]
    ) -> tuple[float | None, int, tuple[Calls, ...]]:
        """Percent of the calls since then that name an existing version, of how many, and those that do not.

        `known` holds the versions that exist, by prompt.
        """
        found = await self.counted(Which(since=since))
        lost = tuple(one for one in found if not any(map(one.names, known.get(one.prompt, ()))))
        count = sum(one.count for one in found)
        named = count - sum(one.count for one in lost)
        return (100.0 * named / count if count else None), count, lost

    async def write_csv(self, which: Which, path: Path) -> int:
        """Writes these calls to a new file, readable by its owner alone; how many. Raises Failure, or OSError."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(HEADER)
                rows = writer.writerows
                return await self._read(lambda connection: self._each(connection, which, rows), LIST_S)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    async def close(self) -> None:
        await self._store.close()

    async def _read(self, action: Callable[[Connection], T], statement_s: float = 10.0) -> T:
        def whole(connection: Connection) -> T:
            utc(connection)
            return action(connection)

        try:
            return await self._store.read(whole, statement_s)
        except Failure as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                await self._explain()
            raise

    async def _explain(self) -> None:
        """Raises the Failure that names the column that is missing and the key that maps it."""
        mapped = {name: f"calls.columns.{key}" for key, name in self._settings.columns.model_dump().items() if name}
        table = self._settings.table
        await self._store.read(lambda connection: demand(table, columns_of(connection, table), mapped))

    def _table(self) -> TableClause:
        return table_of(self._settings.table, self._settings.columns.model_dump().values())

    def _column(self, table: TableClause, key: str) -> ColumnElement[Any]:
        """The mapped column; nothing where the service does not write it."""
        from sqlalchemy import null

        name = getattr(self._settings.columns, key)
        return table.c[name] if name else null()

    def _counted(self, connection: Connection, which: Which, by_revision: bool) -> list[Calls]:
        from sqlalchemy import func, select

        table = self._table()
        at = self._column(table, "at")
        keys = [self._column(table, key) for key in ("prompt_name", "prompt_version")]
        keys += [self._column(table, "revision")] if by_revision else []
        given = [key for key in keys if hasattr(key, "name")]
        query = select(*keys, func.count(), func.min(at), func.max(at)).select_from(table)
        rows = connection.execute(query.where(*self._where(connection, table, which)).group_by(*given))
        return [
            Calls(
                _word(row[0]),
                _word(row[1]),
                row[-3],
                moment(row[-2]),
                moment(row[-1]),
                _word(row[2]) if by_revision else "",
            )
            for row in rows
        ]

    def _latest(
        self, connection: Connection, prompt: str, since: datetime, most: int
    ) -> tuple[tuple[datetime | None, str], ...]:
        from sqlalchemy import select

        table = self._table()
        at = self._column(table, "at")
        query = select(at, self._column(table, "prompt_version")).select_from(table)
        where = self._where(connection, table, Which(prompt, since=since))
        rows = connection.execute(query.where(*where).order_by(at.desc()).limit(most))
        return tuple((moment(row[0]), _word(row[1])) for row in rows)

    def _status_share(self, connection: Connection, since: datetime) -> tuple[float | None, int]:
        from sqlalchemy import String, case, cast, func, select

        if not self._settings.columns.status:
            raise Failure(FailureKind.REJECTED, f"{WHAT}: calls.columns.status names no column")
        table = self._table()
        status = cast(self._column(table, "status"), String)
        failed = func.sum(case((status.like("5__"), 1), else_=0))
        query = select(func.count(), failed).select_from(table)
        count, bad = connection.execute(query.where(*self._where(connection, table, Which(since=since)))).one()
        return (100.0 * int(bad) / count, int(count)) if count else (None, 0)

    def _each(self, connection: Connection, which: Which, write: Callable[[Iterable[Iterable[str]]], Any]) -> int:
        from sqlalchemy import select

        table, count = self._table(), 0
        keys = ("at", "prompt_name", "prompt_version", "revision", "model", "request_id")
        columns = [self._column(table, key).label(f"c{place}") for place, key in enumerate(keys)]
        query = select(*columns).select_from(table).where(*self._where(connection, table, which))
        query = query.order_by(self._column(table, "at"))
        for part in connection.execution_options(yield_per=MANY).execute(query).partitions():
            write([_line(tuple(row)) for row in part])
            count += len(part)
        return count

    def _where(self, connection: Connection, table: TableClause, which: Which) -> list[ColumnElement[bool]]:
        from sqlalchemy import String, cast

        found: list[ColumnElement[bool]] = []
        if which.prompt is not None:
            found.append(self._column(table, "prompt_name") == as_it_is(which.prompt))
        if which.version is not None:
            bare = which.version.removeprefix("v")
            found.append(cast(self._column(table, "prompt_version"), String).in_((bare, f"v{bare}", which.version)))
        if which.since is not None:
            found.append(since(connection, self._column(table, "at"), which.since))
        return found


def since(connection: Connection, column: ColumnElement[Any], at: datetime) -> ColumnElement[bool]:
    """Rows from `at` on. SQLite keeps no times: text and numbers are compared as moments, to about a millisecond."""
    from sqlalchemy import case, func

    if connection.dialect.name != "sqlite":
        return column >= at
    number = column / 86400.0 + 2440587.5
    days = case((func.typeof(column) == "text", func.julianday(column)), else_=number)
    return days >= at.timestamp() / 86400.0 + 2440587.5 - 5e-9


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(row: Sequence[Any]) -> list[str]:
    at = moment(row[0])
    first = at.isoformat().replace("+00:00", "Z") if at is not None else _word(row[0])
    return [safe(first), *(safe(_word(value)) for value in row[1:])]


def _word(value: Any) -> str:
    return clean(str(value), 200) if value is not None else ""
