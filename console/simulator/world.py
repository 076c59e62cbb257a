"""The embedded Azure's state: immutable data, changed only by making the next world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.simulator.settings import Account, Settings
from console.simulator.traffic import Traffic

Json = dict[str, Any]
Key = tuple[str, str]
Call = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: Azure's open words as they stand, and whether it can answer.

    `generation` rises whenever its course is changed, which voids what was due to happen to it before. `pulled` is
    the image that its replicas really run, where its tag has come to mean another since. `awake_at` is the end of the
    cold start that a request began.
    """

    name: str
    created: datetime
    template: Json
    active: bool = True
    answers: bool = False
    replicas: int = 1
    health: str = "None"
    provisioning: str = "Provisioned"
    running: str = "Activating"
    problem: str | None = None
    last_active: datetime | None = None
    last_request: datetime | None = None
    started: datetime | None = None
    generation: int = 0
    label: str | None = None
    pulled: str = ""
    awake_at: datetime | None = None

    @property
    def image(self) -> str:
        containers = self.template.get("containers") or [{}]
        return str(containers[0].get("image", ""))

    @property
    def container(self) -> str:
        containers = self.template.get("containers") or [{}]
        return str(containers[0].get("name", ""))

    @property
    def runs(self) -> str:
        """The image whose behaviour it shows."""
        return self.pulled or self.image

    @property
    def environment(self) -> tuple[str, ...]:
        """The values of its environment variables."""
        containers = self.template.get("containers") or [{}]
        return tuple(str(one.get("value") or "") for one in containers[0].get("env") or ())

    @property
    def scale(self) -> Json:
        return self.template.get("scale") or {}

    @property
    def min_replicas(self) -> int:
        return int(self.scale.get("minReplicas") or 0)

    @property
    def max_replicas(self) -> int:
        return int(self.scale.get("maxReplicas") or 10)

    @property
    def failed(self) -> bool:
        return self.problem is not None

    @property
    def suffix(self) -> str:
        return self.name.partition("--")[2]


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """A stretch during which a label pointed at a revision; `stop` is None while it still does."""

    label: str
    revision: str
    start: datetime
    stop: datetime | None = None
    status: str = "Succeeded"


@dataclass(frozen=True, slots=True)
class App:
    """One Container App: its documents in settled form, its revisions, and what its ingress really does.

    `configuration` and `template` are ARM JSON and never changed in place. `routed` is the traffic that the ingress
    obeys, which follows `configuration.ingress.traffic` some seconds later; `mode` likewise follows the mode that is
    configured. `operation` is the id of the write in progress.
    """

    name: str
    group: str
    location: str
    environment: str
    configuration: Json
    template: Json
    created: datetime
    modified: datetime
    created_by: str = "pipeline@pharmabot.example"
    modified_by: str = "pipeline@pharmabot.example"
    identity: Json = field(default_factory=lambda: {"type": "None"})
    tags: Json | None = None
    workload_profile: str = "Consumption"
    addresses: tuple[str, ...] = ("20.221.106.163", "20.221.107.3")
    secrets: Mapping[str, str] = field(default_factory=dict)
    revisions: tuple[Revision, ...] = ()
    latest: str = ""
    latest_ready: str = ""
    made: int = 0
    routed: tuple[Traffic, ...] = ()
    mode: str = "Single"
    labels: tuple[LabelRecord, ...] = ()
    provisioning: str = "Succeeded"
    deployment_errors: str | None = None
    operation: str | None = None

    @property
    def key(self) -> Key:
        return (self.group.lower(), self.name.lower())

    @property
    def configured_mode(self) -> str:
        return str(self.configuration.get("activeRevisionsMode", "Single"))

    @property
    def ingress(self) -> Json:
        return self.configuration.get("ingress") or {}

    @property
    def traffic(self) -> tuple[Traffic, ...]:
        """The configured traffic, which is what ARM shows."""
        return tuple(Traffic.read(entry) for entry in self.ingress.get("traffic") or [])

    def revision(self, name: str) -> Revision | None:
        return next((one for one in self.revisions if one.name.lower() == name.lower()), None)

    def with_revision(self, revision: Revision) -> App:
        """The app with that revision put in the place of the one of the same name."""
        kept = tuple(revision if one.name == revision.name else one for one in self.revisions)
        return replace(self, revisions=kept)


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
