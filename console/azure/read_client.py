"""Reads the code layer from Azure. Patient, and unable to write."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest
from azure.mgmt.appcontainers.aio import ContainerAppsAPIClient

from console.azure import activity_log, metrics, shapes
from console.azure.arm import Arm
from console.azure.credentials import principal
from console.azure.patience import READ_S as READ_S
from console.azure.patience import UNREADABLE, Patience
from console.azure.permissions import permitted_actions
from console.azure.pipeline import patient
from console.azure.transport import HttpxTransport
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.change import Written
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.failure import Failure, FailureKind

T = TypeVar("T")

LABELS_S = 3.0


@dataclass(frozen=True, slots=True)
class Operation:
    """What Azure says of a long-running operation: an open word such as InProgress, and its error if any."""

    status: str
    error: str = ""

    @property
    def running(self) -> bool:
        return self.status.lower() not in ("succeeded", "failed", "canceled")


class ReadClient:
    """Azure's own answers about one container app.

    Every method raises Failure, `UNREACHABLE` at the latest after `READ_S` seconds, however long Azure asks to wait.
    """

    def __init__(
        self,
        settings: AzureSettings,
        app: str,
        credential: AsyncTokenCredential,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._labelled, self._unread = True, ""
        self._histories: list[Mapping[str, Any]] = []
        self._group, self._app, self._clock = settings.resource_group, app, clock
        self._credential, self._settings = credential, settings
        self._patience = Patience(credential, settings.scope)
        self.arm = Arm(settings, credential, http, clock)
        self._id = (
            f"/subscriptions/{settings.subscription}/resourceGroups/{settings.resource_group}"
            f"/providers/Microsoft.App/containerApps/{app}"
        )
        self._resource = f"container app {app} in {settings.resource_group}"
        self._client = ContainerAppsAPIClient(
            credential,
            settings.subscription,
            base_url=settings.arm,
            policies=patient(credential, settings.scope, settings.arm),
            transport=HttpxTransport(http, clock.sleep),
        )

    async def principal(self) -> str:
        """Who we are to Azure; proves that the credential works."""

        async def ask() -> str:
            return principal((await self._credential.get_token(self._settings.scope)).token)

        return await self._told(ask(), "sign-in")

    async def code_state(self) -> CodeState:
        """The app and all its revisions, read side by side."""
        return await self._told(self._code_state(), self._resource)

    async def revision(self, name: str) -> Revision | None:
        """One revision read afresh; None where it no longer exists."""

        async def read() -> Revision:
            call = self._client.container_apps_revisions.get_revision(self._group, self._app, name)
            return shapes.revision((await call).as_dict())

        try:
            return await self._told(read(), f"revision {clean(name, 100)}")
        except Failure as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                return None
            raise

    async def template(self, name: str) -> Mapping[str, Any] | None:
        """A revision's template as Azure writes it, for a copy; None where the revision no longer exists."""

        async def read() -> Mapping[str, Any]:
            call = self._client.container_apps_revisions.get_revision(self._group, self._app, name)
            template: Mapping[str, Any] = ((await call).as_dict().get("properties") or {}).get("template") or {}
            return {key: value for key, value in template.items() if value is not None}

        try:
            return await self._told(read(), f"revision {clean(name, 100)}")
        except Failure as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                return None
            raise

    async def azure_now(self) -> datetime:
        """Azure's own time, since it dates what it counts by its own clock and not by this machine's."""
        answer = await self.arm.get(self._id, metrics.APP_VERSION, self._resource)
        return answer.date or self._clock.now()

    async def requests_since(self, at: datetime) -> Mapping[str, int]:
        """Requests per revision in the whole minutes since `at`, by Azure's own count, which is minutes late."""
        url = metrics.requests_url(self._settings, self._app, at)
        return await self._told(self._metric(url, at), f"the metrics of {self._resource}")

    async def writes(self, since: datetime) -> tuple[Written, ...]:
        """Who wrote what in the app's resource group since then, by Azure's Activity Log, minutes late."""
        account = self._settings
        now = self._clock.now()
        return await activity_log.writes(self.arm, account.subscription, account.resource_group, since, now)

    async def allows(self, action: str) -> bool | None:
        """Whether we may do `action` on the app, such as `Microsoft.App/containerApps/write`; None: not known."""
        try:
            return (await permitted_actions(self.arm, self._id)).allows(action)
        except Failure:
            return None

    async def operation(self, url: str) -> Operation | None:
        """What the operation at `url` has come to; None where Azure has forgotten it.

        Only an address on the endpoint's own host is asked: a token goes nowhere else.
        """
        return await self._told(self._operation(url), "the operation")

    async def _code_state(self) -> CodeState:
        app, revisions, labels = await asyncio.gather(
            self._told(self._app_body(), self._resource),
            self._told(self._revisions(), f"the revisions of {self._resource}"),
            self._label_history(),
        )
        self._labelled = any(entry.get("label") for entry in _traffic(app))
        unread = self._unread if self._labelled else ""
        return replace(shapes.code_state(app, revisions, labels), unread=unread)

    async def _app_body(self) -> Mapping[str, Any]:
        return (await self._client.container_apps.get(self._group, self._app)).as_dict()

    async def _revisions(self) -> list[Mapping[str, Any]]:
        listing = self._client.container_apps_revisions.list_revisions(self._group, self._app)
        return [revision.as_dict() async for revision in listing]

    async def _label_history(self) -> list[Mapping[str, Any]]:
        """Azure's memory of labels; its absence (older clouds, no permission) or slowness is not an error.

        It is asked beside the app, and not again once the app is known to have no label.
        """
        if not self._labelled:
            return []
        self._unread = ""
        try:
            async with asyncio.timeout(LABELS_S):
                listing = self._client.container_apps_label_history.list_label_history(self._group, self._app)
                self._histories = [history.as_dict() async for history in listing]
        except (AzureError, TimeoutError, *UNREADABLE):
            self._unread = "Azure's label history could not be read: who held a label is as last known, or not at all"
        return self._histories

    async def _metric(self, url: str, at: datetime) -> Mapping[str, int]:
        response = await self._client.send_request(HttpRequest("GET", url))
        response.raise_for_status()
        return metrics.requests_by_revision(response.json(), at)

    async def _operation(self, url: str) -> Operation | None:
        if urlsplit(url).netloc.lower() != urlsplit(self._settings.arm).netloc.lower():
            return None
        response = await self._client.send_request(HttpRequest("GET", url))
        if response.status_code in (404, 410):
            return None
        if response.status_code >= 400:
            raise Failure(FailureKind.UNREACHABLE, f"the operation's status answered {response.status_code}")
        return _operation(response.json() if response.content else {}, response.status_code)

    async def _told(self, call: Coroutine[Any, Any, T], resource: str) -> T:
        return await self._patience.told(call, resource)


def _traffic(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ingress = ((body.get("properties") or {}).get("configuration") or {}).get("ingress") or {}
    return list(ingress.get("traffic") or ())


def _operation(body: Mapping[str, Any], status_code: int) -> Operation:
    """containerappOperationStatuses say `status`; the older containerappOperationResults only 202 or 200."""
    word = body.get("status") or ("InProgress" if status_code == 202 else "Succeeded")
    error = body.get("error") or {}
    text = f"{error.get('code', '')} {error.get('message', '')}".strip() if isinstance(error, Mapping) else ""
    return Operation(clean(str(word), 60), clean(text, 300))
