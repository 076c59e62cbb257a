"""The schema layer's way outside: the database's head, the server in Azure, and the team's own down command."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from console.config.layer_settings import SchemaSettings
from console.config.section import FROM_ENVIRONMENT, StoreSection, resolved
from console.domain.code import CodeState
from console.domain.failure import Failure, FailureKind
from console.domain.intent import Deed, Intent
from console.domain.schema import SchemaState, Server
from console.domain.snapshot import Snapshot
from console.domain.sql_script import read as read_script
from console.layers.layer import Tools
from console.layers.schema import goals
from console.layers.schema.history import HistoryReader
from console.layers.schema.looked import Looked, Secret
from console.layers.schema.names import at_host, version_table
from console.layers.schema.secrets import AppSecrets
from console.stores import commands
from console.stores.heads import Counts, Down, Head, Heads
from console.stores.store import ENTRA_SCOPE, Store

if TYPE_CHECKING:
    from console.azure.first_answer import Accepted
    from console.azure.postgres import PostgresReader
    from console.azure.postgres_actions import PostgresActions

EVERY_S = 10.0
SERVER_S = 60.0
SCRIPTS = 2000


class SchemaDoor:
    """`down` and `actions` are None in the console's own process and where the target is only read."""

    every_s = EVERY_S

    def __init__(self, tools: Tools, settings: SchemaSettings) -> None:
        self._tools, self._settings = tools, settings
        self._home = tools.settings.home
        self._store = self._stored(tools.environment, settings) if settings.url else None
        self._heads = Heads(self._store, settings) if self._store is not None else None
        self._reader: PostgresReader | None = None
        self._server: tuple[datetime, Server | None, str] | None = None
        self._secrets = AppSecrets(tools, settings)
        self._history = HistoryReader(settings, self._heads, self._home, tools.clock)
        self.down = Down(self._store, settings) if tools.writing and self._store is not None else None
        self._actions: PostgresActions | None = None

    async def observe(self, code: CodeState | None) -> SchemaState:
        """The head and the server, side by side. Raises Failure where neither can be read.

        A database that does not answer must not hide that its server can be restored.
        """
        head, (server, unread), (history, untold) = await asyncio.gather(
            self._head_or_failure(), self._server_now(), self._history.told()
        )
        blind = isinstance(head, Failure)
        if isinstance(head, Failure):
            if server is None:
                raise head
            head = Head((), unread=f"the head could not be read: {head.sentence}")
        if not {one.revision for one in history}.issuperset(head.heads):
            history, untold = await self._history.told(again=True)
        state = SchemaState(
            place=self.place,
            heads=head.heads,
            migrations=history,
            server=server,
            unread="; ".join(filter(None, (head.unread, unread, untold))),
            changed_at=head.at,
            changed_by=head.by,
            needs_env=self._tools.settings.code.expects_env.get("schema", ""),
            blind=blind,
        )
        state = replace(state, changed_at=state.changed_at or _ran(state))
        return goals.beside(state, code, state.needs_env)

    async def look(self, snapshot: Snapshot, intent: Intent) -> Looked:
        """The script for this plan, the rows, who holds locks, and what we may do; what fails is said in it."""
        state = snapshot.schema.state
        if state is None:
            return Looked()
        may_back_up, may_restore = await self._allowed(state.server)
        if intent.deed is Deed.BACK_UP:
            return Looked(may_back_up=may_back_up)
        target = goals.target(snapshot, intent).head
        current = state.head or ""
        script, command, why = await self._printed(current, target)
        tables = read_script(script, version_table(self._settings.current)).tables if script else ()
        counts, holders, secrets = await asyncio.gather(
            self.counts(), self._holders(tables), self._told_secrets(snapshot)
        )
        return Looked(
            current=current,
            target=target or "",
            script=script,
            no_script=why,
            command=command,
            counts=counts,
            holders=holders,
            may_restore=may_restore,
            may_back_up=may_back_up,
            shared=self._shared(state.server),
            secrets=secrets,
            has_value=self.has_value(),
        )

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()

    @property
    def place(self) -> str:
        """Where the head stands, without an address."""
        return self._settings.database or self._settings.server or "database"

    async def head(self) -> Head:
        """The head now. Raises Failure."""
        if self._heads is None:
            raise Failure(FailureKind.REJECTED, "schema: no url is configured, so that the head cannot be read")
        return await self._heads.head()

    async def counts(self) -> Counts:
        """The rows of the configured tables."""
        return await self._heads.counts() if self._heads is not None else ()

    def azure(self) -> PostgresReader:
        """Reads of the servers. Raises Failure where none is configured."""
        if self._settings.server is None:
            raise Failure(FailureKind.REJECTED, "schema: no server is configured")
        if self._reader is None:
            from console.azure.postgres import PostgresReader

            tools = self._tools
            self._reader = PostgresReader(tools.settings.azure, self._group, tools.credential, tools.arm, tools.clock)
        return self._reader

    @property
    def actions(self) -> PostgresActions | None:
        """Writes of the servers; None where nothing may be written."""
        if self._actions is None and self._tools.writing and self._settings.server is not None:
            from console.azure.postgres_actions import PostgresActions

            tools = self._tools
            self._actions = PostgresActions(
                tools.settings.azure, self._group, tools.credential, tools.arm, tools.clock
            )
        return self._actions

    @contextlib.asynccontextmanager
    async def restored(self, host: str) -> AsyncIterator[Heads]:
        """The same database on another server, with the same login: a restored server has the same roles."""
        section, environment = self._moved(host)
        store = self._stored(environment, section)
        try:
            yield Heads(store, self._settings)
        finally:
            await store.close()

    async def secrets(self) -> tuple[Secret, ...]:
        """The app's secrets, without their values. Raises Failure."""
        return await self._secrets.told()

    def has_value(self) -> bool:
        """Whether the environment holds the value of the new secret."""
        return self._secrets.has_value()

    async def add_secret(self, name: str, host: str) -> Accepted:
        """Adds secret `name`, whose value leads to `host`, beside those that there are. Raises Failure."""
        return await self._secrets.add(name, host)

    async def _head_or_failure(self) -> Head | Failure:
        if self._heads is None:
            return Head((), unread="no url is configured: the head is not read")
        try:
            return await self._heads.head()
        except Failure as failure:
            return failure

    async def _server_now(self) -> tuple[Server | None, str]:
        """The server, read anew once a minute: its window moves slowly."""
        now = self._tools.clock.now()
        if self._settings.server is None:
            return None, ""
        if self._server is not None and now - self._server[0] < timedelta(seconds=SERVER_S):
            return self._server[1], self._server[2]
        try:
            server, unread = await self.azure().whole(self._settings.server)
        except Failure as failure:
            return (self._server[1] if self._server else None), f"the server: {failure.sentence}"
        if server is None:
            unread = f"there is no server {self._settings.server} in {self._group}"
        self._server = (now, server, unread)
        return server, unread

    async def _printed(self, current: str, target: str | None) -> tuple[str, str, str]:
        """The down script, the command that printed it, and why there is none."""
        if self._settings.down_sql is None:
            return "", "", "no down_sql command is configured"
        if not current or not target or current == target:
            return "", "", "there is no one head to go from" if not current else "there is no head to go to"
        try:
            words = commands.words(self._settings.down_sql, current=current, target=target)
            script = await commands.output(words, self._home, self._settings.command_s)
        except Failure as failure:
            return "", "", failure.sentence
        return script, " ".join(words), "" if script.strip() else "the command printed no script"

    async def _holders(self, tables: tuple[str, ...]) -> tuple[Any, ...]:
        return await self._heads.holders(tables) if self._heads is not None and tables else ()

    async def _allowed(self, server: Server | None) -> tuple[bool | None, bool | None]:
        """Whether we may back up, and whether we may make a new server."""
        if server is None:
            return None, None
        below = f"/providers/Microsoft.DBforPostgreSQL/flexibleServers/{server.name}"
        return await asyncio.gather(
            self.azure().allows("Microsoft.DBforPostgreSQL/flexibleServers/backups/write", below),
            self.azure().allows("Microsoft.DBforPostgreSQL/flexibleServers/write"),
        )

    async def _told_secrets(self, snapshot: Snapshot) -> tuple[Secret, ...] | None:
        code = snapshot.code.state
        serving = code.serving[0] if code is not None and code.serving else None
        value = dict(serving.env).get(self._settings.url_env or "", "") if serving is not None else ""
        if not value.startswith("secretref:") or self._settings.secret_value is None:
            return None
        try:
            return await self.secrets()
        except Failure:
            return None

    def _shared(self, server: Server | None) -> tuple[str, ...]:
        """What else of the service's stands on the same server: a restore takes that back too."""
        own = self._host(self._settings.url)
        if not own:
            return ()
        settings = self._tools.settings
        others = (("prompts", settings.prompt), ("call log", settings.calls), ("embeddings", settings.embedding))
        return tuple(name for name, one in others if one is not None and self._host(one.url) == own)

    def _host(self, url: str | None) -> str:
        if not url:
            return ""
        try:
            parts = urlsplit(resolved(url, self._tools.environment))
        except (KeyError, ValueError):
            return url
        return parts.hostname or f"{parts.path}?{parts.query}"

    def _moved(self, host: str) -> tuple[StoreSection, Mapping[str, str]]:
        url = self._settings.url or ""
        try:
            moved = at_host(resolved(url, self._tools.environment), host)
        except (KeyError, ValueError):
            raise Failure(FailureKind.REJECTED, "schema: its address cannot be used for another server") from None
        if url.startswith(FROM_ENVIRONMENT):
            name = url.removeprefix(FROM_ENVIRONMENT)
            return self._settings, {**self._tools.environment, name: moved}
        return self._settings.model_copy(update={"url": moved}), self._tools.environment

    def _stored(self, environment: Mapping[str, str], section: StoreSection) -> Store:
        return Store(section, environment, self._home, "schema", self._token)

    async def _token(self) -> str:
        return str((await self._tools.credential.get_token(ENTRA_SCOPE)).token)

    @property
    def _group(self) -> str:
        return self._settings.resource_group or self._tools.settings.azure.resource_group


def _ran(state: SchemaState) -> datetime | None:
    """When the head's migration ran, where the history keeps that."""
    found = state.find(state.head or "")
    return found.at if found is not None else None


def opened(tools: Tools) -> SchemaDoor:
    return SchemaDoor(tools, cast(SchemaSettings, tools.settings.schema_))
