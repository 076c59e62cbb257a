"""Writes to PostgreSQL flexible servers, each request once. Nothing here deletes or changes a server's data."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.mgmt.postgresqlflexibleservers.aio import PostgreSQLManagementClient

from console.azure.errors import write_failure
from console.azure.first_answer import Accepted, FirstAnswer
from console.azure.pipeline import once
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.clean import clean


class PostgresActions:
    """The few writes of the schema layer. Every method sends once, or raises Failure."""

    def __init__(
        self,
        settings: AzureSettings,
        group: str,
        credential: AsyncTokenCredential,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._group = group
        self._client = PostgreSQLManagementClient(
            credential,
            settings.subscription,
            base_url=settings.arm,
            policies=once(credential, settings.scope, settings.arm),
            transport=HttpxTransport(http, clock.sleep),
        )

    async def back_up(self, server: str, name: str) -> Accepted:
        """PUTs a backup of that name, without a body (recorded in 2026)."""
        sent = FirstAnswer()
        call = self._client.backups_automatic_and_on_demand.begin_create(self._group, server, name, polling=sent)
        return await self._sent(call, sent, f"a backup of {clean(server, 80)}")

    async def restore(
        self, name: str, source: str, location: str, at: datetime, network: Mapping[str, str]
    ) -> Accepted:
        """PUTs a new server as `source`, a resource id, was at `at`; the source is not touched.

        `network` is as the source has it: private access cannot become public, nor the other way round.
        """
        properties: dict[str, Any] = {
            "createMode": "PointInTimeRestore",
            "sourceServerResourceId": source,
            "pointInTimeUTC": stamp(at),
        }
        if network:
            properties["network"] = dict(network)
        body: Any = {"location": location, "properties": properties}
        sent = FirstAnswer()
        call = self._client.servers.begin_create_or_update(self._group, name, body, polling=sent)
        return await self._sent(call, sent, f"the new server {clean(name, 80)}")

    async def place_endpoint(self, server: str, name: str, members: Sequence[str]) -> Accepted:
        """PUTs a virtual endpoint on `server`."""
        body: Any = {"properties": {"endpointType": "ReadWrite", "members": list(members)}}
        sent = FirstAnswer()
        call = self._client.virtual_endpoints.begin_create(self._group, server, name, body, polling=sent)
        return await self._sent(call, sent, f"virtual endpoint {clean(name, 80)}")

    async def release_endpoint(self, server: str, name: str) -> Accepted:
        """DELETEs a virtual endpoint of `server`: an address, and no data."""
        sent = FirstAnswer()
        call = self._client.virtual_endpoints.begin_delete(self._group, server, name, polling=sent)
        return await self._sent(call, sent, f"virtual endpoint {clean(name, 80)}")

    async def _sent(self, call: Awaitable[Any], sent: FirstAnswer, resource: str) -> Accepted:
        try:
            await call
        except AzureError as error:
            raise write_failure(error, resource) from error
        return sent.accepted


def stamp(at: datetime) -> str:
    """A moment as az writes it: `2024-07-12T03:05:00.000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
