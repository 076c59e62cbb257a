"""What the world holds beside the apps: servers and accounts, their operations, and the Activity Log's entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A long-running operation of PostgreSQL or Cognitive Services, which have another protocol than the apps.

    `kind` and `name` are those of the resource it is about, `title` is what PostgreSQL calls the operation, `pace_s`
    its Retry-After.
    """

    id: str
    kind: str
    name: str
    location: str
    title: str
    method: str
    started: datetime
    pace_s: int = 60
    status: str = "InProgress"
    error: Json | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A resource beside the apps, as ARM shows it, with what lies below it.

    `job` is the id of the write in progress, `busy_until` the time until which other writes meet a conflict where a
    write has no operation. `serving` is what each of an account's deployments really answers with, (model, version):
    it follows the deployment's own model some seconds later. `origin` is what a restored server holds:
    (source, time).
    """

    kind: str
    group: str
    name: str
    body: Json
    children: tuple[Json, ...] = ()
    job: str | None = None
    busy_until: datetime | None = None
    serving: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    origin: tuple[str, datetime] | None = None

    @property
    def id(self) -> str:
        return str(self.body["id"])

    def child(self, kind: str, name: str) -> Json | None:
        """The one of its children with this last part of the type and this name, whatever their case."""
        wanted = f"{self.kind}/{kind}".lower()
        return next(
            (one for one in self.children if one["type"].lower() == wanted and one["name"].lower() == name.lower()),
            None,
        )

    def with_child(self, body: Json) -> Neighbour:
        """With this child in the place of the one of the same id, or as the last."""
        kept = [body if one["id"].lower() == body["id"].lower() else one for one in self.children]
        return replace(self, children=tuple(kept if body in kept else [*kept, body]))

    def without_child(self, body: Json) -> Neighbour:
        return replace(self, children=tuple(one for one in self.children if one is not body))


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the Activity Log. `operation` names the Operation or Job whose end will be one as well."""

    at: datetime
    caller: str
    action: str
    resource_id: str
    status: str = "Succeeded"
    correlation: str = ""
    operation: str | None = None
    code: int = 200
