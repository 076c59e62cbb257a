"""Azure OpenAI accounts and their deployments, as ARM shows them, in the newest recorded shape and in older ones.

Recorded in cognitive-deployment-lifecycle (2023-05-01), -unstripped-headers (2022-12-01) and -creating (2021-10-01).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.simulator.bodies import fraction, location_code, resource_group_id
from console.simulator.chance import digest
from console.simulator.cognitive import ACCOUNTS
from console.simulator.models import capabilities, rate_limits
from console.simulator.world import World

Json = dict[str, Any]

ONCE_NEW_DEFAULT = "OnceNewDefaultVersionAvailable"
LIMITED = {"MaxFineTuneCount": "100", "MaxRunningFineTuneCount": "1", "MaxUserFileCount": "50"}
LIMITED |= {"MaxTrainingFileSize": "100000000", "MaxUserFileImportDurationInHours": "1"}
LIMITED |= {"MaxFineTuneJobDurationInHours": "720"}
INTERFACES = ("Language Model Instance", "Dall-E", "Whisper")
RULES = {
    "openai.dalle.post": (("dalle/*", "POST"), ("openai/images/*", "POST")),
    "openai.dalle.other": (("dalle/*", "*"), ("openai/operations/images/*", "*")),
    "openai": (("openai/*", "*"),),
    "default": (("*", "*"),),
}


def account_body(world: World, group: str, name: str, sent: Json, by: str, now: datetime) -> Json:
    """An account as a PUT makes it, not ready yet."""
    location = str(sent.get("location", ""))
    domain = (sent.get("properties") or {}).get("customSubDomainName")
    host = f"{domain}.openai.azure.com" if domain else f"{location_code(location)}.api.cognitive.microsoft.com"
    endpoint = f"https://{host}/"
    properties: Json = {
        "endpoint": endpoint,
        "internalId": digest(name + "id", 32),
        "dateCreated": f"{fraction(now)}Z",
        "callRateLimit": {"rules": [_rule(key) for key in RULES]},
        "isMigrated": False,
        "privateEndpointConnections": [],
        "publicNetworkAccess": "Enabled",
        "capabilities": _capabilities(),
        "endpoints": {f"OpenAI {one} API": endpoint for one in INTERFACES},
        "provisioningState": "Creating",
    }
    return {
        "id": f"{resource_group_id(world, group)}/providers/{ACCOUNTS}/{name}",
        "name": name,
        "type": ACCOUNTS,
        "etag": account_etag(name, now),
        "location": location,
        "sku": {"name": "S0"},
        "kind": sent.get("kind") or "OpenAI",
        **({"tags": sent["tags"]} if sent.get("tags") is not None else {}),
        "properties": properties | ({"customSubDomainName": domain} if domain else {}),
        "systemData": system_data(by, now),
    }


def deployment_body(
    account_id: str,
    name: str,
    model: str,
    version: str,
    created: datetime,
    *,
    by: str = "pipeline@pharmabot.example",
    capacity: int = 30,
    option: str = ONCE_NEW_DEFAULT,
    content_filter: str | None = None,
    sku: str = "Standard",
) -> Json:
    """A deployment that is ready, of an account with this id. `capacity` in thousands of tokens per minute."""
    sent: Json = {
        "sku": {"name": sku, "capacity": capacity},
        "properties": {
            "model": {"format": "OpenAI", "name": model, "version": version},
            "versionUpgradeOption": option,
            **({"raiPolicyName": content_filter} if content_filter else {}),
        },
    }
    return deployment_as_put(account_id, name, sent, None, by, created, f"{name}/{version}/{created}")


def deployment_as_put(
    account_id: str, name: str, sent: Json, known: Json | None, by: str, now: datetime, seed: str
) -> Json:
    """What a PUT with `sent` leaves: of the old one its birth stays; what is left out is lost, or its default."""
    asked = sent["properties"]
    model = asked["model"]
    kept = {key: asked[key] for key in ("raiPolicyName", "scaleSettings") if asked.get(key)}
    sku = {"name": "Standard", "capacity": 1, **(sent.get("sku") or {})}
    properties: Json = {
        "model": {"format": "OpenAI", **model},
        "versionUpgradeOption": asked.get("versionUpgradeOption") or ONCE_NEW_DEFAULT,
        **kept,
        "capabilities": capabilities(str(model["name"])),
        "provisioningState": "Succeeded",
        "ratelimits": rate_limits(int(sku["capacity"])),
    }
    return {
        "id": f"{account_id}/deployments/{name}",
        "type": f"{ACCOUNTS}/deployments",
        "name": name,
        "sku": sku,
        **({"tags": sent["tags"]} if sent.get("tags") else {}),
        "properties": properties,
        "systemData": modified(known["systemData"], by, now) if known else system_data(by, now),
        "etag": deployment_etag(seed),
    }


def shown(body: Json, version: str) -> Json:
    """A deployment as an API version shows it; before 2023 it knew neither sku nor upgrades."""
    if version >= "2023":
        return {**body, "properties": {key: one for key, one in body["properties"].items() if key != "scaleSettings"}}
    hidden = {"versionUpgradeOption", "ratelimits", "raiPolicyName"}
    if version < "2022":
        hidden |= {"capabilities"}
    properties = {key: one for key, one in body["properties"].items() if key not in hidden}
    older = {key: one for key, one in {**body, "properties": properties}.items() if key != "sku"}
    return older if version >= "2022" else {("eTag" if key == "etag" else key): one for key, one in older.items()}


def system_data(by: str, now: datetime) -> Json:
    """Who made it, a person or an application, which goes by its object id."""
    kind, at = "User" if "@" in by else "Application", f"{fraction(now)}Z"
    made = {"createdBy": by, "createdByType": kind, "createdAt": at}
    return {**made, "lastModifiedBy": by, "lastModifiedByType": kind, "lastModifiedAt": at}


def modified(system: Json, by: str, now: datetime) -> Json:
    kind = "User" if "@" in by else "Application"
    return {**system, "lastModifiedBy": by, "lastModifiedByType": kind, "lastModifiedAt": f"{fraction(now)}Z"}


def account_etag(name: str, now: datetime) -> str:
    return f'"{digest(f"{name}/{now}", 8)}-0000-2300-0000-{int(now.timestamp()):08x}0000"'


def deployment_etag(seed: str) -> str:
    noise = digest(seed, 32)
    return f'"{noise[:8]}-{noise[8:12]}-4{noise[13:16]}-a{noise[17:20]}-{noise[20:]}"'


def _rule(key: str) -> Json:
    patterns = [{"path": path, "method": method} for path, method in RULES[key]]
    return {"key": key, "renewalPeriod": 1, "count": 30, "matchPatterns": patterns}


def _capabilities() -> list[Json]:
    plain = [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}]
    limited = [{"name": name, "value": value} for name, value in LIMITED.items()]
    return [*plain, *limited, {"name": "BypassBilling"}, {"name": "raiLevelOverride"}]
