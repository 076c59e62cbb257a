"""PostgreSQL servers and what lies below them, as ARM shows them, in the newest recorded shape and in older ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from console.simulator.bodies import fraction, location_name, resource_group_id
from console.simulator.merge import merged
from console.simulator.operations import EPOCH_TICKS
from console.simulator.postgres import DOMAIN, SERVERS, restorable_from
from console.simulator.world import Neighbour, World

Json = dict[str, Any]

MINOR = {"13": "15", "14": "17", "15": "12", "16": "3", "17": "9"}
DISKS = {32: (120, "P4"), 64: (240, "P6"), 128: (500, "P10"), 256: (1100, "P15"), 512: (2300, "P20")}
SHOWN = ("authConfig", "backup", "highAvailability", "maintenanceWindow", "network", "storage", "version")
SKU = {"name": "Standard_D4ds_v4", "tier": "GeneralPurpose"}


def server_body(world: World, group: str, name: str, sent: Json, created: datetime) -> Json:
    """A server as a PUT with `sent` makes it; its first restore point is its creation."""
    blank: Json = {
        "dataEncryption": {"type": "SystemManaged"},
        "replica": {"role": "Primary", "capacity": 5},
        "storage": {"type": "", "storageSizeGB": 128, "autoGrow": "Disabled"},
        "network": {"publicNetworkAccess": "Enabled"},
        "privateEndpointConnections": [],
        "authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"},
        "version": "17",
        "administratorLogin": str((sent.get("properties") or {}).get("administratorLogin", "")),
        "state": "Ready",
        "availabilityZone": "3",
        "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
        "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
        "maintenanceWindow": {"customWindow": "Disabled", "dayOfWeek": 0, "startHour": 0, "startMinute": 0},
        "replicationRole": "Primary",
        "replicaCapacity": 5,
    }
    body: Json = {"sku": SKU, "properties": blank, "location": location_name(str(sent.get("location", "")))}
    return _christened(world, group, name, changed(body, sent), created)


def restored_body(world: World, group: str, name: str, source: Neighbour, sent: Json, created: datetime) -> Json:
    """The server that a restore makes: like its source, with a name and an address of its own.

    Network and size are as sent; what is asked for otherwise, a retention too, is the source's (inferred).
    """
    asked = sent.get("properties") or {}
    given = {key: asked[key] for key in ("network", "availabilityZone") if asked.get(key)}
    sizes = {key: sent[key] for key in ("sku", "tags") if sent.get(key)}
    properties = {**source.body["properties"], "state": "Ready"}
    plain: Json = {
        key: value
        for key, value in {**source.body, "properties": properties}.items()
        if key not in ("tags", "identity")
    }
    return _christened(world, group, name, changed(plain, {**sizes, "properties": given}), created)


def changed(body: Json, sent: Json) -> Json:
    """The body after a PATCH (or a PUT on what exists): what is sent is merged, the rest follows from it."""
    asked = sent.get("properties") or {}
    known = {key: asked[key] for key in (*SHOWN, "availabilityZone") if asked.get(key)}
    properties = {**merged(body["properties"], known)}
    properties["authConfig"] = {key: value for key, value in properties["authConfig"].items() if value != ""}
    properties["minorVersion"] = MINOR.get(str(properties["version"]), "1")
    size = int(properties["storage"]["storageSizeGB"])
    iops, tier = DISKS.get(size, (5000, "P30"))
    properties["storage"] = {**properties["storage"], "type": properties["storage"].get("type") or "", "iops": iops}
    properties["storage"]["tier"] = tier
    if properties["network"].get("delegatedSubnetResourceId"):
        properties["network"] = {**properties["network"], "publicNetworkAccess": "Disabled"}
        properties.pop("privateEndpointConnections", None)
    mode = properties["highAvailability"].get("mode")
    state = "NotEnabled" if mode == "Disabled" else "Healthy"
    properties["highAvailability"] = {**properties["highAvailability"], "state": state}
    tags = {"tags": sent["tags"]} if sent.get("tags") is not None else {}
    return {**body, "sku": merged(body["sku"], sent.get("sku") or {}), "properties": properties, **tags}


def shown(neighbour: Neighbour, now: datetime, version: str) -> Json:
    """The server as a GET at an API version shows it; its restore window moves with the time."""
    body = neighbour.body
    properties = dict(body["properties"])
    earliest = restorable_from(neighbour, now)
    if earliest is not None:
        properties["backup"] = {**properties["backup"], "earliestRestoreDate": f"{fraction(earliest)}+00:00"}
    if version < "2023-12":
        properties = {key: value for key, value in properties.items() if key not in _LATER}
        grows = properties["storage"].get("autoGrow", "Disabled")
        properties["storage"] = {"storageSizeGB": properties["storage"]["storageSizeGB"]}
        if version < "2023":
            properties["storageAutoGrowth"] = grows == "Enabled"
        else:
            properties["storage"]["autoGrow"] = grows
    return {**body, "properties": properties}


def backup_body(server: Neighbour, completed: datetime, name: str | None = None) -> Json:
    """A backup; one without a name is an automatic one, which is named after the tick of its beginning."""
    ticks = EPOCH_TICKS + int((completed - timedelta(seconds=1)).timestamp() * 10_000_000)
    properties = {
        "backupType": "Full" if name is None else "Customer On-Demand",
        "source": "Automatic" if name is None else "Customer Initiated",
        "completedTime": f"{fraction(completed)}+00:00",
    }
    return _child(server, "backups", name or f"backup_{ticks}", properties)


def database_body(server: Neighbour, name: str, sent: Json) -> Json:
    asked = sent.get("properties") or {}
    charset = str(asked.get("charset") or "UTF8").upper()
    return _child(
        server, "databases", name, {"charset": charset, "collation": asked.get("collation") or "en_US.utf8"}
    )


def virtual_endpoint_body(server: Neighbour, name: str, sent: Json) -> Json:
    """A pair of addresses that stay while servers change (specification example, never recorded)."""
    asked = sent.get("properties") or {}
    properties = {
        "endpointType": asked.get("endpointType") or "ReadWrite",
        "members": list(asked.get("members") or [server.name]),
        "virtualEndpoints": [f"{name.lower()}.{role}.{DOMAIN}" for role in ("reader", "writer")],
    }
    return _child(server, "virtualEndpoints", name, properties)


_LATER = {"replica", "privateEndpointConnections"}


def _child(server: Neighbour, kind: str, name: str, properties: Json) -> Json:
    return {"properties": properties, "id": f"{server.id}/{kind}/{name}", "name": name, "type": f"{SERVERS}/{kind}"}


def _christened(world: World, group: str, name: str, body: Json, created: datetime) -> Json:
    properties = {**body["properties"], "fullyQualifiedDomainName": f"{name}.{DOMAIN}"}
    properties["backup"] = {**properties["backup"], "earliestRestoreDate": f"{fraction(created)}+00:00"}
    return {
        **body,
        "systemData": {"createdAt": f"{fraction(created)}Z"},
        "properties": properties,
        "id": f"{resource_group_id(world, group)}/providers/{SERVERS}/{name}",
        "name": name,
        "type": SERVERS,
    }
