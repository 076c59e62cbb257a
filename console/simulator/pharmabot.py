"""The demo's service, an app named pharmabot with a history: what every scenario starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from console.simulator import documents
from console.simulator.behaviour import behaviour_of
from console.simulator.bodies import app_fqdn
from console.simulator.revisions import crashed, running
from console.simulator.settings import Account, Settings
from console.simulator.traffic import Traffic
from console.simulator.world import App, LabelRecord, Revision, World

Json = dict[str, Any]

NAME = "pharmabot"
GROUP = "pharmabot-rg"
LOCATION = "North Central US (Stage)"
REGISTRY = "pharmabot.azurecr.io"
DOMAIN = "mangobeach-7c1d90af.northcentralusstage.azurecontainerapps.io"


@dataclass(frozen=True, slots=True)
class Release:
    """One deployment of the service, `age` ago; `ended` is when it last carried traffic or was stopped."""

    suffix: str
    tag: str
    age: timedelta
    schema_head: str
    replicas: int = 1
    active: bool = True
    ended: timedelta | None = None

    @property
    def revision(self) -> str:
        return f"{NAME}--{self.suffix}"


V40 = Release("v40", "1.4.0", timedelta(days=9), "4f2a91", active=False, ended=timedelta(days=2))
V41 = Release("v41", "1.4.1", timedelta(days=2), "4f2a91")
V42 = Release("v42", "1.5.0", timedelta(minutes=12), "4f2a91", replicas=3)
PINNED = (Traffic(100, V42.revision, label="candidate"), Traffic(0, V41.revision, label="stable"))


def world(
    scenario: str,
    account: Account,
    now: datetime,
    releases: tuple[Release, ...] = (V40, V41, V42),
    traffic: tuple[Traffic, ...] = PINNED,
    history: tuple[Release, ...] = (V40, V41, V42),
) -> World:
    """The world of a scenario at its start; the last release is the latest revision.

    `history` are the releases that the label history remembers, which may be gone.
    """
    environment = (
        f"/subscriptions/{account.subscription}/resourceGroups/{GROUP}/providers/Microsoft.App/"
        f"managedEnvironments/{NAME}-env"
    )
    account = replace(account, groups=(GROUP,), domains={environment: DOMAIN})
    empty = World(account=account, settings=Settings(seed=scenario), scenario=scenario)
    latest = releases[-1]
    template = documents.template_settled(documents.template_as_sent(_template(latest)))
    app = App(
        name=NAME,
        group=GROUP,
        location=LOCATION,
        environment=environment,
        configuration={},
        template=template,
        created=now - timedelta(days=41),
        modified=now - latest.age,
        secrets={"aoai-key": "rehearsal", "prompts-url": "rehearsal"},
        revisions=tuple(_revision(one, now) for one in releases),
        latest=latest.revision,
        latest_ready=latest.revision,
        made=42,
        routed=traffic,
        mode="Multiple",
    )
    app = replace(app, configuration=_configuration(empty, app, traffic), labels=_labels(history, traffic, now))
    return empty.with_app(app)


def _template(release: Release) -> Json:
    environment = {
        "SCHEMA_HEAD": release.schema_head,
        "EMBEDDING_MODEL": "text-embedding-3-small",
        "AOAI_DEPLOYMENT": "gpt4o-stable",
        "PROMPT_CACHE_TTL_S": "60",
    }
    env: list[Json] = [{"name": name, "value": value} for name, value in environment.items()]
    env.append({"name": "AOAI_KEY", "secretRef": "aoai-key"})
    env.append({"name": "PROMPTS_URL", "secretRef": "prompts-url"})
    return {
        "revisionSuffix": release.suffix,
        "containers": [
            {
                "image": f"{REGISTRY}/{NAME}:{release.tag}",
                "imageType": "ContainerImage",
                "name": NAME,
                "env": env,
                "resources": {"cpu": 1.0, "memory": "2Gi"},
            }
        ],
        "scale": {"minReplicas": 1, "maxReplicas": 10},
    }


def _revision(release: Release, now: datetime) -> Revision:
    template = documents.template_settled(documents.template_as_sent(_template(release)))
    created = now.replace(microsecond=0) - release.age
    revision = Revision(
        name=release.revision,
        created=created,
        template=documents.template_of_revision(template),
        replicas=release.replicas,
        started=created,
    )
    if behaviour_of(f"{NAME}:{release.tag}", {}).crashes:
        return crashed(revision)
    revision = running(revision)
    if release.active:
        return revision
    ended = created if release.ended is None else now.replace(microsecond=0) - release.ended
    return replace(revision, active=False, answers=False, replicas=0, running="Stopped", last_active=ended)


def _configuration(world: World, app: App, traffic: tuple[Traffic, ...]) -> Json:
    sent = {
        "secrets": [{"name": name} for name in app.secrets],
        "activeRevisionsMode": "Multiple",
        "ingress": {"external": True, "targetPort": 8000, "traffic": [entry.shown() for entry in traffic]},
        "registries": [{"server": REGISTRY, "identity": "system"}],
        "maxInactiveRevisions": 100,
    }
    return documents.configuration_settled(documents.configuration_as_sent(sent, new=True), app_fqdn(world, app))


def _labels(releases: tuple[Release, ...], traffic: tuple[Traffic, ...], now: datetime) -> tuple[LabelRecord, ...]:
    """The label `stable` went from release to release, each for as long as it was the newest good one."""
    whole = now.replace(microsecond=0)
    records: list[LabelRecord] = []
    for release, following in zip(releases, (*releases[1:], None), strict=True):
        if following is None:
            break
        stop = None if _points(traffic, "stable", release) else whole - following.age
        records.append(LabelRecord("stable", release.revision, whole - release.age, stop))
    latest = releases[-1]
    if _points(traffic, "candidate", latest):
        records.append(LabelRecord("candidate", latest.revision, whole - latest.age))
    return tuple(records)


def _points(traffic: tuple[Traffic, ...], label: str, release: Release) -> bool:
    return any(entry.label == label and entry.revision == release.revision for entry in traffic)
