"""What else lives in the subscription at the beginning: another team's app, PostgreSQL servers, an OpenAI account."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import documents
from console.simulator.bodies import app_fqdn, resource_group_id
from console.simulator.cognitive import ACCOUNTS
from console.simulator.cognitive_bodies import account_body, deployment_body
from console.simulator.postgres import SERVERS
from console.simulator.postgres_bodies import backup_body, database_body, server_body
from console.simulator.revisions import running
from console.simulator.traffic import Traffic
from console.simulator.world import App, Neighbour, Revision, World

PIPELINE = "pipeline@pharmabot.example"
FILTER = "Microsoft.DefaultV2"
BACKED_UP = timedelta(hours=2, minutes=11)
OTHER = "intranet"
OTHER_GROUP = "intranet-rg"


def server(world: World, group: str, name: str, created: datetime, now: datetime) -> Neighbour:
    """A PostgreSQL flexible server that has been backed up for a week, with one database."""
    sent = {
        "location": "North Central US",
        "properties": {
            "administratorLogin": "rehearsal",
            "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled"},
        },
    }
    found = Neighbour(SERVERS, group, name, server_body(world, group, name, sent, created))
    found = found.with_child(database_body(found, name.partition("-")[0], {}))
    for days in range(7, 0, -1):
        found = found.with_child(backup_body(found, now - timedelta(days=days) + BACKED_UP))
    return found


def account(
    world: World, group: str, name: str, created: datetime, models: tuple[tuple[str, str, str], ...]
) -> Neighbour:
    """An Azure OpenAI account with its deployments, pinned and filtered: (deployment, model, version)."""
    sent = {"location": "swedencentral", "properties": {"customSubDomainName": name}}
    body = account_body(world, group, name, sent, PIPELINE, created)
    body = {**body, "properties": {**body["properties"], "provisioningState": "Succeeded"}}
    children = tuple(
        deployment_body(str(body["id"]), *model, created, option="NoAutoUpgrade", content_filter=FILTER)
        for model in models
    )
    serving = {deployment.lower(): (model, version) for deployment, model, version in models}
    return Neighbour(ACCOUNTS, group, name, body, children, serving=serving)


def other_app(world: World, now: datetime) -> App:
    """Another team's app, which nobody has to roll back: single mode, one revision, its own environment."""
    created, group = now.replace(microsecond=0) - timedelta(days=120), resource_group_id(world, OTHER_GROUP)
    container = {
        "image": f"{OTHER}.azurecr.io/{OTHER}:7.2.0",
        "name": OTHER,
        "resources": {"cpu": 0.5, "memory": "1Gi"},
    }
    template = documents.template_settled(documents.template_as_sent({"containers": [container]}))
    revision = Revision(f"{OTHER}--k3v9x1q", created, documents.template_of_revision(template), started=created)
    app = App(
        name=OTHER,
        group=OTHER_GROUP,
        location="West Europe",
        environment=f"{group}/providers/Microsoft.App/managedEnvironments/{OTHER}-env",
        configuration={},
        template=template,
        created=created,
        modified=created,
        revisions=(replace(running(revision), last_request=now),),
        latest=revision.name,
        latest_ready=revision.name,
        made=1,
        routed=(Traffic(100, latest=True),),
    )
    sent = documents.configuration_as_sent({"ingress": {"external": True, "targetPort": 80}}, new=True)
    return replace(app, configuration=documents.configuration_settled(sent, app_fqdn(world, app, sent["ingress"])))
