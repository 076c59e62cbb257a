"""Prompts in a database: every version but never its text in bulk, which is active, and the one write there is."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from console.config.layer_settings import PromptSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.domain.prompt import Prompt
from console.stores.prompt_rows import Read, made
from console.stores.quoting import name
from console.stores.store import Store
from console.stores.tables import utc

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

PLACE = "the prompts"
WRITE_S = 5.0


class Moved(Exception):
    """The prompt is not as it was shown; the transaction is rolled back."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """Every prompt, by name, and what writing them by hand must know."""

    prompts: tuple[Prompt, ...]
    dialect: str
    words: tuple[str, str]
    stamps: str


@dataclass(frozen=True, slots=True)
class Activation:
    """`goal` becomes the active version of a name where exactly `expects` are; its text must have this digest."""

    name: str
    scope: tuple[tuple[str, str], ...]
    expects: tuple[str, ...]
    goal: str
    digest: str


@dataclass(frozen=True, slots=True)
class Access:
    """What this login may do, None where the database does not say; `standby` where nothing can be written at all.

    A GRANT on the columns that a flip writes is enough. `login` is who we are to the database.
    """

    may_write: bool | None = None
    standby: bool = False
    table: str = ""
    login: str = ""


Scope = tuple[tuple[str, str], ...]


class Mode(Protocol):
    """A module that speaks to the tables as one mode keeps them, within a transaction of ours."""

    def written(self, settings: PromptSettings) -> str:
        """The table that a flip writes; empty where only the team knows."""
        ...

    def read(self, connection: Connection, settings: PromptSettings) -> Read: ...

    def content(
        self, connection: Connection, settings: PromptSettings, name: str, scope: Scope, version: str
    ) -> str | None: ...

    def activate(self, connection: Connection, settings: PromptSettings, wanted: Activation) -> None:
        """Raises Moved."""
        ...


class PromptReader:
    """Reads of the prompts; each raises Failure."""

    def __init__(self, settings: PromptSettings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._mode = mode_of(settings)
        self._last: tuple[Read, Prompts] | None = None

    async def read(self) -> Prompts:
        """Every prompt by name, with its versions, newest first."""
        return await self._read(self._whole)

    async def content(self, name: str, scope: tuple[tuple[str, str], ...], version: str) -> str | None:
        """One version's text, raw; None where there is no such version."""
        return await self._read(
            lambda connection: self._mode.content(connection, self._settings, name, scope, version)
        )

    async def access(self) -> Access:
        """Whether this login may write what the mode writes."""
        return await self._read(lambda connection: _access(connection, self._mode.written(self._settings)))

    def _whole(self, connection: Connection) -> Prompts:
        """Thousands of rows are made into prompts once, and again only when a row differs."""
        found = self._mode.read(connection, self._settings)
        if self._last is None or self._last[0] != found:
            self._last = (found, Prompts(made(found), connection.dialect.name, found.words, found.stamps))
        return self._last[1]

    async def _read(self, action: Callable[[Connection], T]) -> T:
        return await self._store.read(lambda connection: _in_utc(connection, action))


class PromptWriter:
    """The one write. Only the runner's process builds one."""

    def __init__(self, settings: PromptSettings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._mode = mode_of(settings)

    async def activate(self, wanted: Activation) -> None:
        """One transaction: locks, looks again, deactivates, activates, looks once more. Raises Failure.

        Of kind UNKNOWN only where the connection was lost while committing; otherwise nothing was changed.
        """
        from console.stores.blockers import Waiting

        waiting = Waiting(self._store, self._mode.written(self._settings) or PLACE)

        def action(connection: Connection) -> None:
            waiting.begins(connection)
            _in_utc(connection, lambda one: self._mode.activate(one, self._settings, wanted))

        try:
            async with waiting:
                await self._store.write(action, statement_s=WRITE_S)
        except Moved as moved:
            raise Failure(FailureKind.CONFLICT, f"{moved}; nothing was changed") from moved
        except Failure as failure:
            raise waiting.told(failure) from failure


def mode_of(settings: PromptSettings) -> Mode:
    """The module that speaks to the tables as the configured mode keeps them."""
    return cast(Mode, importlib.import_module(f"console.stores.prompts_{settings.mode}"))


def digest_of(text: str) -> str:
    """Identity of a text: 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def judged(wanted: Activation, active: Iterable[str], text: str | None) -> None:
    """Raises Moved where what is active, or the goal's text, is not as it was shown."""
    now = tuple(sorted(active))
    if now != tuple(sorted(wanted.expects)):
        raise Moved(f"{wanted.name} moved meanwhile: active is {clean(', '.join(now), 200) or 'none'}")
    if text is None:
        raise Moved(f"version {wanted.goal} of {wanted.name} does not exist any more")
    if wanted.digest and digest_of(text) != wanted.digest:
        raise Moved(f"the text of version {wanted.goal} of {wanted.name} is not the one that was shown")


def once(count: int, wanted: Activation) -> None:
    """Raises Moved where a statement did not change exactly one row."""
    if count != 1:
        raise Moved(f"one row of {wanted.name} should have changed, and {count} did")


def _access(connection: Connection, table: str) -> Access:
    from sqlalchemy import func, select

    if connection.dialect.name != "postgresql":
        return _of_file(connection, table)
    standby = bool(connection.execute(select(func.pg_is_in_recovery())).scalar_one())
    login = clean(str(connection.exec_driver_sql("SELECT current_user").scalar_one()), 100)
    if not table:
        return Access(None, standby, table, login)
    may = connection.execute(select(func.has_any_column_privilege(name(table), "UPDATE"))).scalar_one()
    return Access(bool(may), standby, table, login)


def _of_file(connection: Connection, table: str) -> Access:
    """SQLite writes its file, and beside it the journal."""
    if connection.dialect.name != "sqlite":
        return Access(table=table)
    file = next((str(row[2]) for row in connection.exec_driver_sql("PRAGMA database_list") if row[1] == "main"), "")
    may = all(os.access(place, os.W_OK) for place in (file, os.path.dirname(file))) if file else None
    return Access(may, False, table, "this account")


def _in_utc(connection: Connection, action: Callable[[Connection], T]) -> T:
    utc(connection)
    return action(connection)
