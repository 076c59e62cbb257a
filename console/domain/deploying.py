"""The bodies with which a model deployment is written: a PUT replaces it whole, so what is not sent is lost.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments/create-or-update
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.domain.model import NO_UPGRADE, SHADOW_TAG, Deployment

# What Azure tells of a deployment and does not take.
_TOLD = frozenset(
    {
        "provisioningState",
        "capabilities",
        "callRateLimit",
        "rateLimits",
        "ratelimits",
        "dynamicThrottlingEnabled",
        "currentCapacity",
    }
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a deployment is to be: as `Deployment.identity` has it, in Azure's own words."""

    model: str
    version: str
    sku: str
    capacity: int | None
    upgrade: str = NO_UPGRADE
    filter: str = ""

    @classmethod
    def of(cls, deployment: Deployment) -> Shape:
        return cls(
            deployment.model,
            deployment.version,
            deployment.sku,
            deployment.capacity,
            deployment.upgrade,
            deployment.filter,
        )

    @classmethod
    def from_identity(cls, identity: str) -> Shape | None:
        """The shape that `Deployment.identity` wrote; None for anything else."""
        words = identity.split(" ")
        if len(words) < 6:
            return None
        model, version, sku, size, upgrade, filtered = ("" if word == "-" else word for word in words[:6])
        if size and not size.isdecimal():
            return None
        return cls(model, version, sku, int(size) if size else None, upgrade, filtered)

    @property
    def runs(self) -> str:
        return f"{self.model} {self.version}".strip()


def merged(deployment: Deployment, leaves: Shape) -> dict[str, Any]:
    """All that the deployment has, with what `leaves` says put in its place. Raises ValueError without a body."""
    whole = json.loads(deployment.body or "null")
    if not isinstance(whole, dict):
        raise ValueError(f"what Azure told of {deployment.name} was not kept")
    properties = {key: value for key, value in (whole.get("properties") or {}).items() if key not in _TOLD}
    model = {key: value for key, value in (properties.get("model") or {}).items() if key != "callRateLimit"}
    properties["model"] = {**model, "name": leaves.model, "version": leaves.version}
    properties["versionUpgradeOption"] = leaves.upgrade
    if leaves.filter != deployment.filter:
        properties["raiPolicyName"] = leaves.filter or None
    sku = dict(whole.get("sku") or {})
    if leaves.sku != deployment.sku:
        sku["name"] = leaves.sku
    if leaves.capacity is not None:
        sku["capacity"] = leaves.capacity
    tags = {"tags": whole["tags"]} if whole.get("tags") else {}
    kept = {key: value for key, value in properties.items() if value is not None}
    return {**({"sku": sku} if sku else {}), **tags, "properties": kept}


def shadow(of: Deployment, version: str, capacity: int) -> dict[str, Any]:
    """A small deployment beside another, of the same model and filter at `version`, that bears our tag."""
    properties: dict[str, Any] = {
        "model": {"format": of.format, "name": of.model, "version": version},
        "versionUpgradeOption": NO_UPGRADE,
    }
    if of.filter:
        properties["raiPolicyName"] = of.filter
    return {"sku": {"name": of.sku, "capacity": capacity}, "tags": {SHADOW_TAG: of.name}, "properties": properties}


def differences(found: Deployment, wanted: Shape | Mapping[str, Any]) -> tuple[str, ...]:
    """What of a deployment is not as `wanted` says, each in words."""
    shape = wanted if isinstance(wanted, Shape) else Shape(**wanted)
    told = []
    if (found.model, found.version) != (shape.model, shape.version):
        told.append(f"it runs {found.runs}, not {shape.runs}")
    if found.upgrade != shape.upgrade:
        told.append(f"its upgrade option is {found.upgrade or 'not set'}, not {shape.upgrade or 'unset'}")
    if found.sku != shape.sku or (shape.capacity is not None and found.capacity != shape.capacity):
        told.append(f"its size is {found.sku} {found.capacity}, not {shape.sku} {shape.capacity}")
    if found.filter != shape.filter:
        told.append(f"its content filter is {found.filter or 'the default'}, not {shape.filter or 'the default'}")
    return tuple(told)
