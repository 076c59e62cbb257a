"""What else lives in the subscription: another team's app, PostgreSQL servers, an Azure OpenAI account. Read only.

Shapes as recorded in postgres-on-demand-backup-2026, postgres-server-create-and-backups-list and
cognitive-deployment-lifecycle.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from console.simulator import documents
from console.simulator.bodies import app_fqdn, fraction, resource_group_id
from console.simulator.chance import digest
from console.simulator.cognitive import ACCOUNTS
from console.simulator.postgres import SERVERS
from console.simulator.revisions import running
from console.simulator.traffic import Traffic
from console.simulator.world import App, Neighbour, Revision, World

Json = dict[str, Any]

OTHER = "intranet"
OTHER_GROUP = "intranet-rg"


def server(world: World, group: str, name: str, created: datetime, now: datetime) -> Neighbour:
    """A PostgreSQL flexible server that has been backed up for a week."""
    body = {
        "sku": {"name": "Standard_D4ds_v4", "tier": "GeneralPurpose"},
        "systemData": {"createdAt": f"{fraction(created)}Z"},
        "properties": {
            "dataEncryption": {"type": "SystemManaged"},
            "replica": {"role": "Primary", "capacity": 5},
            "storage": {"type": "", "iops": 500, "tier": "P10", "storageSizeGB": 128, "autoGrow": "Disabled"},
            "network": {"publicNetworkAccess": "Enabled"},
            "privateEndpointConnections": [],
            "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled"},
            "fullyQualifiedDomainName": f"{name}.postgres.database.azure.com",
            "version": "17",
            "minorVersion": "9",
            "administratorLogin": "rehearsal",
            "state": "Ready",
            "availabilityZone": "3",
            "backup": {
                "backupRetentionDays": 7,
                "geoRedundantBackup": "Disabled",
                "earliestRestoreDate": f"{fraction(now - timedelta(days=7))}+00:00",
            },
            "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
            "maintenanceWindow": {"customWindow": "Disabled", "dayOfWeek": 0, "startHour": 0, "startMinute": 0},
            "replicationRole": "Primary",
            "replicaCapacity": 5,
        },
        "location": "North Central US",
        **_named(world, group, SERVERS, name),
    }
    return Neighbour(SERVERS, group, name, body)


def account(
    world: World, group: str, name: str, created: datetime, models: tuple[tuple[str, str, str], ...]
) -> Neighbour:
    """An Azure OpenAI account with its deployments: (deployment, model, version)."""
    named = _named(world, group, ACCOUNTS, name)
    endpoint = f"https://{name}.openai.azure.com/"
    body = {
        **named,
        "etag": f'"{digest(name, 8)}-0000-2300-0000-64bf81f50000"',
        "location": "swedencentral",
        "sku": {"name": "S0"},
        "kind": "OpenAI",
        "properties": {
            "endpoint": endpoint,
            "internalId": digest(name + "id", 32),
            "dateCreated": f"{fraction(created)}Z",
            "isMigrated": False,
            "customSubDomainName": name,
            "privateEndpointConnections": [],
            "publicNetworkAccess": "Enabled",
            "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
            "endpoints": {"OpenAI Language Model Instance API": endpoint},
            "provisioningState": "Succeeded",
        },
        "systemData": _system(created),
    }
    children = tuple(_deployment(str(named["id"]), created, *model) for model in models)
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


def _deployment(parent: str, created: datetime, name: str, model: str, version: str) -> Json:
    return {
        "id": f"{parent}/deployments/{name}",
        "type": f"{ACCOUNTS}/deployments",
        "name": name,
        "sku": {"name": "Standard", "capacity": 30},
        "properties": {
            "model": {"format": "OpenAI", "name": model, "version": version},
            "versionUpgradeOption": "NoAutoUpgrade",
            "capabilities": {"chatCompletion": "true"} if "embedding" not in model else {"embeddings": "true"},
            "provisioningState": "Succeeded",
            "ratelimits": [
                {"key": "request", "renewalPeriod": 10, "count": 30},
                {"key": "token", "renewalPeriod": 60, "count": 30000},
            ],
        },
        "systemData": _system(created),
        "etag": f'"{digest(name, 8)}-97da-4c53-a54f-5f049525bc2d"',
    }


def _named(world: World, group: str, kind: str, name: str) -> Json:
    return {"id": f"{resource_group_id(world, group)}/providers/{kind}/{name}", "name": name, "type": kind}


def _system(created: datetime) -> Json:
    by, at = "pipeline@pharmabot.example", f"{fraction(created)}Z"
    return {
        "createdBy": by,
        "createdByType": "User",
        "createdAt": at,
        "lastModifiedBy": by,
        "lastModifiedByType": "User",
        "lastModifiedAt": at,
    }
