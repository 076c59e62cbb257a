"""The schema layer: the migration head, which revision needs which, and what can be restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup of the server. `kind` and `source` are Azure's own words."""

    name: str
    kind: str
    source: str
    completed: datetime | None


@dataclass(frozen=True, slots=True)
class VirtualEndpoint:
    """A pair of addresses that outlives the server behind it: base name, host names, and the servers it leads to."""

    name: str
    hosts: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL flexible server, where one is configured.

    `earliest` begins the window in which a moment can be restored; None: no restore point yet. `retention_d` in days.
    """

    name: str
    location: str
    state: str
    fqdn: str
    earliest: datetime | None
    retention_d: int | None
    backups: tuple[Backup, ...] = ()
    private: bool = False
    virtual_endpoints: tuple[str, ...] = ()
    geo_redundant: bool = False
    databases: tuple[str, ...] = ()
    resource_id: str = ""
    network: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    endpoints: tuple[VirtualEndpoint, ...] = ()
    high_availability: str = ""
    entra: bool = False
    tags: tuple[str, ...] = ()

    @property
    def newest_backup(self) -> Backup | None:
        dated = [backup for backup in self.backups if backup.completed is not None]
        return max(dated, key=lambda backup: backup.completed.timestamp() if backup.completed else 0.0, default=None)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the history: `revision` came after `down`; `at` is when it ran, where the tool keeps that.

    `drops` says whether going up took something away for good; None: not known.
    """

    revision: str
    down: str | None = None
    title: str = ""
    at: datetime | None = None
    drops: bool | None = None


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The heads that the database says (usually one), the migrations where known, newest first, and the server.

    `needs` gives, by full revision name, the head that each code revision says it needs, in its env `needs_env`.
    `blind`: the database does not answer, so that no head is known; the server still tells how far back it goes.
    """

    place: str
    heads: tuple[str, ...]
    migrations: tuple[Migration, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    server: Server | None = None
    unread: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    needs_env: str = ""
    blind: bool = False

    @property
    def head(self) -> str | None:
        """The one head; None where there is none or where there are several."""
        return self.heads[0] if len(self.heads) == 1 else None

    @property
    def before(self) -> str | None:
        """The migration below the head, where the history is known."""
        head = self.head
        return next((one.down for one in self.migrations if one.revision == head), None) if head else None

    def find(self, revision: str) -> Migration | None:
        return next((one for one in self.migrations if one.revision == revision), None)

    def above(self, target: str) -> tuple[Migration, ...] | None:
        """The migrations from the head down to `target`, without that; None where the history does not lead there."""
        found: list[Migration] = []
        here = self.head
        while here is not None and here != target:
            migration = self.find(here)
            if migration is None or migration in found:
                return None
            found.append(migration)
            here = migration.down
        return tuple(found) if here == target else None
