"""Who holds locks in a PostgreSQL database: the sessions that a statement of ours would wait for, in words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.domain.clean import clean
from console.domain.failure import Failure
from console.stores.store import Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST = 5
LOOK_S = 0.4
LOCK_TIMEOUT = "55P03"

# https://www.postgresql.org/docs/current/view-pg-locks.html: a row's lock is not in it, but whoever holds one holds a
# lock of its table too. The statement's text is left where it is, since it may hold values: its first word is enough.
_HOLDERS = """
SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(host(a.client_addr), ''),
       coalesce(a.state, ''), extract(epoch FROM now() - coalesce(a.xact_start, a.state_change)),
       split_part(ltrim(coalesce(a.query, '')), ' ', 1), array_agg(DISTINCT c.relname::text)
FROM pg_locks l
JOIN pg_stat_activity a ON a.pid = l.pid
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'm', 'v')
GROUP BY a.pid, a.usename, a.application_name, a.client_addr, a.state, a.xact_start, a.state_change, a.query
ORDER BY 6 DESC NULLS LAST
"""

# https://www.postgresql.org/docs/current/functions-info.html: the sessions that one session waits for at this moment.
_BLOCKING = """
SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(host(a.client_addr), ''),
       coalesce(a.state, ''), extract(epoch FROM now() - coalesce(a.xact_start, a.state_change)),
       split_part(ltrim(coalesce(a.query, '')), ' ', 1), ARRAY[]::text[]
FROM unnest(pg_blocking_pids({pid})) b JOIN pg_stat_activity a ON a.pid = b
"""


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that holds locks. `state` is PostgreSQL's word; `held_s` counts from its transaction's beginning."""

    pid: int
    user: str
    application: str
    client: str
    state: str
    held_s: float | None
    doing: str
    tables: tuple[str, ...]

    @property
    def words(self) -> str:
        """`pid 4711 (psql, bob, idle in transaction for 42 s) holds leaflets`."""
        lasting = f" for {self.held_s:.0f} s" if self.held_s is not None else ""
        doing = f" {self.doing}" if self.state == "active" and self.doing else ""
        about = ", ".join(filter(None, (self.application, self.user, self.client, f"{self.state}{doing}{lasting}")))
        return f"pid {self.pid} ({about}) holds {', '.join(self.tables[:4]) or 'it'}"


def holders(connection: Connection, tables: Sequence[str] = ()) -> tuple[Blocker, ...]:
    """The other sessions that hold locks of `tables`, or of any table where none is named, the oldest first.

    None on SQLite, which does not tell.
    """
    if connection.dialect.name != "postgresql":
        return ()
    wanted = {table.rpartition(".")[2].strip('"').lower() for table in tables}
    found = (_blocker(row) for row in connection.exec_driver_sql(_HOLDERS))
    return tuple(one for one in found if not wanted or wanted & {table.lower() for table in one.tables})[:MOST]


async def named(store: Store, failure: Failure, tables: Sequence[str] = ()) -> Failure:
    """`failure`, and where it is a lock that was waited for in vain, who holds it. Never raises."""
    if failure.code != LOCK_TIMEOUT:
        return failure
    try:
        found = await store.read(lambda connection: holders(connection, tables))
    except Failure:
        return failure
    if not found:
        return failure
    blockers = "; ".join(one.words for one in found)
    return Failure(failure.kind, f"{failure.sentence}: {blockers}", failure.code, failure.request_id)


class Waiting:
    """Looks, while a transaction waits for a lock, at whom it waits for: afterwards nobody can tell.

    Entered around `Store.write`, whose action says `begins` first. `table` is what is waited for, in words.
    """

    def __init__(self, store: Store, table: str) -> None:
        self._store, self._table = store, table
        self._pid = 0
        self._seen: tuple[Blocker, ...] = ()
        self._watch: asyncio.Task[None] | None = None

    def begins(self, connection: Connection) -> None:
        """Notes whose waiting it is, without a query."""
        if connection.dialect.name == "postgresql":
            driver: Any = connection.connection.driver_connection
            self._pid = int(driver.info.backend_pid)

    def told(self, failure: Failure) -> Failure:
        """`failure`, and where it is a lock that was waited for in vain, who held it."""
        if failure.code != LOCK_TIMEOUT or not self._seen:
            return failure
        blockers = "; ".join(one.words for one in self._seen)
        return Failure(failure.kind, f"{failure.sentence}: {blockers}", failure.code, failure.request_id)

    async def __aenter__(self) -> Waiting:
        self._watch = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._pid:
                with contextlib.suppress(Failure):
                    self._seen = await self._store.read(self._blocking) or self._seen

    def _blocking(self, connection: Connection) -> tuple[Blocker, ...]:
        rows = connection.exec_driver_sql(_BLOCKING.format(pid=self._pid))
        return tuple(_blocker((*row[:7], (self._table,))) for row in rows)[:MOST]


def _blocker(row: Sequence[Any]) -> Blocker:
    pid, user, application, client, state, held, doing, tables = row
    return Blocker(
        pid=int(pid),
        user=clean(str(user), 60),
        application=clean(str(application), 60),
        client=clean(str(client), 60),
        state=clean(str(state), 60),
        held_s=float(held) if held is not None else None,
        doing=clean(str(doing), 20).upper(),
        tables=tuple(clean(str(table), 80) for table in tables or ()),
    )
