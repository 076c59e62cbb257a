"""PostgreSQL flexible servers' bodies as our data; states are open words.

Shapes: Microsoft.DBforPostgreSQL/flexibleServers, api-version 2026-10-01 and older
(https://learn.microsoft.com/rest/api/postgresql).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console.azure.shapes import moment
from console.domain.clean import clean
from console.domain.schema import Backup, Server, VirtualEndpoint

Body = Mapping[str, Any]

NETWORK = ("delegatedSubnetResourceId", "privateDnsZoneArmResourceId", "publicNetworkAccess")


def server(body: Body) -> Server:
    """A server from its own body; `earliest` is None where Azure names no restore point."""
    properties = _section(body, "properties")
    backup, network = _section(properties, "backup"), _section(properties, "network")
    days = backup.get("backupRetentionDays")
    return Server(
        name=_word(body, "name"),
        location=_word(body, "location"),
        state=_word(properties, "state"),
        fqdn=_word(properties, "fullyQualifiedDomainName"),
        earliest=moment(backup.get("earliestRestoreDate")),
        retention_d=int(days) if isinstance(days, int) else None,
        private=bool(network.get("delegatedSubnetResourceId")),
        geo_redundant=_word(backup, "geoRedundantBackup") == "Enabled",
        resource_id=_word(body, "id"),
        network={key: _word(network, key) for key in NETWORK if _word(network, key)},
        version=_word(properties, "version"),
        high_availability=_word(_section(properties, "highAvailability"), "mode"),
        entra=_word(_section(properties, "authConfig"), "activeDirectoryAuth") == "Enabled",
        tags=tuple(sorted(clean(str(key), 100) for key in _section(body, "tags"))),
    )


def backups(bodies: Sequence[Body]) -> tuple[Backup, ...]:
    """The backups, newest first; one that is still being made has no time."""
    found = [_backup(body) for body in bodies]
    return tuple(sorted(found, key=lambda one: one.completed.timestamp() if one.completed else 0.0, reverse=True))


def _backup(body: Body) -> Backup:
    properties = _section(body, "properties")
    return Backup(
        _word(body, "name"),
        _word(properties, "backupType"),
        _word(properties, "source"),
        moment(properties.get("completedTime")),
    )


def endpoint(body: Body) -> VirtualEndpoint:
    """A virtual endpoint: its base name, its host names, and the servers that it leads to."""
    properties = _section(body, "properties")
    return VirtualEndpoint(_word(body, "name"), _words(properties, "virtualEndpoints"), _words(properties, "members"))


def name(body: Body) -> str:
    return _word(body, "name")


def _section(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _word(body: Body, key: str) -> str:
    value = body.get(key)
    return clean(value, 400) if isinstance(value, str) else ""


def _words(body: Body, key: str) -> tuple[str, ...]:
    value = body.get(key)
    return tuple(clean(one, 200) for one in value if isinstance(one, str)) if isinstance(value, list) else ()
