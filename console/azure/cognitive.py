"""Reads an Azure OpenAI account: its deployments, and the model versions that may be deployed. Patient.

The bodies are read as Azure writes them and not through the SDK's models, which lose what they do not know
(`ratelimits`, for one): a write replaces the whole deployment, and forgets what it is not given.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from azure.core.credentials_async import AsyncTokenCredential

from console.azure import cognitive_shapes as shapes
from console.azure.arm import Arm
from console.azure.metrics import VERSION as METRICS_VERSION
from console.azure.metrics import Answered, answered_versions, versions_query
from console.azure.permissions import permitted_actions
from console.clock import Clock
from console.config.settings import AzureSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.domain.model import Deployment, ModelState, Offer

VERSION = "2025-09-01"
OFFERS_S = 600.0
VERSIONS_S = 60.0
VERSIONS_BOUND_S = 3.0

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a quota is in use, in the units of a deployment's capacity."""

    name: str
    used: int
    limit: int

    @property
    def free(self) -> int:
        return max(self.limit - self.used, 0)


class CognitiveReader:
    """Azure's own answers about one account. Unable to write. Every method raises Failure, but where it says so."""

    def __init__(
        self,
        settings: AzureSettings,
        group: str,
        account: str,
        watched: tuple[str, ...],
        credential: AsyncTokenCredential,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self.account_id = (
            f"/subscriptions/{settings.subscription}/resourceGroups/{group}"
            f"/providers/Microsoft.CognitiveServices/accounts/{account}"
        )
        self._path = quote(self.account_id)
        self._subscription, self._account, self._watched, self._clock = settings.subscription, account, watched, clock
        self._arm = Arm(settings, credential, http, clock)
        self._named = f"account {account} in {group}"
        self._offers: tuple[Offer, ...] = ()
        self._offered_at: datetime | None = None
        self._answered: tuple[Answered, ...] = ()
        self._counted_at: datetime | None = None

    async def state(self) -> ModelState:
        """The account, its deployments and what it offers, side by side; what it offers is asked every ten minutes.

        Offers that cannot be read leave the rest as it is, and say so.
        """
        account, bodies, unread, answered = await asyncio.gather(
            self._account_body(), self._bodies(), self._offered(), self._versions()
        )
        deployments = shapes.remembered(shapes.deployments(bodies, self._watched), answered)
        names = {one.name.lower() for one in deployments}
        absent = ", ".join(name for name in self._watched if name.lower() not in names)
        if absent:
            unread = "; ".join(filter(None, (f"{self._account} has no deployment {absent}", unread)))
        models = {one.model.lower() for one in deployments}
        return ModelState(
            account=self._account,
            location=shapes.location(account),
            deployments=deployments,
            offers=tuple(one for one in self._offers if one.model.lower() in models),
            resource_id=self.account_id,
            unread=unread,
            busy=not (shapes.settled(account) and all(one.settled for one in deployments)),
            at=self._clock.now(),
        )

    async def deployments(self) -> tuple[Deployment, ...]:
        """The account's deployments, read afresh."""
        return shapes.deployments(await self._bodies(), self._watched)

    async def deployment(self, name: str) -> Deployment | None:
        """One deployment read afresh; None where there is none."""
        named = f"deployment {clean(name, 100)} of {self._account}"
        try:
            answer = await self._arm.get(f"{self._path}/deployments/{quote(name)}", VERSION, named)
        except Failure as failure:
            if failure.kind is FailureKind.NOT_FOUND:
                return None
            raise
        return shapes.deployment(answer.body, not self._watched or name in self._watched)

    async def allows(self, *actions: str) -> bool | None:
        """Whether we may do all `actions` on the account; None where that is not known. Never raises."""
        try:
            permissions = await permitted_actions(self._arm, self.account_id)
        except Failure:
            return None
        return all(permissions.allows(action) for action in actions)

    async def quota(self, location: str, usage: str) -> Quota | None:
        """The quota of that name in a location; None where it is not known. Never raises."""
        path = (
            f"/subscriptions/{self._subscription}/providers/Microsoft.CognitiveServices/locations/{quote(location)}"
        )
        try:
            entries = await self._arm.listed(f"{path}/usages", VERSION, f"the quotas of {clean(location, 60)}")
        except Failure:
            return None
        for entry in entries:
            name = entry.get("name")
            if isinstance(name, Mapping) and str(name.get("value")).lower() == usage.lower():
                used, limit = entry.get("currentValue"), entry.get("limit")
                if isinstance(used, int | float) and isinstance(limit, int | float):
                    return Quota(clean(usage, 100), int(used), int(limit))
        return None

    async def _versions(self) -> tuple[Answered, ...]:
        """Which version answered when, by Azure's count of calls; nothing where it cannot be read in time.

        Five minutes exactly over a day; where nothing changed in that, an hour exactly over a week.
        """
        now = self._clock.now()
        if self._counted_at is not None and (now - self._counted_at).total_seconds() < VERSIONS_S:
            return self._answered
        self._counted_at = now
        with contextlib.suppress(Failure, TimeoutError):
            async with asyncio.timeout(VERSIONS_BOUND_S):
                found = await self._counted(now - timedelta(days=1), now, "PT5M")
                if len(found) == len({one.deployment for one in found}):
                    found = await self._counted(now - timedelta(days=7), now, "PT1H")
                self._answered = found
        return self._answered

    async def _counted(self, since: datetime, until: datetime, interval: str) -> tuple[Answered, ...]:
        path, query = f"{self._path}/providers/microsoft.insights/metrics", versions_query(since, until, interval)
        answer = await self._arm.get(path, METRICS_VERSION, f"the metrics of {self._named}", query)
        return answered_versions(answer.body)

    async def _account_body(self) -> Body:
        return (await self._arm.get(self._path, VERSION, self._named)).body

    async def _bodies(self) -> tuple[Body, ...]:
        return await self._arm.listed(f"{self._path}/deployments", VERSION, f"the deployments of {self._named}")

    async def _offered(self) -> str:
        """Asks for the offers where the last answer is old; what is wrong with them, in words."""
        now = self._clock.now()
        if self._offered_at is not None and (now - self._offered_at).total_seconds() < OFFERS_S:
            return ""
        try:
            listed = await self._arm.listed(f"{self._path}/models", VERSION, f"the models that {self._named} offers")
        except Failure as failure:
            old = "; what is shown is as last read" if self._offered_at is not None else ""
            return f"which versions may be deployed could not be read: {failure.sentence}{old}"
        self._offers, self._offered_at = shapes.offers(listed), now
        return ""
