"""The demo's service, an app named pharmabot with a history: what every scenario starts from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import documents, models, neighbours
from console.simulator.bodies import app_fqdn, app_id
from console.simulator.chance import digest
from console.simulator.neighbours import PIPELINE
from console.simulator.releases import NAME, REGISTRY, Json, Release, label_history, revision_of, template_of
from console.simulator.settings import Account, Settings
from console.simulator.stores.beside import HEAD
from console.simulator.traffic import Traffic
from console.simulator.world import App, World

GROUP = "pharmabot-rg"
LOCATION = "North Central US (Stage)"
DOMAIN = "mangobeach-7c1d90af.northcentralusstage.azurecontainerapps.io"

V40 = Release("v40", "1.4.0", timedelta(days=9), HEAD, active=False, ended=timedelta(days=2))
V41 = Release("v41", "1.4.1", timedelta(days=2), HEAD)
V42 = Release("v42", "1.5.0", timedelta(minutes=12), HEAD, replicas=3)
SETTLED = (
    replace(V40, age=timedelta(days=23), ended=timedelta(days=9)),
    replace(V41, age=timedelta(days=9)),
    replace(V42, age=timedelta(days=5)),
)
PAST = timedelta(days=1, hours=23)
NOT_AGO = timedelta()
PINNED = (Traffic(100, V42.revision, label="candidate"), Traffic(0, V41.revision, label="stable"))
DEPLOYMENTS = (
    ("gpt4o-stable", "gpt-4o", "2024-08-06"),
    ("gpt4o-next", "gpt-4o", "2024-11-20"),
    ("gpt4o-mini", "gpt-4o-mini", "2024-07-18"),
    ("text-embedding-3-small", "text-embedding-3-small", "1"),
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
    made = empty.with_app(replace(app, configuration=documents.configuration_settled(sent, fqdn)))
    return _peopled(made, now)


def settled(scenario: str, account: Account, now: datetime, ago: timedelta = NOT_AGO) -> World:
    """The world, some time `ago`, of a service whose code has not changed for days."""
    releases = tuple(one.earlier(ago) for one in SETTLED)
    return world(scenario, account, now - ago, releases, history=releases)


def past(account: Account, now: datetime, present: World, old: Release = V40, good: Release = V41) -> World:
    """How it was two days ago, while all was well: the same app, and `good` had just got everything from `old`."""
    app = next(iter(present.apps.values()))
    releases = (replace(old.earlier(PAST), active=False, ended=timedelta(minutes=30)), good.earlier(PAST))
    label = next((entry.label for entry in app.traffic if entry.label), "stable")
    traffic = LATEST if app.mode == "Single" else (Traffic(100, V41.revision, label=label),)
    external = bool(app.ingress.get("external"))
    domain = present.account.domains[app.environment]
    return world(
        present.scenario,
        account,
        now - PAST,
        releases,
        traffic,
        releases,
        mode=app.mode,
        external=external,
        domain=domain,
    )


def deployed(world: World) -> World:
    """With an entry in the Activity Log for each time that the pipeline wrote the app."""
    app = next(iter(world.apps.values()))
    for one in app.revisions:
        world = wrote(world, one.created, PIPELINE, "Microsoft.App/containerApps/write", app_id(world, app))
    return world


def wrote(world: World, at: datetime, by: str, action: str, resource: str) -> World:
    """With a write of long ago in the Activity Log: begun, accepted, and done."""
    correlation = digest(f"{at}/{action}/{resource}", 32)
    for after_s, status, code in ((0, "Started", 200), (1, "Accepted", 202), (13, "Succeeded", 200)):
        moment = at + timedelta(seconds=after_s)
        world = world.logged(moment, by, action, resource, status, correlation=correlation, code=code)
    return world


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
