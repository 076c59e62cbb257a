"""The models that a region offers to deploy: versions, lifecycle, retirement, and how much of each one may be given.

Shapes as recorded in cognitive-models-list-location; replacementConfig and deprecationStatus from the specification's
example. Which versions there are and when they retire is made up, and goes by the time the stage begins.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator.wire import Refused, refuse
from console.simulator.world import World

Json = dict[str, Any]

TITLES = {"gpt-4o": "GPT-4o", "gpt-4o-mini": "GPT-4o-mini", "gpt-4.1": "GPT-4.1", "gpt-35-turbo": "GPT-35-Turbo"}
CHAT = {"chatCompletion": "true", "jsonObjectResponse": "true", "maxContextToken": "128000"}
EMBEDDINGS = {"embeddings": "true", "embeddingsMaxInputs": "2048"}
OFFERED = (
    ("gpt-4o", "2024-05-13", "Deprecating", 45, False),
    ("gpt-4o", "2024-08-06", "GenerallyAvailable", 200, False),
    ("gpt-4o", "2024-11-20", "GenerallyAvailable", 320, True),
    ("gpt-4o-mini", "2024-07-18", "GenerallyAvailable", 300, True),
    ("gpt-4.1", "2025-04-14", "GenerallyAvailable", 500, True),
    ("gpt-35-turbo", "0301", "Deprecated", -200, False),
    ("text-embedding-ada-002", "2", "Legacy", 150, True),
    ("text-embedding-3-small", "1", "GenerallyAvailable", 480, True),
    ("text-embedding-3-large", "1", "GenerallyAvailable", 480, True),
)


def catalogue(now: datetime) -> tuple[Json, ...]:
    """What a region offers at a stage's beginning; for `World.models`."""
    return tuple(_offer(now, *one) for one in OFFERED)


def with_offer(world: World, name: str, version: str, **changes: Any) -> World:
    """The world in which an offered version is otherwise: `lifecycleStatus`, `isDefaultVersion`, `deprecation`."""
    return replace(
        world,
        models=tuple(
            {**one, "model": {**one["model"], **changes}} if _is(one["model"], name, version) else one
            for one in world.models
        ),
    )


def retired(world: World, name: str, version: str, at: datetime) -> World:
    """The world in which a version cannot be deployed any more, since `at`."""
    inference = {"inference": _day(at), "deprecationStatus": "Planned"}
    return with_offer(world, name, version, lifecycleStatus="Deprecated", deprecation=inference)


def default_version(world: World, name: str) -> str | None:
    """The version that a deployment without one gets."""
    found = [one["model"] for one in world.models if one["model"]["name"].lower() == name.lower()]
    return next((str(one["version"]) for one in found if one.get("isDefaultVersion")), None)


def check_offered(world: World, name: str, version: str, now: datetime) -> None:
    """400 for a version that is not offered, or is retired (inferred). A world without offers is not looked at."""
    if not world.models:
        return
    offer = next((one["model"] for one in world.models if _is(one["model"], name, version)), None)
    if offer is None:
        raise _unsupported(name, version)
    ends = datetime.fromisoformat(offer["deprecation"]["inference"])
    if offer["lifecycleStatus"] == "Deprecated" or ends <= now:
        raise refuse(
            400,
            "ServiceModelDeprecated",
            f"The model 'Format: OpenAI, Name: {name}, Version: {version}' has been deprecated since "
            f"{ends:%m/%d/%Y %H:%M:%S}.",
        )


def check_quota(world: World, name: str, asked: int, used: int, has: int) -> None:
    """400 InsufficientQuota (text reported by users). `used` by all deployments of the model, `has`: this one's."""
    limit, title = world.settings.model_quota, quota_title(name)
    if asked - has > limit - used:
        raise refuse(
            400,
            "InsufficientQuota",
            f"This operation require {asked - has} new capacity in quota {title}, which is bigger than the current "
            f"available capacity {limit - used}. The current quota usage is {used} and the quota limit is {limit} "
            f"for quota {title}.",
        )


def usage_body(world: World, name: str, used: int) -> Json:
    """One entry of a location's usages (documented shape, never recorded)."""
    return {
        "name": {"value": f"OpenAI.Standard.{name}", "localizedValue": quota_title(name)},
        "currentValue": float(used),
        "limit": float(world.settings.model_quota),
        "unit": "Count",
    }


def account_model_body(offer: Json) -> Json:
    """An offer as an account's own list shows it: the model without its envelope (documented, never recorded)."""
    return dict(offer["model"])


def quota_title(name: str) -> str:
    return f"Tokens Per Minute (thousands) - {TITLES.get(name, name)}"


def capabilities(name: str) -> Json:
    """What a deployment of the model says that it can do."""
    if "embedding" in name:
        return {"embeddings": "true"}
    return {"completion": "true", "search": "true"} if name.startswith("text-") else {"chatCompletion": "true"}


def _offer(now: datetime, name: str, version: str, status: str, days: int, default: bool) -> Json:
    ends = _day(now + timedelta(days=days))
    sku = {
        "name": "Standard",
        "usageName": f"OpenAI.Standard.{name}",
        "capacity": {"maximum": 10000, "default": 10},
        "deprecationDate": ends,
        "ratelimits": rate_limits(1),
    }
    model: Json = {
        "format": "OpenAI",
        "name": name,
        "version": version,
        "isDefaultVersion": default,
        "skus": [sku],
        "maxCapacity": 3,
        "capabilities": EMBEDDINGS if "embedding" in name else CHAT,
        "deprecation": {"inference": ends, "deprecationStatus": "Planned" if days < 60 else "Tentative"},
        "lifecycleStatus": status,
        "systemData": _made_by_microsoft(now),
    }
    if status in ("Deprecating", "Deprecated"):
        model["replacementConfig"] = _replacement(now, days)
    return {"kind": "OpenAI", "skuName": "S0", "model": model}


def rate_limits(capacity: int) -> list[Json]:
    """What a capacity lets through: for each unit 1 request in 10 s and 1,000 tokens a minute."""
    return [
        {"key": "request", "renewalPeriod": 10, "count": capacity},
        {"key": "token", "renewalPeriod": 60, "count": 1000 * capacity},
    ]


def _replacement(now: datetime, days: int) -> Json:
    return {
        "targetModelName": "gpt-4.1",
        "targetModelVersion": "2025-04-14",
        "autoUpgradeStartDate": _day(now + timedelta(days=days - 30)),
        "upgradeOnExpiryLeadTimeDays": 7,
    }


def _made_by_microsoft(now: datetime) -> Json:
    at = _day(now - timedelta(days=400))
    by = {"createdBy": "Microsoft", "createdByType": "Application", "createdAt": at}
    return {**by, "lastModifiedBy": "Microsoft", "lastModifiedByType": "Application", "lastModifiedAt": at}


def _is(model: Json, name: str, version: str) -> bool:
    return (str(model["name"]).lower(), str(model["version"]).lower()) == (name.lower(), version.lower())


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}T00:00:00Z"


def _unsupported(name: str, version: str) -> Refused:
    return refuse(
        400,
        "DeploymentModelNotSupported",
        f"The model 'Format: OpenAI, Name: {name}, Version: {version}' of account deployment is not supported.",
    )
