"""The demo's service, an app named pharmabot with a history: what every scenario starts from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import documents, models, neighbours
from console.simulator.bodies import app_fqdn
from console.simulator.releases import NAME, REGISTRY, Json, Release, label_history, revision_of, template_of
from console.simulator.settings import Account, Settings
from console.simulator.traffic import Traffic
from console.simulator.world import App, World

GROUP = "pharmabot-rg"
LOCATION = "North Central US (Stage)"
DOMAIN = "mangobeach-7c1d90af.northcentralusstage.azurecontainerapps.io"

V40 = Release("v40", "1.4.0", timedelta(days=9), "4f2a91", active=False, ended=timedelta(days=2))
V41 = Release("v41", "1.4.1", timedelta(days=2), "4f2a91")
V42 = Release("v42", "1.5.0", timedelta(minutes=12), "4f2a91", replicas=3)
PINNED = (Traffic(100, V42.revision, label="candidate"), Traffic(0, V41.revision, label="stable"))
DEPLOYMENTS = (
    ("gpt4o-stable", "gpt-4o", "2024-08-06"),
    ("gpt4o-next", "gpt-4o", "2024-11-20"),
    ("embeddings", "text-embedding-3-small", "1"),
)
LATEST = (Traffic(100, latest=True),)


def world(
    scenario: str,
    account: Account,
    now: datetime,
    releases: tuple[Release, ...] = (V40, V41, V42),
    traffic: tuple[Traffic, ...] = PINNED,
    history: tuple[Release, ...] = (V40, V41, V42),
    *,
    course: str = "stable",
    mode: str = "Multiple",
    external: bool = True,
    domain: str = DOMAIN,
) -> World:
    """The world of a scenario at its start; the last release is the latest revision.

    `history` are the releases that the label history remembers, which may be gone; `course` is the label that went
    from each of them to the next.
    """
    environment = (
        f"/subscriptions/{account.subscription}/resourceGroups/{GROUP}/providers/Microsoft.App/"
        f"managedEnvironments/{NAME}-env"
    )
    account = replace(account, groups=(GROUP,), domains={environment: domain})
    latest = releases[-1]
    settings = Settings(seed=scenario, demand=float(latest.replicas))
    empty = World(account=account, settings=settings, scenario=scenario)
    app = App(
        name=NAME,
        group=GROUP,
        location=LOCATION,
        environment=environment,
        configuration={},
        template=template_of(latest),
        created=now - timedelta(days=41),
        modified=now - latest.age,
        secrets={"aoai-key": "rehearsal", "prompts-url": "rehearsal"},
        revisions=tuple(revision_of(one, now) for one in releases),
        latest=latest.revision,
        latest_ready=latest.revision,
        made=42,
        routed=traffic,
        mode=mode,
        labels=() if mode == "Single" else label_history(history, traffic, now, course),
    )
    sent = _configuration(app, traffic, external)
    fqdn = app_fqdn(empty, app, sent["ingress"])
    return _peopled(empty.with_app(replace(app, configuration=documents.configuration_settled(sent, fqdn))), now)


def _peopled(world: World, now: datetime) -> World:
    """The world with everything else that its subscription holds."""
    created = now - timedelta(days=300)
    around = (
        neighbours.server(world, GROUP, f"{NAME}-db", created, now),
        neighbours.server(world, neighbours.OTHER_GROUP, f"{neighbours.OTHER}-db", created, now),
        neighbours.account(world, GROUP, f"{NAME}-openai", created, DEPLOYMENTS),
    )
    offered = models.catalogue(now)
    return replace(world.with_app(neighbours.other_app(world, now)), neighbours=around, models=offered)


def _configuration(app: App, traffic: tuple[Traffic, ...], external: bool) -> Json:
    sent = {
        "secrets": [{"name": name} for name in app.secrets],
        "activeRevisionsMode": app.mode,
        "ingress": {"external": external, "targetPort": 8000, "traffic": [entry.shown() for entry in traffic]},
        "registries": [{"server": REGISTRY, "identity": "system"}],
        "maxInactiveRevisions": 100,
    }
    return documents.configuration_as_sent(sent, new=True)
