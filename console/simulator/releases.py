"""The deployments of the demo's service, pharmabot, and the revisions that they left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from console.simulator import documents
from console.simulator.behaviour import behaviour_of
from console.simulator.revisions import crashed, running
from console.simulator.traffic import Traffic
from console.simulator.world import LabelRecord, Revision

Json = dict[str, Any]

NAME = "pharmabot"
REGISTRY = "pharmabot.azurecr.io"
ENVIRONMENT = {
    "EMBEDDING_MODEL": "text-embedding-3-small",
    "AOAI_ENDPOINT": "https://pharmabot-openai.openai.azure.com/",
    "AOAI_DEPLOYMENT": "gpt4o-stable",
    "PROMPTS_HOST": "pharmabot-db.postgres.database.azure.com",
    "PROMPT_CACHE_TTL_S": "0",
}
SECRETS = {"AOAI_KEY": "aoai-key", "PROMPTS_URL": "prompts-url"}


@dataclass(frozen=True, slots=True)
class Release:
    """One deployment of the service, `age` ago; `ended` is when it last carried traffic or was stopped.

    `env` and `scale` are what differs from the usual; `pulled` is the tag that its replicas run, where `tag` has come
    to mean another image since.
    """

    suffix: str
    tag: str
    age: timedelta
    schema_head: str
    replicas: int = 1
    active: bool = True
    ended: timedelta | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    scale: Mapping[str, Any] = field(default_factory=dict)
    pulled: str = ""

    @property
    def revision(self) -> str:
        return f"{NAME}--{self.suffix}"

    @property
    def image(self) -> str:
        return image_of(self.tag)

    def earlier(self, span: timedelta) -> Release:
        """The same one, seen so much earlier: running, unless it had ended by then."""
        ended = None if self.ended is None or self.ended < span else self.ended - span
        active = self.active or (self.ended is not None and self.ended < span)
        return replace(self, age=self.age - span, active=active, ended=ended)


def image_of(tag: str) -> str:
    return f"{REGISTRY}/{NAME}:{tag}"


def template_of(release: Release) -> Json:
    """The template that a pipeline would have sent, in the app's settled form."""
    environment = {"SCHEMA_HEAD": release.schema_head, **ENVIRONMENT, **release.env}
    env: list[Json] = [{"name": name, "value": value} for name, value in environment.items()]
    env.extend({"name": name, "secretRef": secret} for name, secret in SECRETS.items())
    container = {
        "image": release.image,
        "imageType": "ContainerImage",
        "name": NAME,
        "env": env,
        "resources": {"cpu": 1.0, "memory": "2Gi"},
    }
    sent = {
        "revisionSuffix": release.suffix,
        "containers": [container],
        "scale": {"minReplicas": 1, "maxReplicas": 10, **release.scale},
    }
    return documents.template_settled(documents.template_as_sent(sent))


def revision_of(release: Release, now: datetime) -> Revision:
    """The revision as it stands now: running, crashing, or stopped since it ended."""
    created = now.replace(microsecond=0) - release.age
    revision = Revision(
        name=release.revision,
        created=created,
        template=documents.template_of_revision(template_of(release)),
        replicas=release.replicas,
        started=created,
        pulled=image_of(release.pulled) if release.pulled else "",
    )
    if behaviour_of(revision.runs, {}).crashes:
        return crashed(revision)
    revision = running(revision)
    if release.active:
        return revision
    ended = created if release.ended is None else now.replace(microsecond=0) - release.ended
    return replace(revision, active=False, answers=False, replicas=0, running="Stopped", last_active=ended)


def label_history(
    releases: tuple[Release, ...], traffic: tuple[Traffic, ...], now: datetime, course: str
) -> tuple[LabelRecord, ...]:
    """The label `course` went from release to release; the others came with the latest one."""
    whole = now.replace(microsecond=0)
    latest = releases[-1]
    records: list[LabelRecord] = []
    for release, following in zip(releases, (*releases[1:], None), strict=True):
        holds = any(entry.label == course and entry.revision == release.revision for entry in traffic)
        if holds:
            records.append(LabelRecord(course, release.revision, whole - release.age))
        elif following is not None:
            records.append(LabelRecord(course, release.revision, whole - release.age, whole - following.age))
    others = [entry for entry in traffic if entry.label not in (None, course) and entry.revision]
    records.extend(LabelRecord(str(one.label), str(one.revision), whole - latest.age) for one in others)
    return tuple(records)
