"""Reads PostgreSQL flexible servers from Azure. Patient, and unable to write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.mgmt.postgresqlflexibleservers.aio import PostgreSQLManagementClient

from console.azure import postgres_shapes as shapes
from console.azure.arm import Arm
from console.azure.patience import Patience
from console.azure.permissions import permitted_actions
from console.azure.pipeline import patient
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.domain.schema import Backup, Server, VirtualEndpoint

T = TypeVar("T")


class PostgresReader:
    """Azure's own answers about the servers of one resource group. Every method raises Failure."""

    def __init__(
        self,
        settings: AzureSettings,
        group: str,
        credential: AsyncTokenCredential,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._group = group
        self._scope = f"/subscriptions/{settings.subscription}/resourceGroups/{group}"
        self._patience = Patience(credential, settings.scope)
        self._arm = Arm(settings, credential, http, clock)
        self._client = PostgreSQLManagementClient(
            credential,
            settings.subscription,
            base_url=settings.arm,
            policies=patient(credential, settings.scope, settings.arm),
            transport=HttpxTransport(http, clock.sleep),
        )

    async def server(self, name: str) -> Server | None:
        """One server without what lies below it; None where there is none of that name."""

        async def read() -> Server:
            return shapes.server((await self._client.servers.get(self._group, name)).as_dict())

        try:
            return await self._patience.told(read(), f"PostgreSQL server {clean(name, 80)} in {self._group}")
        except Failure as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                return None
            raise

    async def whole(self, name: str) -> tuple[Server | None, str]:
        """A server with backups, virtual endpoints and databases, read side by side; and what was not told."""
        unread: list[str] = []

        async def part(what: str, call: Awaitable[tuple[T, ...]]) -> tuple[T, ...]:
            try:
                return await call
            except Failure as failure:
                unread.append(f"{what}: {failure.sentence}")
                return ()

        found, backups, endpoints, databases = await asyncio.gather(
            self.server(name),
            part("the backups", self.backups(name)),
            part("the virtual endpoints", self.endpoints(name)),
            part("the databases", self.databases(name)),
        )
        if found is None:
            return None, ""
        hosts = tuple(host for one in endpoints for host in one.hosts)
        server = replace(found, backups=backups, virtual_endpoints=hosts, endpoints=endpoints, databases=databases)
        return server, "; ".join(unread)

    async def backups(self, server: str) -> tuple[Backup, ...]:
        """The backups there are, automatic and on demand, newest first."""

        async def read() -> tuple[Backup, ...]:
            listing = self._client.backups_automatic_and_on_demand.list_by_server(self._group, server)
            return shapes.backups([one.as_dict() async for one in listing])

        return await self._patience.told(read(), f"the backups of {clean(server, 80)}")

    async def endpoints(self, server: str) -> tuple[VirtualEndpoint, ...]:
        """Its virtual endpoints."""

        async def read() -> tuple[VirtualEndpoint, ...]:
            listing = self._client.virtual_endpoints.list_by_server(self._group, server)
            return tuple([shapes.endpoint(one.as_dict()) async for one in listing])

        return await self._patience.told(read(), f"the virtual endpoints of {clean(server, 80)}")

    async def databases(self, server: str) -> tuple[str, ...]:
        """The names of its databases."""

        async def read() -> tuple[str, ...]:
            listing = self._client.databases.list_by_server(self._group, server)
            return tuple([shapes.name(one.as_dict()) async for one in listing])

        return await self._patience.told(read(), f"the databases of {clean(server, 80)}")

    async def allows(self, action: str, below: str = "") -> bool | None:
        """Whether we may do `action` in the group, or on the resource `below` it; None: not known."""
        try:
            return (await permitted_actions(self._arm, f"{self._scope}{below}")).allows(action)
        except Failure:
            return None
