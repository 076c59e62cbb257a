"""Writing PostgreSQL servers: everything is queued with a 202 and ends, or fails, minutes later.

Recorded in postgres-server-create-and-backups-list, -pitr-restore, -restart-stop-start, -on-demand-backup-2026 and
-lro-failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.simulator import jobs
from console.simulator.postgres import SERVERS, server
from console.simulator.postgres_bodies import (
    changed,
    database_body,
    restored_body,
    server_body,
    virtual_endpoint_body,
)
from console.simulator.postgres_checks import (
    change_problem,
    check_geo,
    check_running,
    missing,
    restore_problem,
    sent_object,
    source_of,
)
from console.simulator.postgres_events import (
    BackedUp,
    ChildReaches,
    ServerAppears,
    ServerChanges,
    ServerGoes,
    StateReaches,
)
from console.simulator.wire import Refused, Request, Response, answer, refuse
from console.simulator.world import Event, Job, Json, Neighbour, World

QUICK_S = 15
UPSERT = "UpsertServerManagementOperationV2"
TITLES = {
    ("PUT", "databases"): "UpsertServerDatabaseManagementOperation",
    ("DELETE", "databases"): "DropServerDatabaseManagementOperation",
    ("PUT", "virtualendpoints"): "ReplicaGroupCreateManagementOperation",
    ("PATCH", "virtualendpoints"): "ReplicaGroupUpdateManagementOperation",
    ("DELETE", "virtualendpoints"): "ReplicaGroupDropManagementOperation",
    ("DELETE", "backups"): "DropSnapshotManagementOperation",
}
CHILDREN = {"backups": "backups", "databases": "databases", "virtualendpoints": "virtualEndpoints"}


def receive(
    world: World, request: Request, group: str, path: tuple[str, ...], now: datetime
) -> tuple[Response, World]:
    """A write on `flexibleServers/{path}` of a group."""
    name, *tail = path
    known = server(world, name)
    if known is not None and known.group.lower() != group.lower():
        if request.method == "PUT" and not tail:
            raise _taken(name)
        known = None
    if request.method == "PUT" and not tail:
        return _put(world, request, group, name, known, now)
    if known is None and request.method == "DELETE" and not tail:
        return answer(204), world
    if known is None:
        raise missing(f"/resourceGroups/{group}/providers/{SERVERS}/{name}")
    jobs.check_free(known)
    if len(tail) == 2 and tail[0].lower() in CHILDREN:
        return _below(world, request, known, tail[0].lower(), tail[1], now)
    return _on_server(world, request, known, [part.lower() for part in tail], now)


def name_availability(world: World, request: Request) -> Response:
    """POST checkNameAvailability; what a taken name gets is inferred."""
    sent = sent_object(request)
    free = server(world, str(sent.get("name"))) is None
    told = {"nameAvailable": free, "message": "" if free else "Specified server name is already used."}
    return answer(200, {"name": sent.get("name"), "type": sent.get("type"), **told})


def _put(
    world: World, request: Request, group: str, name: str, known: Neighbour | None, now: datetime
) -> tuple[Response, World]:
    sent = sent_object(request)
    asked = sent.get("properties") or {}
    match str(asked.get("createMode") or "Default"):
        case "Create" | "Default" | "Update" if known is not None:
            return _update(world, request, known, sent, now)
        case "Create" | "Default":
            body = server_body(world, group, name, sent, now)
            made = Neighbour(SERVERS, group, name, body)
            took_s, problem = world.settings.timings.server_create_s, change_problem(name, body)
            return _made(world, request, made, UPSERT, took_s, problem, now)
        case "PointInTimeRestore" if known is not None:
            raise _taken(name)
        case "PointInTimeRestore":
            return _restore(world, request, group, name, sent, now)
        case "GeoRestore":
            check_geo(source_of(world, group, asked))
    raise refuse(400, "InvalidParameterValue", "Invalid value given for parameter createMode.")


def _restore(
    world: World, request: Request, group: str, name: str, sent: Json, now: datetime
) -> tuple[Response, World]:
    asked = sent.get("properties") or {}
    source = source_of(world, group, asked)
    problem = restore_problem(source, asked, now)
    point = datetime.fromisoformat(str(asked["pointInTimeUTC"]))
    body = restored_body(world, group, name, source, sent, now)
    made = Neighbour(SERVERS, group, name, body, _databases(source, body), origin=(source.name, point))
    took_s = world.settings.timings.server_restore_s
    return _made(world, request, made, "RestoreSnapshotManagementOperation", took_s, problem, now)


def _databases(source: Neighbour, body: Json) -> tuple[Json, ...]:
    """The databases come along; backups, endpoints and what else was set up for the source do not."""
    kept = [one for one in source.children if one["type"] == f"{SERVERS}/databases"]
    return tuple({**one, "id": f"{body['id']}/databases/{one['name']}"} for one in kept)


def _made(
    world: World, request: Request, made: Neighbour, title: str, took_s: float, problem: Json | None, now: datetime
) -> tuple[Response, World]:
    """Queues the making of a server, which can be read some seconds later and is Ready in the end."""
    job = _job(made, title, request, now)
    appears_s = world.settings.timings.server_appears_s
    steps: list[tuple[float, Event]] = [
        (appears_s, ServerAppears(made)),
        (took_s, StateReaches(made.name, "Ready")),
    ]
    job, world = jobs.start(world, job, took_s, steps, problem)
    return jobs.accepted(world, request, job), world


def _update(world: World, request: Request, known: Neighbour, sent: Json, now: datetime) -> tuple[Response, World]:
    check_running(known)
    body = changed(known.body, sent)
    took_s, problem = world.settings.timings.server_update_s, change_problem(known.name, body)
    steps: list[tuple[float, Event]] = [
        (0, StateReaches(known.name, "Updating")),
        (took_s, ServerChanges(known.name, body)),
    ]
    return _queued(world, request, _job(known, UPSERT, request, now), took_s, steps, problem)


def _on_server(
    world: World, request: Request, known: Neighbour, tail: list[str], now: datetime
) -> tuple[Response, World]:
    timings = world.settings.timings
    match (request.method, *tail):
        case ("PATCH",):
            return _update(world, request, known, sent_object(request), now)
        case ("DELETE",):
            took_s = timings.server_delete_s
            job = replace(_job(known, "DropServerManagementOperation", request, now), pace_s=QUICK_S)
            steps: list[tuple[float, Event]] = [
                (0, StateReaches(known.name, "Dropping")),
                (took_s, ServerGoes(known.name)),
            ]
            return _queued(world, request, job, took_s, steps)
        case ("POST", "restart"):
            check_running(known)
            return _moved(world, request, known, ("Restart", "Restarting", "Ready"), timings.server_restart_s, now)
        case ("POST", "stop"):
            check_running(known)
            return _moved(world, request, known, ("Stop", "Stopping", "Stopped"), timings.server_stop_s, now)
        case ("POST", "start"):
            return _moved(world, request, known, ("Start", "Starting", "Ready"), timings.server_start_s, now)
    raise wrong_method(request)


def _moved(
    world: World, request: Request, known: Neighbour, course: tuple[str, str, str], took_s: float, now: datetime
) -> tuple[Response, World]:
    """Restart, stop, start: (verb, state meanwhile, state in the end)."""
    verb, meanwhile, finally_ = course
    job = _job(known, f"{verb}ServerManagementOperation", request, now)
    steps = [(0, StateReaches(known.name, meanwhile)), (took_s, StateReaches(known.name, finally_))]
    return _queued(world, request, job, took_s, steps)


def _below(
    world: World, request: Request, known: Neighbour, kind: str, name: str, now: datetime
) -> tuple[Response, World]:
    """A backup, a database or a virtual endpoint."""
    check_running(known)
    child = known.child(kind, name)
    if (request.method, kind) == ("PUT", "backups"):
        took_s = world.settings.timings.backup_s
        job = replace(_job(known, "SnapshotManagementOperation", request, now), pace_s=QUICK_S)
        return _queued(world, request, job, took_s, [(took_s - 1, BackedUp(known.name, name))])
    if (request.method, kind) not in TITLES:
        raise wrong_method(request)
    if child is None and request.method == "DELETE":
        return answer(204), world
    body = None if request.method == "DELETE" else _child(known, kind, name, sent_object(request))
    job = replace(_job(known, TITLES[request.method, kind], request, now), pace_s=QUICK_S)
    took_s = world.settings.timings.small_job_s
    return _queued(world, request, job, took_s, [(took_s, ChildReaches(known.name, kind, name, body))])


def _child(known: Neighbour, kind: str, name: str, sent: Json) -> Json:
    if kind == "databases":
        return database_body(known, name, sent)
    body = virtual_endpoint_body(known, name, sent)
    if not {known.name} <= set(body["properties"]["members"]):
        message = "The members of a virtual endpoint must be the server itself and its read replicas."
        raise refuse(400, "InvalidParameterValue", message)
    return body


def _job(known: Neighbour, title: str, request: Request, now: datetime) -> Job:
    return Job("", SERVERS, known.name, str(known.body["location"]), title, request.method, now)


def _queued(
    world: World,
    request: Request,
    job: Job,
    took_s: float,
    steps: Sequence[tuple[float, Event]],
    problem: Json | None = None,
) -> tuple[Response, World]:
    job, world = jobs.start(world, job, took_s, steps, problem)
    return jobs.accepted(world, request, job), world


def _taken(name: str) -> Refused:
    return refuse(409, "ServerNameAlreadyExists", f"Specified server name '{name}' is already used.")


def wrong_method(request: Request) -> Refused:
    message = f"The requested resource does not support http method '{request.method}'."
    return refuse(405, "MethodNotAllowed", message)
