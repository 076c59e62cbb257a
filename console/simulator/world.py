"""The embedded Azure's state: immutable data, changed only by making the next world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.simulator.app import App as App
from console.simulator.app import LabelRecord as LabelRecord
from console.simulator.app import Revision as Revision
from console.simulator.around import Entry as Entry
from console.simulator.around import Job as Job
from console.simulator.around import Neighbour as Neighbour
from console.simulator.settings import Account, Settings

Json = dict[str, Any]
Key = tuple[str, str]
Call = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Operation:
    """A long-running operation on an app; a hung one never finishes."""

    id: str
    app: Key
    location: str
    method: str
    started: datetime
    status: str = "InProgress"
    ended: datetime | None = None


class Event(Protocol):
    """Something that will happen to the world by itself."""

    def happen(self, world: World, at: datetime) -> World: ...


@dataclass(frozen=True, slots=True)
class Due:
    """An event and its time."""

    at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Fault:
    """A trouble to make. `count` None lasts until it is cleared; `method` and `contains` choose the requests."""

    name: str
    count: int | None = None
    method: str | None = None
    contains: str = ""
    door: str = "arm"
    params: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """An ARM request that arrived, for tests that count."""

    method: str
    path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class World:
    """Everything. `spent` counts, per throttling header, the requests used and when that was last counted.

    `answered` counts requests per revision and status, `minutes` the same for each minute, `consumed` queue messages
    per revision. `neighbours` are resources beside the apps, `jobs` their long-running operations, `models` what the
    region offers to deploy (nothing: it is not looked at). `log` is the Activity Log. `calls` counts model calls for
    each minute, by (account, deployment, model, version, status).
    """

    account: Account = Account()
    settings: Settings = Settings()
    scenario: str = ""
    apps: Mapping[Key, App] = field(default_factory=dict)
    operations: Mapping[str, Operation] = field(default_factory=dict)
    agenda: tuple[Due, ...] = ()
    faults: tuple[Fault, ...] = ()
    draws: int = 0
    spent: Mapping[str, tuple[float, datetime]] = field(default_factory=dict)
    received: tuple[Received, ...] = ()
    answered: Mapping[tuple[str, int], int] = field(default_factory=dict)
    consumed: Mapping[str, int] = field(default_factory=dict)
    minutes: Mapping[datetime, Mapping[tuple[str, int], int]] = field(default_factory=dict)
    neighbours: tuple[Neighbour, ...] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    models: tuple[Json, ...] = ()
    log: tuple[Entry, ...] = ()
    calls: Mapping[datetime, Mapping[Call, int]] = field(default_factory=dict)

    def with_app(self, app: App) -> World:
        return replace(self, apps={**self.apps, app.key: app})

    def without_app(self, key: Key) -> World:
        return replace(self, apps={other: app for other, app in self.apps.items() if other != key})

    def with_operation(self, operation: Operation) -> World:
        return replace(self, operations={**self.operations, operation.id: operation})

    def neighbour(self, kind: str, name: str) -> Neighbour | None:
        """The one of this kind and name, in any group: the names of servers and accounts are Azure-wide."""
        wanted = (kind.lower(), name.lower())
        return next((one for one in self.neighbours if (one.kind.lower(), one.name.lower()) == wanted), None)

    def with_neighbour(self, neighbour: Neighbour) -> World:
        """With it in the place of the one of the same kind and name, or as the last."""
        known = self.neighbour(neighbour.kind, neighbour.name)
        if known is None:
            return replace(self, neighbours=(*self.neighbours, neighbour))
        return replace(self, neighbours=tuple(neighbour if one is known else one for one in self.neighbours))

    def without_neighbour(self, kind: str, name: str) -> World:
        gone = self.neighbour(kind, name)
        return replace(self, neighbours=tuple(one for one in self.neighbours if one is not gone))

    def with_job(self, job: Job) -> World:
        return replace(self, jobs={**self.jobs, job.id: job})

    def logged(
        self, at: datetime, caller: str, action: str, resource_id: str, status: str = "Succeeded", **details: Any
    ) -> World:
        """With one more event in the Activity Log; `action` as `Microsoft.App/containerApps/write`.

        `details` are further fields of Entry. Entries may be added in any order.
        """
        entry = Entry(at, caller, action, resource_id, status, **details)
        return replace(self, log=(*self.log, entry))

    def due(self, at: datetime, after_s: float, event: Event) -> World:
        """The world in which `event` happens `after_s` seconds after `at`; equal times keep their order."""
        when = at + timedelta(seconds=after_s)
        agenda = sorted((*self.agenda, Due(when, event)), key=lambda due: due.at)
        return replace(self, agenda=tuple(agenda))


def settle(world: World, now: datetime) -> World:
    """The world after everything that is due by `now` has happened, in order."""
    while world.agenda and world.agenda[0].at <= now:
        due, *rest = world.agenda
        world = due.event.happen(replace(world, agenda=tuple(rest)), due.at)
    return world
