"""The code layer: a container app and its revisions, as they were read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.domain.traffic import TrafficEntry, shares

_FAILED = frozenset({"failed", "degraded", "stopped", "activationfailed", "deprovisioning", "deprovisioned"})
_SETTLING = frozenset({"activating", "processing", "provisioning", "deploying"})


class Condition(StrEnum):
    """What a revision's states add up to, in our words."""

    READY = "ready"
    SCALED_TO_ZERO = "scaled to zero"
    INACTIVE = "inactive"
    STARTING = "starting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Revision:
    """One immutable revision. `health`, `running` and `provisioning` are Azure's own open words."""

    name: str
    active: bool
    health: str
    running: str
    provisioning: str
    replicas: int
    image: str
    created: datetime | None
    fqdn: str = ""
    error: str | None = None
    last_active: datetime | None = None
    env: tuple[tuple[str, str], ...] = ()
    min_replicas: int = 0
    max_replicas: int = 10
    scale_rules: tuple[str, ...] = ()
    template: str = ""

    @property
    def condition(self) -> Condition:
        """Failed, starting, inactive, scaled to zero or ready; `health` alone never decides (design section 5)."""
        words = {self.running.lower(), self.provisioning.lower()}
        if words & {"deprovisioning", "deprovisioned"}:
            return Condition.FAILED
        if not self.active:
            return Condition.INACTIVE
        if words & _FAILED:
            return Condition.FAILED
        if words & _SETTLING:
            return Condition.STARTING
        return Condition.READY if self.replicas > 0 else Condition.SCALED_TO_ZERO


@dataclass(frozen=True, slots=True)
class CodeState:
    """What serves now and what it could go back to. Revisions come newest first.

    `carried` and `label_holders` are Azure's memory of labels: when each revision last had one, and who had each.
    `unread` says what Azure did not tell. `app_wide` are the settings that stand above all revisions, by topic:
    ingress without its traffic, secrets by their Key Vault address (never a value), registries, identity.
    """

    app: str
    mode: str
    provisioning: str
    running: str
    fqdn: str
    external: bool
    traffic: tuple[TrafficEntry, ...]
    revisions: tuple[Revision, ...]
    latest: str | None
    resource_id: str = ""
    modified_at: datetime | None = None
    modified_by: str | None = None
    max_inactive: int | None = None
    carried: Mapping[str, datetime] = field(default_factory=dict)
    label_holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: str = ""
    app_wide: Mapping[str, str] = field(default_factory=dict)

    @property
    def weights(self) -> Mapping[str, int]:
        """Percent of the traffic per revision name."""
        return shares(self.traffic, self.latest)

    def weight(self, name: str) -> int:
        return self.weights.get(name, 0)

    def find(self, name: str) -> Revision | None:
        """The revision of that name, or None where it no longer exists."""
        return next((revision for revision in self.revisions if revision.name == name), None)

    def labels(self, name: str) -> tuple[str, ...]:
        return tuple(entry.label for entry in self.traffic if entry.label and entry.resolved(self.latest) == name)

    @property
    def dead_entries(self) -> tuple[TrafficEntry, ...]:
        """Entries of the traffic array that reach nobody: their revision is gone, or has been deactivated."""
        alive = {revision.name for revision in self.revisions if revision.active}
        return tuple(entry for entry in self.traffic if entry.resolved(self.latest) not in alive)

    @property
    def serving(self) -> tuple[Revision, ...]:
        """The revisions that carry traffic, newest first."""
        weights = self.weights
        return tuple(revision for revision in self.revisions if weights.get(revision.name, 0) > 0)

    def short(self, name: str) -> str:
        """A revision's name without the app's."""
        return short_name(self.app, name)


def short_name(app: str, name: str) -> str:
    """`pharmabot--v42` is `v42` where the app is pharmabot."""
    return name.removeprefix(f"{app}--")
