"""What a write on a PostgreSQL server is refused for at once, and what makes its operation fail afterwards.

Recorded: postgres-lro-failed (afterwards) and postgres-geo-restore-400 (at once); the other texts are inferred.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console.simulator.bodies import resource_group_id
from console.simulator.postgres import SERVERS, restorable_from, server
from console.simulator.wire import Refused, Request, refuse
from console.simulator.world import Neighbour, World

Json = dict[str, Any]

GATEWAY = ("x-ms-failure-cause", "gateway")
EDITIONS = {"Burstable": "Standard_B", "GeneralPurpose": "Standard_D", "MemoryOptimized": "Standard_E"}
SIZES = (
    "https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/"
    "concepts-compute-storage#compute-tiers-vcores-and-server-types"
)


def sent_object(request: Request) -> Json:
    """The body, an object whose known members are what they should be; 400 otherwise. No body is an empty one."""
    try:
        sent = request.json()
    except ValueError:
        sent = "no JSON"
    sent = {} if sent is None else sent
    if not isinstance(sent, dict) or not all(_fits(sent.get(key)) for key in ("properties", "sku", "tags")):
        raise refuse(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
    properties = sent.get("properties") or {}
    if not all(_fits(properties.get(key)) for key in OBJECTS) or not _sized(properties.get("storage") or {}):
        raise refuse(400, "InvalidParameterValue", "Invalid value given for parameter properties.")
    if not all(isinstance(one, str) for one in _texts(properties)):
        raise refuse(400, "InvalidParameterValue", "Invalid value given for parameter properties.")
    return sent


OBJECTS = ("authConfig", "backup", "highAvailability", "maintenanceWindow", "network", "storage")


def source_of(world: World, group: str, asked: Json) -> Neighbour:
    """The server to restore from; 404 where there is none of that id (in 2020 a name of the same group)."""
    identity = str(asked.get("sourceServerResourceId") or "")
    if not identity:
        identity = f"{resource_group_id(world, group)}/providers/{SERVERS}/{asked.get('sourceServerName')}"
    found = server(world, identity.rpartition("/")[2])
    if found is None or found.id.lower() != identity.lower():
        raise missing(identity)
    return found


def check_geo(source: Neighbour) -> None:
    """No geo-backup is ever available here."""
    raise refuse(
        400,
        "GeoBackupsNotAvailable",
        f"Unable to geo-restore server {source.name} as its geo-backups are not available yet.",
    )


def restore_problem(source: Neighbour, asked: Json, now: datetime) -> Json | None:
    """Why a restore will fail: a time outside the window, or another kind of network than the source's."""
    wanted, earliest = _moment(asked.get("pointInTimeUTC")), restorable_from(source, now)
    if wanted is None:
        raise refuse(400, "InvalidParameterValue", "Invalid value given for parameter pointInTimeUTC.")
    if earliest is None:
        return _problem(f"Server {source.name} has no restore point yet.")
    if not earliest <= wanted <= now:
        window = f"{earliest:%Y-%m-%dT%H:%M:%SZ} and {now:%Y-%m-%dT%H:%M:%SZ}"
        return _problem(f"The restore time {wanted:%Y-%m-%dT%H:%M:%SZ} is not between {window}.")
    private = bool((asked.get("network") or {}).get("delegatedSubnetResourceId"))
    if private != bool(source.body["properties"]["network"].get("delegatedSubnetResourceId")):
        return _problem(f"The network of server {source.name} can only be restored to one of the same kind.")
    return None


def change_problem(name: str, body: Json) -> Json | None:
    """Why a server cannot become as `body` says (both recorded, one of them with an empty code)."""
    sku, mode = body["sku"], body["properties"]["highAvailability"].get("mode")
    if not str(sku.get("name")).startswith(EDITIONS.get(str(sku.get("tier")), "Standard_")):
        message = f"The requested server edition is incompatible with requested Sku Size. Please refer {SIZES}."
        return {"code": "ServerEditionIncompatibleWithSkuSize", "message": message}
    if sku.get("tier") == "Burstable" and mode != "Disabled":
        return {"code": "", "message": f"High availiability not supported for burstable server [{name}]."}
    return None


def check_running(known: Neighbour) -> None:
    """409 for a write on a server that is stopped (inferred)."""
    state = known.body["properties"]["state"]
    if state not in ("Ready", "Updating"):
        message = f"The operation is not allowed on server '{known.name}' in state '{state}'."
        raise refuse(409, "OperationNotAllowed", message)


def missing(identity: str) -> Refused:
    """ARM's 404 for a resource that is not there."""
    group, _, rest = identity.partition("/resourceGroups/")[2].partition("/providers/")
    return refuse(
        404,
        "ResourceNotFound",
        f"The Resource '{rest}' under resource group '{group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
        GATEWAY,
    )


def _fits(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _sized(storage: Json) -> bool:
    return isinstance(storage.get("storageSizeGB", 128), int)


def _texts(properties: Json) -> tuple[Any, ...]:
    backup = properties.get("backup") or {}
    days = backup.get("backupRetentionDays", 7)
    return (
        *(properties.get(key) or "" for key in ("version", "sourceServerResourceId", "createMode")),
        *(properties.get("members") or () if isinstance(properties.get("members") or [], list) else (None,)),
        "" if isinstance(days, int) and 7 <= days <= 35 else None,
    )


def _moment(text: Any) -> datetime | None:
    """A time in any of the forms that were recorded; seven decimals are cut to six by `fromisoformat`."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _problem(message: str) -> Json:
    return {"code": "InvalidParameterValue", "message": message}
