"""Resources as ARM shows them: apps, revisions, replicas, label histories; casing quirks included."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.simulator.chance import digest
from console.simulator.scale import replicas_of, running_word
from console.simulator.traffic import weight_of
from console.simulator.world import App, LabelRecord, Revision, World

Json = dict[str, Any]

PROVIDER = "providers/Microsoft.App"
LOCATIONS = {
    "northcentralusstage": "North Central US (Stage)",
    "eastus": "East US",
    "eastus2": "East US 2",
    "westeurope": "West Europe",
    "northeurope": "North Europe",
    "swedencentral": "Sweden Central",
    "canadacentral": "Canada Central",
    "westus": "West US",
}


def location_code(location: str) -> str:
    """`North Central US (Stage)` -> `northcentralusstage`."""
    return "".join(letter for letter in location.lower() if letter.isalnum())


def location_name(location: str) -> str:
    """The display name that answers carry, whichever form was sent."""
    return LOCATIONS.get(location_code(location), location)


def fraction(at: datetime) -> str:
    """`2024-11-01T10:18:07.0001269`: seven decimals at most, trailing zeros dropped, no zone."""
    text = at.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0")
    return text.rstrip(".")


def seconds(at: datetime) -> str:
    """`2024-11-01T10:18:13+00:00`."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def resource_group_id(world: World, group: str) -> str:
    return f"/subscriptions/{world.account.subscription}/resourceGroups/{group}"


def app_id(world: World, app: App, segment: str = "containerApps") -> str:
    return f"{resource_group_id(world, app.group)}/{PROVIDER}/{segment}/{app.name}"


def domain_of(world: World, app: App) -> str:
    """The environment's DNS suffix."""
    known = world.account.domains.get(app.environment)
    name = f"env-{digest(app.environment, 8)}"
    return known or f"{name}.{location_code(app.location)}.azurecontainerapps.io"


def app_fqdn(world: World, app: App, ingress: Json | None) -> str:
    """The app's address under an ingress, which may be another than its present one."""
    return f"{app.name}.{_zone(ingress)}{domain_of(world, app)}"


def revision_fqdn(world: World, app: App, revision: str) -> str:
    """Empty where there is no ingress, or no revision yet."""
    if not app.ingress or not revision:
        return ""
    return f"{revision}.{_zone(app.ingress)}{domain_of(world, app)}"


def app_body(world: World, app: App) -> Json:
    """The app as a GET shows it, in the newest recorded shape."""
    properties: Json = {
        "provisioningState": app.provisioning,
        "runningStatus": "Running",
        **_placement(app),
        "latestRevisionName": app.latest,
        "latestReadyRevisionName": app.latest_ready,
        "latestRevisionFqdn": revision_fqdn(world, app, app.latest),
        "customDomainVerificationId": digest(app.environment, 64).upper(),
        "configuration": _regional(app, app.configuration),
        "template": app.template,
        "eventStreamEndpoint": f"{_dataplane(world, app)}/eventstream",
        "delegatedIdentities": [],
    }
    if app.deployment_errors:
        properties["deploymentErrors"] = app.deployment_errors
    return _enveloped(world, app, properties, fresh="")


def app_body_as_put(world: World, app: App, configuration: Json, template: Json) -> Json:
    """The 201 that answers a PUT: in progress, as sent, naming no revision, its new times with a Z."""
    properties: Json = {
        "provisioningState": "InProgress",
        **_placement(app),
        "customDomainVerificationId": digest(app.environment, 64).upper(),
        "configuration": _regional(app, configuration),
        "template": template,
        "delegatedIdentities": [],
    }
    return _enveloped(world, app, properties, fresh="Z")


def revision_body(world: World, app: App, revision: Revision, now: datetime) -> Json:
    """A revision. `trafficWeight` is the configured share, whatever state the revision is in."""
    replicas = replicas_of(world, revision, now)
    properties: Json = {"createdTime": seconds(revision.created)}
    if revision.last_active and not revision.active:
        properties["lastActiveTime"] = seconds(revision.last_active)
    properties |= {
        "fqdn": revision_fqdn(world, app, revision.name),
        "template": revision.template,
        "active": revision.active,
        "replicas": replicas,
        "trafficWeight": weight_of(app.traffic, revision.name, app.latest),
    }
    if revision.problem:
        properties["provisioningError"] = revision.problem
    properties |= {
        "healthState": revision.health,
        "provisioningState": revision.provisioning,
        "runningState": running_word(world, revision, now),
    }
    if revision.problem and revision.active:
        properties["runningStateDetails"] = f"{replicas}/{replicas} {revision.problem}"
    return {
        "id": f"{app_id(world, app)}/revisions/{revision.name}",
        "name": revision.name,
        "type": "Microsoft.App/containerapps/revisions",
        "properties": properties,
    }


