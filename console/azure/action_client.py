"""Writes to Azure, each request once. It is not built where the console is read-only."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.core.polling import AsyncPollingMethod
from azure.mgmt.appcontainers.aio import ContainerAppsAPIClient

from console.azure.errors import write_failure
from console.azure.pipeline import once
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.clean import clean
from console.domain.traffic import TrafficEntry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Azure took the request; where its operation can be followed, `operation` is that address."""

    operation: str = ""
    request_id: str = ""


class ActionClient:
    """The few writes of the code layer, never a PUT of an app. Every method sends once, or raises Failure."""

    def __init__(
        self,
        settings: AzureSettings,
        app: str,
        credential: AsyncTokenCredential,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._group, self._app = settings.resource_group, app
        self._client = ContainerAppsAPIClient(
            credential,
            settings.subscription,
            base_url=settings.arm,
            policies=once(credential, settings.scope, settings.arm),
            transport=HttpxTransport(http, clock.sleep),
        )

    async def set_traffic(self, entries: Sequence[TrafficEntry]) -> Accepted:
        """PATCHes the whole traffic array (JSON Merge Patch: arrays are replaced, nothing else is touched)."""
        ingress = {"traffic": [entry.wire() for entry in entries]}
        return await self._patch({"configuration": {"ingress": ingress}})

    async def set_mode(self, mode: str) -> Accepted:
        """PATCHes the revision mode."""
        return await self._patch({"configuration": {"activeRevisionsMode": mode}})

    async def new_revision(self, template: Mapping[str, Any]) -> Accepted:
        """PATCHes the template, which makes a revision named by its `revisionSuffix`; secrets and ingress stay."""
        return await self._patch({"template": template})

    async def _patch(self, properties: Mapping[str, Any]) -> Accepted:
        body: Any = {"properties": properties}
        sent = _Sent()
        call = self._client.container_apps.begin_update(self._group, self._app, body, polling=sent)
        await self._sent(call, f"container app {self._app}")
        return sent.accepted

    async def activate(self, revision: str) -> Accepted:
        """Activates a revision; Azure answers at once and acts later."""
        call = self._client.container_apps_revisions.activate_revision(self._group, self._app, revision)
        await self._sent(call, f"revision {clean(revision, 100)}")
        return Accepted()

    async def deactivate(self, revision: str) -> Accepted:
        """Deactivates a revision; Azure answers at once and acts later."""
        call = self._client.container_apps_revisions.deactivate_revision(self._group, self._app, revision)
        await self._sent(call, f"revision {clean(revision, 100)}")
        return Accepted()

    async def _sent(self, call: Awaitable[T], resource: str) -> T:
        try:
            return await call
        except AzureError as error:
            raise write_failure(error, resource) from error


class _Sent(AsyncPollingMethod[Any]):
    """Keeps the first answer and polls nothing: following an operation is the read client's work."""

    accepted = Accepted()

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        headers = initial_response.http_response.headers
        address = headers.get("Azure-AsyncOperation") or headers.get("Location") or ""
        self.accepted = Accepted(str(address), clean(headers.get("x-ms-request-id", ""), 80))

    async def run(self) -> None:
        """Nothing is polled."""

    def status(self) -> str:
        return "Accepted"

    def finished(self) -> bool:
        return True

    def resource(self) -> None:
        return None
