"""Writes to Azure, each request once. It is not built where the console is read-only."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.mgmt.appcontainers.aio import ContainerAppsAPIClient

from console.azure.errors import write_failure
from console.azure.first_answer import Accepted, FirstAnswer
from console.azure.pipeline import once
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.clean import clean
from console.domain.traffic import TrafficEntry

T = TypeVar("T")


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

    async def set_secrets(self, entries: Sequence[Mapping[str, Any]]) -> Accepted:
        """PATCHes the secrets: arrays are replaced, so `entries` are all of them. Makes no revision."""
        return await self._patch({"configuration": {"secrets": list(entries)}})

    async def _patch(self, properties: Mapping[str, Any]) -> Accepted:
        body: Any = {"properties": properties}
        sent = FirstAnswer()
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
