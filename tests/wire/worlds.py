"""Builds the simulator's world at the start of a recording, out of what the recording says about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from console.simulator import documents
from console.simulator.bodies import location_code
from console.simulator.era import era_at
from console.simulator.operations import OperationEnds
from console.simulator.revisions import RevisionReady, RevisionStops
from console.simulator.settings import Account, Settings, Timings
from console.simulator.traffic import Traffic
from console.simulator.world import App, Operation, Revision, World
from tests.wire.recordings import Exchange, Recording

Key = tuple[str, str]
STARTING = ("Activating", "Processing")


def world_of(recording: Recording) -> World:
    """The world just before the first exchange."""
    first = recording.exchanges[0]
    took_s = operation_took_s(recording)
    timings = replace(
        Timings(),
        traffic_done_s=took_s,
        template_done_s=took_s,
        mode_done_s=took_s,
        put_done_s=took_s,
        ready_s=ready_after_s(recording) - Timings().create_s,
    )
    settings = Settings(seed=recording.name, era=era_at(first.at.date()), timings=timings)
    account = Account(
        subscription=first.path.split("/")[2],
        tenant=_tenant(recording),
        caller="redacted@example.com",
        groups=tuple(_groups(recording)),
        domains=dict(_domains(recording)),
    )
    world = World(account=account, settings=settings, scenario=recording.name)
    for key in dict.fromkeys(filter(None, map(app_key, recording.exchanges))):
        world = _with_app(world, recording, key)
    return _with_earlier_operations(world, recording)


def app_key(exchange: Exchange) -> Key | None:
    """(group, name) of the app that an exchange is about."""
    found = re.search(r"/resourceGroups/([^/]+)/providers/Microsoft.App/containerApps/([^/]+)", exchange.path)
    return (found.group(1), found.group(2)) if found else None


def operation_took_s(recording: Recording) -> float:
    """How long a write took here: seen unfinished before, finished by then. The same for all of one recording."""
    started: dict[str, datetime] = {}
    current: datetime | None = None
    unfinished, finished = [0.0], []
    for exchange in recording.exchanges:
        if exchange.started_operation:
            current = started[exchange.started_operation] = exchange.at
        begun = started.get(exchange.operation or "", current if exchange.is_app else None)
        word = _progress(exchange)
        if begun is None or word is None or exchange.method == "PUT":
            continue
        if word == "InProgress":
            unfinished.append((exchange.dates[-1] - begun).total_seconds())
        else:
            finished.append((exchange.at - begun).total_seconds())
    return min((one for one in finished if one > max(unfinished)), default=12.0)


def ready_after_s(recording: Recording) -> float:
    """How long after a write its new revision was ready here; the usual time where the recording allows it."""
    usual = Timings().create_s + Timings().ready_s
    begun: datetime | None = None
    waiting, ready = [0.0], []
    for exchange in recording.exchanges:
        if exchange.method in ("PATCH", "PUT"):
            begun = exchange.at if "template" in exchange.sent.get("properties", {}) else None
        elif begun is not None and exchange.is_app:
            properties = exchange.body["properties"]
            passed = (exchange.at - begun).total_seconds()
            waits = properties["latestRevisionName"] != properties["latestReadyRevisionName"]
            (waiting if waits else ready).append(passed)
    later = [one for one in ready if one > max(waiting)]
    return usual if max(waiting) < usual <= min(later, default=usual) else max(waiting) + 0.5


def _progress(exchange: Exchange) -> str | None:
    if exchange.is_app:
        return str(exchange.body["properties"]["provisioningState"])
    if exchange.operation is None:
        return None
    return "InProgress" if exchange.body is None else str(exchange.body["status"])


def _groups(recording: Recording) -> list[str]:
    found = {key: one for one in recording.exchanges if (key := app_key(one))}
    missing = {group for (group, _), one in found.items() if "ResourceGroupNotFound" in str(one.body)}
    return sorted({group for group, _ in found} - missing)


def _domains(recording: Recording) -> Iterator[tuple[str, str]]:
    for exchange in recording.exchanges:
        if exchange.is_app:
            properties = exchange.body["properties"]
            fqdn = (properties["configuration"].get("ingress") or {}).get("fqdn")
            fqdn = fqdn or properties.get("latestRevisionFqdn")
            if fqdn:
                yield properties["managedEnvironmentId"], fqdn.partition(".")[2]


def _tenant(recording: Recording) -> str:
    tenants = (one.body["identity"].get("tenantId") for one in recording.exchanges if one.is_app)
    return next((str(tenant) for tenant in tenants if tenant), Account().tenant)


def _with_app(world: World, recording: Recording, key: Key) -> World:
    mine = [one for one in recording.exchanges if app_key(one) == key]
    bodies = [one for one in mine if one.is_app]
    revisions = dict(_revision_bodies(mine))
    if bodies and bodies[0].method == "PUT" and _fresh(bodies[0].body):
        return world
    if bodies:
        app = _app(world, key, mine[0].at, bodies[0].body)
    elif revisions or all(one.status == 404 and "Resource" not in one.body["error"]["code"] for one in mine):
        app = _bare_app(world, key, mine[0].at, revisions)
    else:
        return world
    world = world.with_app(app)
    for revision in _revisions(app, mine[0].at, revisions):
        app = replace(world.apps[app.key], revisions=(*world.apps[app.key].revisions, revision))
        world = _with_course(world.with_app(app), app, revision, mine)
    return world


def _fresh(body: dict[str, Any]) -> bool:
    times = body["systemData"]
    return times["createdAt"].strip("Z") == times["lastModifiedAt"].strip("Z")


def _app(world: World, key: Key, at: datetime, body: dict[str, Any]) -> App:
    properties = body["properties"]
    template = documents.template_settled(documents.template_as_sent(properties["template"]))
    configuration = documents.configuration_as_sent(properties["configuration"], new=False)
    ingress = configuration["ingress"] or {}
    app = App(
        name=body["name"],
        group=key[0],
        location=body["location"],
        environment=properties["managedEnvironmentId"],
        configuration=documents.configuration_settled(configuration, ingress.get("fqdn") or ""),
        template=template,
        created=at - timedelta(minutes=5),
        modified=at - timedelta(minutes=1),
        created_by="redacted@example.com",
        modified_by="redacted@example.com",
        identity=body["identity"],
        tags=body.get("tags"),
        workload_profile=properties.get("workloadProfileName", "Consumption"),
        addresses=tuple(properties["outboundIpAddresses"]),
        secrets={one["name"]: "REDACTED" for one in configuration["secrets"] or []},
        latest=properties["latestRevisionName"],
        latest_ready=properties.get("latestReadyRevisionName", properties["latestRevisionName"]),
        made=1,
        mode=configuration["activeRevisionsMode"],
    )
    return replace(app, routed=app.traffic)


def _bare_app(world: World, key: Key, at: datetime, revisions: dict[str, dict[str, Any]]) -> App:
    """An app of which only revisions, or only that it exists, was recorded."""
    latest = list(revisions)[-1] if revisions else ""
    properties = revisions[latest]["properties"] if revisions else {}
    environment = f"environment-of-{key[1]}"
    if revisions:
        world.account.domains[environment] = properties["fqdn"].partition(".")[2]
    weights = [
        Traffic(one["properties"]["trafficWeight"], name).shown()
        for name, one in revisions.items()
        if one["properties"]["trafficWeight"]
    ]
    configuration = documents.configuration_as_sent(
        {"ingress": {"external": True, "traffic": weights or None}}, new=True
    )
    template = documents.template_settled(documents.template_as_sent(properties.get("template")))
    return App(
        name=key[1],
        group=key[0],
        location="East US" if not revisions or "eastus" in properties["fqdn"] else "North Central US (Stage)",
        environment=environment,
        configuration=documents.configuration_settled(configuration, ""),
        template=template,
        created=at,
        modified=at,
        latest=latest,
        latest_ready=latest,
        made=1,
    )


def _revision_bodies(exchanges: list[Exchange]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The first recorded body of every revision, in the order of creation."""
    found: dict[str, dict[str, Any]] = {}
    for exchange in exchanges:
        values = exchange.body.get("value", [exchange.body]) if isinstance(exchange.body, dict) else []
        for one in values:
            if str(one.get("type", "")).lower().endswith("/revisions"):
                found.setdefault(one["name"], one)
    yield from sorted(found.items(), key=lambda item: item[1]["properties"]["createdTime"])


