"""What happens to PostgreSQL servers by itself: they appear, change, go, and are backed up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.simulator.bodies import fraction
from console.simulator.postgres import SERVERS, server
from console.simulator.postgres_bodies import backup_body
from console.simulator.world import Json, Neighbour, World

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ServerAppears:
    """A new server can be read, `Provisioning`; from now on it is backed up."""

    server: Neighbour

    def happen(self, world: World, at: datetime) -> World:
        world = world.with_neighbour(with_state(self.server, "Provisioning"))
        return world.due(at, world.settings.timings.first_backup_s, DailyBackup(self.server.name))


@dataclass(frozen=True, slots=True)
class StateReaches:
    """A server's state is another."""

    name: str
    state: str

    def happen(self, world: World, at: datetime) -> World:
        known = server(world, self.name)
        return world if known is None else world.with_neighbour(with_state(known, self.state))


@dataclass(frozen=True, slots=True)
class ServerChanges:
    """A server's document is another."""

    name: str
    body: Json

    def happen(self, world: World, at: datetime) -> World:
        known = server(world, self.name)
        return world if known is None else world.with_neighbour(replace(known, body=self.body))


@dataclass(frozen=True, slots=True)
class ServerGoes:
    """A deletion takes effect."""

    name: str

    def happen(self, world: World, at: datetime) -> World:
        return world.without_neighbour(SERVERS, self.name)


@dataclass(frozen=True, slots=True)
class ChildReaches:
    """Something below a server is there, or, with no body, is not any more."""

    name: str
    kind: str
    child: str
    body: Json | None

    def happen(self, world: World, at: datetime) -> World:
        known = server(world, self.name)
        if known is None:
            return world
        if self.body is not None:
            return world.with_neighbour(known.with_child(self.body))
        gone = known.child(self.kind, self.child)
        return world if gone is None else world.with_neighbour(known.without_child(gone))


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup is complete: one on demand where it has a name."""

    name: str
    backup: str | None = None

    def happen(self, world: World, at: datetime) -> World:
        known = server(world, self.name)
        if known is None:
            return world
        automatic = [one for one in known.children if one["properties"].get("source") == "Automatic"]
        if self.backup is None and not automatic:
            known = _restorable(known, at)
        return world.with_neighbour(known.with_child(backup_body(known, at, self.backup)))


@dataclass(frozen=True, slots=True)
class DailyBackup:
    """The automatic backup of a day; what its retention leaves behind goes. And so on, day by day."""

    name: str

    def happen(self, world: World, at: datetime) -> World:
        known = server(world, self.name)
        if known is None:
            return world
        if known.body["properties"]["state"] == "Ready":
            world = BackedUp(self.name).happen(_pruned(world, known, at), at)
        return world.due(at, DAY_S, self)


def with_state(known: Neighbour, state: str) -> Neighbour:
    return replace(known, body={**known.body, "properties": {**known.body["properties"], "state": state}})


def _restorable(known: Neighbour, at: datetime) -> Neighbour:
    """The first automatic backup is the first point to restore to (postgres-pitr-restore)."""
    properties = known.body["properties"]
    backup = {**properties["backup"], "earliestRestoreDate": f"{fraction(at)}+00:00"}
    return replace(known, body={**known.body, "properties": {**properties, "backup": backup}})


def _pruned(world: World, known: Neighbour, at: datetime) -> World:
    kept_since = at - timedelta(days=int(known.body["properties"]["backup"]["backupRetentionDays"]))
    children = tuple(
        one
        for one in known.children
        if "completedTime" not in one["properties"]
        or datetime.fromisoformat(one["properties"]["completedTime"]) >= kept_since
    )
    return world.with_neighbour(replace(known, children=children))
