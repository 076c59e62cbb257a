"""Writes of an Azure OpenAI account's deployments, each request once. Not built where the console is read-only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError

from console.azure.errors import write_failure
from console.azure.first_answer import Accepted, FirstAnswer
from console.azure.pipeline import once
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.clean import clean
from console.domain.failure import Failure

if TYPE_CHECKING:
    from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient

_MEANING = {
    "insufficientquota": "the subscription's quota does not suffice",
    "requestconflict": "another write on the account is under way",
    "servicemodeldeprecated": "that version is retired",
    "deploymentmodelnotsupported": "that version is not offered here",
}


class CognitiveActions:
    """PUT and DELETE of deployments. Every method sends once, or raises Failure.

    There is no PATCH: it carries size and tags only, and would leave the version as it is.
    """

    def __init__(
        self,
        settings: AzureSettings,
        group: str,
        account: str,
        credential: AsyncTokenCredential,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._settings, self._group, self._account = settings, group, account
        self._credential, self._http, self._clock = credential, http, clock
        self._client: CognitiveServicesManagementClient | None = None

    async def put(self, name: str, body: Mapping[str, Any]) -> Accepted:
        """Creates or replaces a deployment: what `body` leaves out is lost, or becomes Azure's default."""
        sent, group = FirstAnswer(), self._group
        content: Any = json.dumps(body).encode()
        deployments = self._sdk().deployments
        await self._told(deployments.begin_create_or_update(group, self._account, name, content, polling=sent), name)
        return sent.accepted

    async def delete(self, name: str) -> Accepted:
        """Deletes a deployment."""
        sent = FirstAnswer()
        await self._told(self._sdk().deployments.begin_delete(self._group, self._account, name, polling=sent), name)
        return sent.accepted

    def _sdk(self) -> CognitiveServicesManagementClient:
        """The SDK's client, imported at the first write: nobody who only looks waits for it."""
        if self._client is None:
            from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient

            self._client = CognitiveServicesManagementClient(
                self._credential,
                self._settings.subscription,
                base_url=self._settings.arm,
                policies=once(self._credential, self._settings.scope, self._settings.arm),
                transport=HttpxTransport(self._http, self._clock.sleep),
            )
        return self._client

    async def _told(self, call: Awaitable[Any], name: str) -> None:
        try:
            await call
        except AzureError as error:
            raise _failure(error, f"deployment {clean(name, 100)} of {self._account}") from error


def _failure(error: AzureError, resource: str) -> Failure:
    """Azure's refusal, with what its code means where that says more than its text."""
    failure = write_failure(error, resource)
    meaning = _MEANING.get(failure.code.lower())
    if meaning is None or not failure.nothing_changed:
        return failure
    return Failure(failure.kind, f"{meaning}; nothing changed. {failure.sentence}", failure.code, failure.request_id)