def _revisions(app: App, start: datetime, bodies: dict[str, dict[str, Any]]) -> Iterator[Revision]:
    """The revisions there were at the start, as their first recorded body has them."""
    for body in bodies.values():
        if datetime.fromisoformat(body["properties"]["createdTime"]) < start:
            yield _adopted(body)
    known = {entry.revision for entry in app.traffic if entry.revision} | {app.latest, app.latest_ready}
    for name in sorted(known - set(bodies) - {""}):
        yield Revision(
            name=name,
            created=start - timedelta(seconds=60 if name != app.latest else 30),
            template=documents.template_of_revision(app.template),
            answers=name == app.latest_ready,
            health="Healthy" if name == app.latest_ready else "None",
            running="Running" if name == app.latest_ready else "Activating",
        )


def _adopted(body: dict[str, Any]) -> Revision:
    properties = body["properties"]
    last = properties.get("lastActiveTime")
    running = properties.get("runningState", "Running" if properties["active"] else "Stopped")
    return Revision(
        name=body["name"],
        created=datetime.fromisoformat(properties["createdTime"]),
        template=properties["template"],
        active=properties["active"],
        answers=running in ("Running", "Deprovisioning"),
        replicas=properties["replicas"],
        health=properties["healthState"],
        provisioning=properties["provisioningState"],
        running=running,
        problem=properties.get("provisioningError"),
        last_active=datetime.fromisoformat(last) if last else None,
        started=datetime.fromisoformat(properties["createdTime"]),
    )


