"""PostgreSQL flexible servers in the world: who answers at an address, and how far back one can be restored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from console.simulator.world import Neighbour, World

Json = dict[str, Any]

SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"
DOMAIN = "postgres.database.azure.com"


def server(world: World, name: str) -> Neighbour | None:
    """The server of that name, in any group; its body is ARM's, in the newest recorded shape."""
    return world.neighbour(SERVERS, name)


def server_at(world: World, host: str) -> Neighbour | None:
    """The server that a host name leads to: its own FQDN, or a virtual endpoint that has it as its first member.

    A server that is not Ready is found as well; whether it answers is told by `accepts`.
    """
    first = host.lower().partition(".")[0]
    own = server(world, first)
    if own is not None and host.lower() == own.body["properties"]["fullyQualifiedDomainName"].lower():
        return own
    for one in world.neighbours:
        for child in one.children:
            if host.lower() in child["properties"].get("virtualEndpoints", ()):
                return server(world, str(child["properties"]["members"][0]))
    return None


def accepts(neighbour: Neighbour) -> bool:
    """Whether the server takes connections."""
    return str(neighbour.body["properties"]["state"]) in ("Ready", "Updating")


def restorable_from(neighbour: Neighbour, now: datetime) -> datetime | None:
    """The earliest time that the server can be restored to; None where Azure tells none.

    Its first restore point, until its retention leaves that behind.
    """
    backup = neighbour.body["properties"]["backup"]
    first = backup.get("earliestRestoreDate")
    if first is None:
        return None
    return max(datetime.fromisoformat(first), now - timedelta(days=int(backup["backupRetentionDays"])))
