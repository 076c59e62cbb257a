"""A Container App and its revisions as the world holds them: immutable, changed only by making the next ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from console.simulator.traffic import Traffic

Json = dict[str, Any]
Key = tuple[str, str]


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