def _with_course(world: World, app: App, revision: Revision, mine: list[Exchange]) -> World:
    """Puts on the agenda what the revision was about to do when the recording began."""
    start = mine[0].at
    if revision.running == "Deprovisioning":
        stops = RevisionStops(app.key, revision.name, revision.generation)
        seen_at = next(one.at for one in mine if f'"name": "{revision.name}"' in json.dumps(one.body))
        return world.due(seen_at, world.settings.timings.deprovision_s, stops)
    waiting = revision.name == app.latest != app.latest_ready
    if not waiting and revision.running not in STARTING:
        return world
    seen = [one.at for one in mine if _says_ready(one, revision.name)]
    if not seen:
        return world
    still = [one.at for one in mine if one.is_app and one.at < seen[0] and not _says_ready(one, revision.name)]
    usual = revision.created + timedelta(seconds=world.settings.timings.ready_s)
    at = min(max(usual, *still, start) + timedelta(seconds=0.5), seen[0]) if still else min(usual, seen[0])
    starting = replace(revision, answers=False, health="None", running="Activating")
    world = world.with_app(world.apps[app.key].with_revision(starting))
    return world.due(at, 0, RevisionReady(app.key, revision.name, revision.generation))


def _says_ready(exchange: Exchange, name: str) -> bool:
    return exchange.is_app and exchange.body["properties"].get("latestReadyRevisionName") == name


def _with_earlier_operations(world: World, recording: Recording) -> World:
    """Operations that are polled here but were begun before the recording."""
    begun = {one.started_operation for one in recording.exchanges}
    for exchange in recording.exchanges:
        polled = exchange.operation
        if polled is None or polled in begun or polled in world.operations:
            continue
        at = exchange.at
        started = exchange.body["startTime"] if exchange.body and "startTime" in exchange.body else None
        location = location_code(exchange.path.split("/locations/")[1].split("/")[0])
        when = datetime.fromisoformat(f"{started[:26]}+00:00") if started else at
        world = world.with_operation(Operation(polled, ("", ""), location, "PATCH", when))
        if exchange.body is not None:
            world = world.due(at, 0, OperationEnds(polled))
    return world
