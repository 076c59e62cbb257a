"""One database of the service's: PostgreSQL or SQLite, spoken to in threads, each transaction with its own bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from console.config.section import FROM_ENVIRONMENT, StoreSection
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

T = TypeVar("T")

CONNECT_S = 5
LOCK_S = 2.0
STATEMENT_S = 10.0
ENTRA_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"

Token = Callable[[], Awaitable[str]]


class Store:
    """Opens nothing before it is first used. `what` names the database in sentences, without its address."""

    def __init__(
        self, section: StoreSection, environment: Mapping[str, str], home: str, what: str, token: Token | None = None
    ) -> None:
        self._section, self._environment, self._home = section, environment, home
        self._what, self._token = what, token
        self._engine: Engine | None = None
        self._password = ""

    async def read(self, action: Callable[[Connection], T], statement_s: float = STATEMENT_S) -> T:
        """What `action` finds in a transaction that is rolled back. Raises Failure."""
        return await self._run(action, False, LOCK_S, statement_s)

    async def write(
        self, action: Callable[[Connection], T], lock_s: float = LOCK_S, statement_s: float = STATEMENT_S
    ) -> T:
        """Runs `action` in one transaction and commits it.

        Raises Failure: of kind UNKNOWN where the connection was lost while committing; otherwise nothing changed.
        """
        return await self._run(action, True, lock_s, statement_s)

    @property
    def sqlite(self) -> bool:
        """Whether it is SQLite. Raises Failure where the address is not known."""
        return self._address().startswith("sqlite")

    async def close(self) -> None:
        if self._engine is not None:
            await asyncio.to_thread(self._engine.dispose)

    async def _run(self, action: Callable[[Connection], T], writes: bool, lock_s: float, statement_s: float) -> T:
        if self._section.entra and self._token is not None:
            self._password = await self._token()
        return await asyncio.to_thread(self._transact, action, writes, lock_s, statement_s)

    def _transact(self, action: Callable[[Connection], T], writes: bool, lock_s: float, statement_s: float) -> T:
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

        from console.stores.trouble import failure, lost

        committing = False
        try:
            with self._open().connect() as connection:
                self._bound(connection, writes, lock_s, statement_s)
                found = action(connection)
                if writes:
                    committing = True
                    connection.commit()
                return found
        except (ArgumentError, NoSuchModuleError) as error:
            raise Failure(FailureKind.REJECTED, f"{self._what}: its address is not one that can be used") from error
        except SQLAlchemyError as error:
            raise lost(self._what) if committing and writes else failure(error, self._what) from error

    def _bound(self, connection: Connection, writes: bool, lock_s: float, statement_s: float) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(lock_s * 1000)}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
            return
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(lock_s * 1000)}")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(statement_s * 1000)}")

    def _open(self) -> Engine:
        if self._engine is None:
            try:
                self._engine = self._made()
            except ValueError as error:
                sentence = f"{self._what}: its address is not one that can be used"
                raise Failure(FailureKind.REJECTED, sentence) from error
        return self._engine

    def _made(self) -> Engine:
        from sqlalchemy import create_engine, event

        address = self._address()
        if address.startswith("sqlite"):
            self._demand(address.removeprefix("sqlite:///").partition("?")[0])
            engine = create_engine(address, connect_args={"timeout": LOCK_S})
            event.listen(engine, "connect", _plain_sqlite)
            return engine
        engine = create_engine(address, pool_size=2, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_S})
        event.listen(engine, "do_connect", self._sign_in)
        return engine

    def _demand(self, file: str) -> None:
        """SQLite would make a file that is missing: whoever only looks must not. Raises Failure."""
        if file and not file.startswith((":memory:", "file:")) and not Path(file).exists():
            raise Failure(FailureKind.UNREACHABLE, f"{self._what}: there is no file {clean(Path(file).name, 200)}")

    def _sign_in(self, dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        """A token of Microsoft Entra ID is the password, fresh at each connection."""
        if self._section.entra:
            parameters["password"] = self._password

    def _address(self) -> str:
        url = self._section.url or ""
        name = url.removeprefix(FROM_ENVIRONMENT)
        if url.startswith(FROM_ENVIRONMENT):
            if name not in self._environment:
                raise Failure(FailureKind.SIGN_IN, f"{self._what}: the environment variable {name} is not set")
            url = self._environment[name]
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return f"postgresql+psycopg://{url.removeprefix(scheme)}"
        return _at_home(url, self._home)


def _at_home(url: str, home: str) -> str:
    """A relative SQLite file stands beside the configuration."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or not home:
        return url
    return f"{prefix}{Path(home) / url.removeprefix(prefix)}"


def _plain_sqlite(connection: Any, record: Any) -> None:
    """No transactions behind our back: they begin as `_bound` says (two writers must not both read "nobody")."""
    connection.isolation_level = None
