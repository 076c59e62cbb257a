"""The model layer: an Azure OpenAI account's deployments, and the versions that may still be deployed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NO_UPGRADE = "NoAutoUpgrade"
RETIRING = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment. `upgrade`, `sku`, `state` and `filter` are Azure's own open words; `capacity` is in its units.

    `body` is the whole resource as Azure wrote it, as JSON text, for a read-modify-write; never shown.
    """

    name: str
    model: str
    version: str
    upgrade: str
    sku: str
    capacity: int | None
    filter: str = ""
    state: str = ""
    format: str = "OpenAI"
    created: datetime | None = None
    modified_at: datetime | None = None
    modified_by: str = ""
    tokens_per_min: int | None = None
    body: str = ""
    watched: bool = True

    @property
    def pinned(self) -> bool:
        return self.upgrade == NO_UPGRADE

    @property
    def runs(self) -> str:
        """`gpt-4o 2024-11-20`."""
        return f"{self.model} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Offer:
    """A model version that the region offers. `lifecycle` is Azure's open word; `retires` ends its inference."""

    model: str
    version: str
    lifecycle: str = ""
    retires: datetime | None = None
    default: bool = False
    skus: tuple[str, ...] = ()
    format: str = "OpenAI"


@dataclass(frozen=True, slots=True)
class ModelState:
    """The account's deployments, those of the configuration first, and the offers that concern them.

    `unread` says what Azure did not tell; `busy` that another write on the account is under way.
    """

    account: str
    location: str
    deployments: tuple[Deployment, ...]
    offers: tuple[Offer, ...] = ()
    resource_id: str = ""
    unread: str = ""
    busy: bool = False

    def find(self, name: str) -> Deployment | None:
        return next((one for one in self.deployments if one.name.lower() == name.lower()), None)

    def offer(self, model: str, version: str) -> Offer | None:
        return next((one for one in self.offers if (one.model, one.version) == (model, version)), None)

    def retires(self, deployment: Deployment) -> datetime | None:
        found = self.offer(deployment.model, deployment.version)
        return found.retires if found else None

    def warnings(self, now: datetime) -> tuple[str, ...]:
        """Unpinned deployments, and those whose version retires within 60 days."""
        found = []
        for one in self.deployments:
            if not one.watched:
                continue
            if not one.pinned:
                found.append(f"{one.name} upgrades itself ({one.upgrade or 'upgrade option unknown'})")
            retires = self.retires(one)
            if retires is not None and retires - now <= RETIRING:
                when = "is retired" if retires <= now else f"retires on {retires:%d %b %Y}"
                found.append(f"{one.name}: {one.runs} {when}")
        return tuple(found)
