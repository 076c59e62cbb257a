"""Reads of Azure Resource Manager that are no SDK client's of ours: lists and permissions, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError
from azure.core.rest import AsyncHttpResponse, HttpRequest

from console.azure.credentials import Identity, identity_in
from console.azure.patience import Patience
from console.azure.pipeline import patient
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import SignInSettings

Body = Mapping[str, Any]
MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, and Azure's own time when it was sent."""

    body: Body
    date: datetime | None


class Arm:
    """GETs, patiently, with one sign-in. Unable to write. Every method raises Failure."""

    def __init__(
        self, settings: SignInSettings, credential: AsyncTokenCredential, http: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._credential, self._settings = credential, settings
        self._patience = Patience(credential, settings.scope)
        self._client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
            base_url=settings.arm,
            policies=patient(credential, settings.scope, settings.arm),
            transport=HttpxTransport(http, clock.sleep),
        )

    async def identity(self) -> Identity:
        """Who we are to Azure; proves that the credential works."""

        async def ask() -> Identity:
            return identity_in((await self._credential.get_token(self._settings.scope)).token)

        return await self._patience.told(ask(), "sign-in")

    async def get(self, path: str, version: str, resource: str, query: Mapping[str, str] | None = None) -> Answer:
        """One resource; `resource` names it in an error."""
        asked = urlencode({"api-version": version, **(query or {})})
        return await self._patience.told(self._get(f"{self._settings.arm}{path}?{asked}"), resource)

    async def listed(
        self, path: str, version: str, resource: str, query: Mapping[str, str] | None = None
    ) -> tuple[Body, ...]:
        """Every entry of a list, over all its pages; `query` goes with the first."""
        asked = urlencode({"api-version": version, **(query or {})})
        return await self._patience.told(self._listed(f"{self._settings.arm}{path}?{asked}"), resource)

    async def _listed(self, first: str) -> tuple[Body, ...]:
        found: list[Body] = []
        address: str | None = first
        for _ in range(MOST_PAGES):
            if not address:
                break
            body = (await self._get(address)).body
            found += [one for one in body.get("value") or () if isinstance(one, Mapping)]
            address = body.get("nextLink")
        return tuple(found)

    async def _get(self, address: str) -> Answer:
        response = await self._client.send_request(HttpRequest("GET", address))
        if response.status_code >= 400:
            raise HttpResponseError(response=response)
        body = response.json()
        return Answer(body if isinstance(body, Mapping) else {}, _date(response.headers.get("Date")))


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