def replica_body(world: World, app: App, revision: Revision, number: int) -> Json:
    """One replica of a revision (recorded in revision-copy; a crashing container's words are inferred)."""
    seed = f"{revision.name}/{revision.generation}/{number}"
    name = f"{revision.name}-{digest(revision.name, 10)}-{digest(seed, 5)}"
    path = f"revisions/{revision.name}/replicas/{name}"
    started = revision.started or revision.created
    up = revision.answers
    streams = f"{_dataplane(world, app)}/{path}/containers/{revision.container}"
    since = f"{started.month}/{started.day}/{started.year} {started.strftime('%I:%M:%S %p').lstrip('0')}"
    container = {
        "name": revision.container,
        "containerId": f"containerd://{digest(seed, 32)}",
        "ready": up,
        "started": up,
        "restartCount": 4 if revision.failed else 0,
        "runningState": "Running" if up else "Waiting",
        "runningStateDetails": f"Container started at: {since}." if up else _waiting(revision),
        "logStreamEndpoint": f"{streams}/logstream",
        "execEndpoint": f"{streams}/exec".replace("https://", "wss://"),
    }
    return {
        "id": f"{app_id(world, app)}/{path}",
        "name": name,
        "type": "Microsoft.App/containerapps/revisions/replicas",
        "properties": {
            "createdTime": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "runningState": "Running" if up else "NotRunning",
            "runningStateDetails": "" if up else _waiting(revision),
            "containers": [container],
            "initContainers": [],
        },
    }


def label_history_body(world: World, app: App, label: str) -> Json:
    """What a label pointed at, newest first (specification example; never recorded)."""
    records = sorted((one for one in app.labels if one.label == label), key=lambda one: one.start, reverse=True)
    return {
        "name": label,
        "type": "Microsoft.App/containerApps/labelHistory",
        "id": f"{app_id(world, app)}/labelHistory/{label}",
        "properties": {"records": [_label_record(one) for one in records]},
    }


def _label_record(record: LabelRecord) -> Json:
    stop = {} if record.stop is None else {"stop": seconds(record.stop)}
    return {"revision": record.revision, "start": seconds(record.start), "status": record.status, **stop}


def _zone(ingress: Json | None) -> str:
    """What stands between an app's name and its environment's where only the environment may call it."""
    return "internal." if ingress and not ingress.get("external") else ""


def _waiting(revision: Revision) -> str:
    return "CrashLoopBackOff" if revision.failed else "ContainerCreating"


def _placement(app: App) -> Json:
    return {
        "managedEnvironmentId": app.environment,
        "environmentId": app.environment,
        "workloadProfileName": app.workload_profile,
        "patchingMode": "Automatic",
        "outboundIpAddresses": list(app.addresses),
    }


def _regional(app: App, configuration: Json) -> Json:
    """revisionTransitionThreshold was seen in the staging region only."""
    if location_code(app.location).endswith("stage"):
        return configuration
    return {key: value for key, value in configuration.items() if key != "revisionTransitionThreshold"}


def _dataplane(world: World, app: App) -> str:
    group = resource_group_id(world, app.group)
    return f"https://{location_code(app.location)}.azurecontainerapps.dev{group}/containerApps/{app.name}"


def _enveloped(world: World, app: App, properties: Json, fresh: str) -> Json:
    created = fresh if app.created == app.modified else ""
    tags = {} if app.tags is None else {"tags": app.tags}
    return {
        "id": app_id(world, app, world.settings.era.app_segment),
        "name": app.name,
        "type": "Microsoft.App/containerApps",
        "location": app.location,
        **tags,
        "systemData": {
            "createdBy": app.created_by,
            "createdByType": "User",
            "createdAt": fraction(app.created) + created,
            "lastModifiedBy": app.modified_by,
            "lastModifiedByType": "User",
            "lastModifiedAt": fraction(app.modified) + fresh,
        },
        "properties": properties,
        "identity": app.identity,
    }
