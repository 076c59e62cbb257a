"""The stage manager's door, `/-/admin`: faults, state, a deployment, the log of what was received; needs a token."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime
from typing import Any

from console.simulator import activity_log, writes
from console.simulator.bodies import app_id, seconds
from console.simulator.cognitive import ACCOUNTS
from console.simulator.faults import FAULTS
from console.simulator.postgres import SERVERS
from console.simulator.scale import replicas_of, running_word
from console.simulator.wire import Refused, Request, Response, answer, error, refuse
from console.simulator.world import App, Fault, Neighbour, World

PREFIX = "/-/admin"
KNOWN = ("fault", "count", "match")
ONCE = ("move", "purge", "retire-model", "upgrade-model")
MATCHES = {"method", "path", "door"}
PIPELINE = "pipeline@pharmabot.example"


def receive(world: World, request: Request, now: datetime) -> tuple[Response, World]:
    """Answers one admin request; everything without the token is 401."""
    expected = f"Bearer {world.account.admin_token}"
    if not world.account.admin_token or not hmac.compare_digest(
        (request.header("Authorization") or "").encode(), expected.encode()
    ):
        return error(401, "Unauthorized", "The admin token is missing or wrong."), world
    try:
        return _routed(world, request, now)
    except Refused as refused:
        return refused.response, world


def _routed(world: World, request: Request, now: datetime) -> tuple[Response, World]:
    match (request.method, request.path.removeprefix(PREFIX).rstrip("/")):
        case ("POST", "/faults"):
            return _add_fault(world, request, now)
        case ("DELETE", "/faults"):
            return answer(204), replace(world, faults=())
        case ("GET", "/faults"):
            return answer(200, {"faults": [_fault_shown(one) for one in world.faults]}), world
        case ("GET", "/state"):
            return answer(200, state(world, now)), world
        case ("POST", "/deploy"):
            return _deploy(world, request, now)
        case ("GET", "/requests"):
            log = [{"method": one.method, "path": one.path, "at": one.at.isoformat()} for one in world.received]
            return answer(200, {"requests": log}), world
    raise refuse(404, "NotFound", f"{request.method} {request.path} is not an admin request.")


def _add_fault(world: World, request: Request, now: datetime) -> tuple[Response, World]:
    sent = _sent(request)
    fault = read_fault(sent)
    kind = FAULTS[fault.name]
    if kind.at_once and kind.prepare is not None and "match" not in sent:
        return answer(201, _fault_shown(fault)), kind.prepare(fault, world, now)
    return answer(201, _fault_shown(fault)), replace(world, faults=(*world.faults, fault))


def read_fault(sent: dict[str, Any]) -> Fault:
    """`{"fault", "count", "match": {"method", "path", "door"}, ...parameters}`; 400 names what is wrong.

    `path` is a part of the path, `door` is `arm` (the default) or `service`, `count` null lasts until cleared.
    """
    name = str(sent.get("fault", ""))
    if name not in FAULTS:
        raise refuse(400, "UnknownFault", f"'{name}' is no fault; there are {', '.join(sorted(FAULTS))}.")
    count = sent.get("count", 1 if name in ONCE else None)
    if count is not None and (not isinstance(count, int) or count < 1):
        raise refuse(400, "InvalidFault", "count must be null or a whole number from 1.")
    match = sent.get("match") or {}
    if not isinstance(match, dict) or match.keys() - MATCHES:
        raise refuse(400, "InvalidFault", f"match takes {', '.join(sorted(MATCHES))} and nothing else.")
    return Fault(
        name=name,
        count=count,
        method=match.get("method"),
        contains=str(match.get("path") or ""),
        door=str(match.get("door") or "arm"),
        params={key: value for key, value in sent.items() if key not in KNOWN},
    )


def _deploy(world: World, request: Request, now: datetime) -> tuple[Response, World]:
    """What a pipeline would do: the same app with a new image. What it serves depends on the traffic array."""
    sent = _sent(request)
    app = next(iter(world.apps.values()), None)
    if app is None or not isinstance(sent.get("image"), str):
        raise refuse(400, "InvalidDeploy", 'A deployment is {"image": "...", "suffix": "..."}.')
    containers = [{**one, "image": sent["image"]} for one in app.template["containers"]]
    body = {"properties": {"template": {"containers": containers, "revisionSuffix": sent.get("suffix")}}}
    response, world = writes.patch(world, app, replace(request, body=_json(body)), now, by=PIPELINE)
    action, status, begun = "Microsoft.App/containerApps/write", response.status, world.apps[app.key].operation
    return response, activity_log.noted(world, now, PIPELINE, action, app_id(world, app), status, begun)


def state(world: World, now: datetime) -> dict[str, Any]:
    """The whole stage in short, the hidden part too: what the ingress obeys and who answers."""
    return {
        "now": now.isoformat(),
        "scenario": world.scenario,
        "apps": [_app_shown(world, app, now) for app in world.apps.values()],
        "operations": [{"id": one.id, "status": one.status} for one in world.operations.values()],
        "faults": [_fault_shown(one) for one in world.faults],
        "answered": [
            {"revision": revision, "status": status, "count": count}
            for (revision, status), count in world.answered.items()
        ],
        "servers": [_server_shown(one) for one in world.neighbours if one.kind == SERVERS],
        "deployments": [
            _deployment_shown(one, body) for one in world.neighbours if one.kind == ACCOUNTS for body in one.children
        ],
        "jobs": [{"id": one.id, "title": one.title, "status": one.status} for one in world.jobs.values()],
        "consumed": [{"revision": name, "count": count} for name, count in world.consumed.items()],
    }


def _app_shown(world: World, app: App, now: datetime) -> dict[str, Any]:
    revisions = [
        {
            "name": one.name,
            "image": one.image,
            "runs": one.runs,
            "active": one.active,
            "replicas": replicas_of(world, one, now),
            "answers": one.answers,
            "running": running_word(world, one, now),
            "created": seconds(one.created),
        }
        for one in app.revisions
    ]
    return {
        "name": app.name,
        "mode": app.mode,
        "provisioning": app.provisioning,
        "traffic": [entry.shown() for entry in app.traffic],
        "routed": [entry.shown() for entry in app.routed],
        "revisions": revisions,
    }


def _server_shown(server: Neighbour) -> dict[str, Any]:
    source, point = server.origin or (None, None)
    return {
        "name": server.name,
        "state": server.body["properties"]["state"],
        "restored_from": source,
        "restored_to": None if point is None else point.isoformat(),
    }


def _deployment_shown(account: Neighbour, body: dict[str, Any]) -> dict[str, Any]:
    """A deployment's own model, and in `serves` the one that really answers."""
    model, serves = body["properties"]["model"], account.serving.get(body["name"].lower())
    return {
        "account": account.name,
        "name": body["name"],
        "model": [model["name"], model["version"]],
        "serves": None if serves is None else list(serves),
    }


def _fault_shown(fault: Fault) -> dict[str, Any]:
    match = {"method": fault.method, "path": fault.contains, "door": fault.door}
    return {"fault": fault.name, "count": fault.count, "match": match, **fault.params}


def _sent(request: Request) -> dict[str, Any]:
    try:
        sent = request.json()
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise refuse(400, "InvalidRequest", "The body must be a JSON object.")
    return sent


def _json(body: dict[str, Any]) -> bytes:
    return answer(200, body).body
