"""The model layer: an Azure OpenAI account's deployments, and the versions that may still be deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NO_UPGRADE = "NoAutoUpgrade"
SHADOW_TAG = "rollback-console-shadow"
RETIRING = timedelta(days=60)
_ENDED = frozenset({"succeeded", "failed", "canceled", "disabled", "deleted"})


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment. `upgrade`, `sku`, `state` and `filter` are Azure's own open words; `capacity` is in its units.

    `body` is the whole resource as Azure wrote it, as JSON text, for a read-modify-write; never shown. `shadow_of` is
    the deployment that this console made it a shadow of. `spillover` takes the calls that are too many for this one.
    `before` is what it answered with before, and `since` when its version first answered, by Azure's count of calls.
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
    etag: str = ""
    shadow_of: str = ""
    spillover: str = ""
    before: str = ""
    since: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether Azure has done with it: a state that nobody knows counts as settled."""
        return not self.state or self.state.lower() in _ENDED

    @property
    def ready(self) -> bool:
        return self.state.lower() == "succeeded"

    @property
    def identity(self) -> str:
        """What serves, in one line: model, version, sku, capacity, filter, and a spillover if any.

        The upgrade option is no part of it: it says what may serve one day, and a rollback that pins changes nothing
        else. Its place holds a dash.
        """
        size = "-" if self.capacity is None else str(self.capacity)
        words = (self.model, self.version, self.sku, size, "", self.filter)
        spill = f" spillover={self.spillover}" if self.spillover else ""
        return " ".join(word.replace(" ", "_") or "-" for word in words) + spill

    @property
    def pinned(self) -> bool:
        return self.upgrade == NO_UPGRADE

    @property
    def runs(self) -> str:
        """`gpt-4o 2024-11-20`."""
        return f"{self.model} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Offer:
    """A model version that the region offers. `lifecycle` is Azure's open word; `retires` ends its inference.

    `sku_ends` tells when each sku stops being given, `usage` under which name each one's quota is counted.
    """

    model: str
    version: str
    lifecycle: str = ""
    retires: datetime | None = None
    default: bool = False
    skus: tuple[str, ...] = ()
    format: str = "OpenAI"
    sku_ends: Mapping[str, datetime] = field(default_factory=dict)
    usage: Mapping[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> str:
        return f"{self.model} {self.version}"


@dataclass(frozen=True, slots=True)
class ModelState:
    """The account's deployments, those of the configuration first, and the offers that concern them.

    `unread` says what Azure did not tell; `busy` that another write on the account is under way. `env` is the name
    under which a revision's env says which deployment it calls; `calls` is what the serving revisions say there, by
    their short names; nothing where that is not configured or not known.
    """

    account: str
    location: str
    deployments: tuple[Deployment, ...]
    offers: tuple[Offer, ...] = ()
    resource_id: str = ""
    unread: str = ""
    busy: bool = False
    at: datetime | None = None
    env: str = ""
    calls: tuple[tuple[str, str], ...] = ()

    def find(self, name: str) -> Deployment | None:
        return next((one for one in self.deployments if one.name.lower() == name.lower()), None)

    def offer(self, model: str, version: str) -> Offer | None:
        wanted = (model.lower(), version.lower())
        return next((one for one in self.offers if (one.model.lower(), one.version.lower()) == wanted), None)

    @property
    def called(self) -> tuple[Deployment, ...]:
        """The deployments that the serving revisions call, where that is known."""
        names = {name.lower() for _, name in self.calls}
        return tuple(one for one in self.deployments if one.name.lower() in names)

    @property
    def serving(self) -> tuple[Deployment, ...]:
        """What serves: the watched ones, but for those that stand beside one of the same model which is called.

        A standby, or what was flipped away from, serves nobody.
        """
        called = self.called
        models = {one.model for one in called}
        return tuple(one for one in self.deployments if one in called or (one.watched and one.model not in models))

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
