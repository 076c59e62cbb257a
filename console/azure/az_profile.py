"""What the az command line remembers of itself, read and never written: its subscriptions, and which is the default.

`azureProfile.json` in AZURE_CONFIG_DIR or ~/.azure, as azure-cli-core writes it (with a byte-order mark).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from console.domain.clean import clean

Cloud = Literal["public", "china", "government"]

_CLOUDS: Mapping[str, Cloud] = {
    "azurecloud": "public",
    "azurechinacloud": "china",
    "azureusgovernment": "government",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A subscription that az is signed in to."""

    id: str
    name: str
    tenant: str
    cloud: Cloud
    default: bool


def subscriptions(environment: Mapping[str, str]) -> tuple[Known, ...]:
    """The subscriptions in az's profile; none where there is no profile, or none that can be read."""
    folder = environment.get("AZURE_CONFIG_DIR") or str(Path(environment.get("HOME") or "/") / ".azure")
    try:
        body = json.loads((Path(folder) / "azureProfile.json").read_text(encoding="utf-8-sig"))
        found = [_known(one) for one in body["subscriptions"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(one for one in found if one.id)


def default_subscription(environment: Mapping[str, str]) -> Known | None:
    """What `az account show` would name, without asking az."""
    return next((one for one in subscriptions(environment) if one.default), None)


def known_subscription(environment: Mapping[str, str], wanted: str) -> Known | None:
    """What az knows of a subscription, by its id or its name."""
    word = wanted.lower()
    return next((one for one in subscriptions(environment) if word in (one.id.lower(), one.name.lower())), None)


def _known(body: Mapping[str, Any]) -> Known:
    cloud = _CLOUDS.get(str(body.get("environmentName", "")).lower(), "public")
    identity, name, tenant = (clean(str(body.get(key) or ""), 120) for key in ("id", "name", "tenantId"))
    return Known(identity, name, tenant, cloud, bool(body.get("isDefault")))
