"""Writing Azure OpenAI accounts and deployments: synchronous, one at a time per account, and a PUT forgets.

Recorded in cognitive-deployment-lifecycle, -unstripped-headers and -creating; the 409 and the quota as users report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.simulator import jobs
from console.simulator.chance import draw, new_uuid
from console.simulator.cognitive import ACCOUNTS, DeploymentSettles, account, deployment
from console.simulator.cognitive_bodies import (
    account_body,
    account_etag,
    deployment_as_put,
    deployment_etag,
    modified,
    shown,
)
from console.simulator.models import check_offered, check_quota, default_version, rate_limits
from console.simulator.permissions import caller_name
from console.simulator.postgres_checks import missing, sent_object
from console.simulator.postgres_writes import wrong_method
from console.simulator.wire import Refused, Request, Response, answer, refuse
from console.simulator.world import Event, Job, Json, Neighbour, World


@dataclass(frozen=True, slots=True)
class AccountReady:
    """A new account says Succeeded, with another etag."""

    name: str

    def happen(self, world: World, at: datetime) -> World:
        known = account(world, self.name)
        if known is None:
            return world
        properties = {**known.body["properties"], "provisioningState": "Succeeded"}
        body = {**known.body, "properties": properties, "etag": account_etag(self.name, at)}
        return world.with_neighbour(replace(known, body=body))


def receive(
    world: World, request: Request, group: str, path: tuple[str, ...], now: datetime
) -> tuple[Response, World]:
    """A write on `accounts/{path}` of a group."""
    name, *tail = path
    known = account(world, name)
    if known is not None and known.group.lower() != group.lower():
        known = None
    if not tail:
        return _on_account(world, request, group, name, known, now)
    if known is None:
        raise refuse(
            404,
            "ParentResourceNotFound",
            f"Failed to perform '{'write' if request.method != 'DELETE' else 'delete'}' on resource(s) of type "
            f"'accounts/{tail[0]}', because the parent resource '{group}/{name}' could not be found.",
        )
    if len(tail) != 2 or tail[0].lower() != "deployments":
        raise wrong_method(request)
    check_free(known, now)
    return _on_deployment(world, request, known, tail[1], now)


def check_free(known: Neighbour, now: datetime) -> None:
    """409 while another write on the account is in progress (text reported by users)."""
    if known.job is None and (known.busy_until is None or now >= known.busy_until):
        return
    raise refuse(
        409,
        "RequestConflict",
        f"Another operation is being performed on the parent resource '{known.id}'. Please try again later.",
    )


def status(world: World, job: Job) -> Response:
    """GET operationResults/{id} of an account: its word while it runs is Creating, and it says when it ended."""
    path = f"/subscriptions/{world.account.subscription}/providers/Microsoft.CognitiveServices"
    body: Json = {
        "id": f"{path}/locations/{job.location}/{jobs.RESULTS}/{job.id}",
        "name": job.id,
        "status": "Creating" if job.status == "InProgress" else job.status,
        "startTime": f"{job.started:%Y-%m-%dT%H:%M:%SZ}",
    }
    if job.ended is not None:
        body["endTime"] = f"{job.ended:%Y-%m-%dT%H:%M:%SZ}"
    return answer(200, body)


def _on_account(
    world: World, request: Request, group: str, name: str, known: Neighbour | None, now: datetime
) -> tuple[Response, World]:
    if request.method == "DELETE":
        return answer(204 if known is None else 200), world if known is None else world.without_neighbour(
            ACCOUNTS, name
        )
    if request.method == "PUT" and known is None:
        return _create(world, request, group, name, now)
    raise missing(f"/resourceGroups/{group}/providers/{ACCOUNTS}/{name}") if known is None else wrong_method(request)


def _create(world: World, request: Request, group: str, name: str, now: datetime) -> tuple[Response, World]:
    """PUT of an account: 201, followed by its operation for some 40 s."""
    body = account_body(world, group, name, sent_object(request), caller_name(world, request), now)
    world = world.with_neighbour(Neighbour(ACCOUNTS, group, name, body))
    took_s = world.settings.timings.account_s
    job = Job("", ACCOUNTS, name, str(body["location"]), "", "PUT", now)
    ready: list[tuple[float, Event]] = [(took_s, AccountReady(name))]
    job, world = jobs.start(world, job, took_s, ready)
    path = f"/subscriptions/{world.account.subscription}/providers/Microsoft.CognitiveServices/locations"
    follow = f"{request.base}{path}/{job.location}/{jobs.RESULTS}/{job.id}?api-version=2017-04-18"
    return answer(201, body, ("azure-asyncoperation", follow), ("ETag", str(body["etag"]))), world


def _on_deployment(
    world: World, request: Request, known: Neighbour, name: str, now: datetime
) -> tuple[Response, World]:
    child = known.child("deployments", name)
    match request.method:
        case "PUT":
            return _put(world, request, known, name, child, now)
        case "DELETE" if child is None:
            return answer(204), world
        case "DELETE" if child is not None:
            serving = {key: one for key, one in known.serving.items() if key != name.lower()}
            return answer(200), world.with_neighbour(replace(known.without_child(child), serving=serving))
        case "PATCH" if child is None:
            raise missing(f"{known.id}/deployments/{name}")
        case "PATCH" if child is not None:
            return _patch(world, request, known, child, now)
    raise wrong_method(request)


def _put(
    world: World, request: Request, known: Neighbour, name: str, child: Json | None, now: datetime
) -> tuple[Response, World]:
    """201 (200 where there was one), Creating for some seconds; what is left out of the body is lost."""
    sent = _deployable(world, request)
    model = sent["properties"]["model"]
    check_offered(world, str(model["name"]), str(model["version"]), now)
    _check_capacity(world, model, sent.get("sku") or {}, child)
    source, world = draw(world)
    name = name if child is None else str(child["name"])
    body = deployment_as_put(known.id, name, sent, child, caller_name(world, request), now, new_uuid(source))
    world = _written(world, known, body, now)
    stands = deployment(world, known.name, name) or body
    return _answered(200 if child else 201, request, stands), world


def _patch(world: World, request: Request, known: Neighbour, child: Json, now: datetime) -> tuple[Response, World]:
    """200. Size and tags only: a model in the body is not looked at (the specification knows none)."""
    sent = sent_object(request)
    sku = _sized({**child["sku"], **(sent.get("sku") or {})})
    _check_capacity(world, child["properties"]["model"], sku, child)
    source, world = draw(world)
    tags = {"tags": sent["tags"]} if sent.get("tags") is not None else {}
    body = {
        **child,
        **tags,
        "sku": sku,
        "properties": {**child["properties"], "ratelimits": rate_limits(int(sku["capacity"]))},
        "systemData": modified(child["systemData"], caller_name(world, request), now),
        "etag": deployment_etag(new_uuid(source)),
    }
    busy = replace(known.with_child(body), busy_until=_later(now, world.settings.timings.account_busy_s))
    return _answered(200, request, body), world.with_neighbour(busy)


def _written(world: World, known: Neighbour, body: Json, now: datetime) -> World:
    """The world with the deployment in it, which becomes what it says some seconds later."""
    timings = world.settings.timings
    settles = DeploymentSettles(known.name, str(body["name"]), str(body["etag"]))
    creating = {**body, "properties": {**body["properties"], "provisioningState": "Creating"}}
    busy = replace(known.with_child(creating), busy_until=_later(now, timings.account_busy_s))
    world = world.with_neighbour(busy)
    if timings.deployment_s == 0:
        return settles.happen(world, now)
    return world.due(now, timings.deployment_s, settles)


def _answered(status: int, request: Request, body: Json) -> Response:
    return answer(status, shown(body, request.query.get("api-version", "")), ("ETag", str(body["etag"])))


def _deployable(world: World, request: Request) -> Json:
    """The body of a PUT, its model complete; 400 where it names none."""
    sent = sent_object(request)
    properties = sent.get("properties") or {}
    model = properties.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("name"), str):
        raise _invalid("The model of account deployment is required.")
    sku = _sized(sent.get("sku") or {})
    version = model.get("version") or default_version(world, model["name"])
    if version is None:
        raise _invalid("The version of the model of account deployment is required.")
    return {**sent, "sku": sku, "properties": {**properties, "model": {**model, "version": str(version)}}}


def _sized(sku: Json) -> Json:
    """The sku with its capacity as a number, which az sends as a string; 400 for one below 1."""
    sent = str(sku.get("capacity", 1))
    if not (sent.isascii() and sent.isdecimal() and int(sent) > 0):
        raise _invalid("The capacity of account deployment should be at least 1.")
    return {**sku, "capacity": int(sent)}


def _check_capacity(world: World, model: Json, sku: Json, child: Json | None) -> None:
    name = str(model["name"])
    has = (
        0
        if child is None or child["properties"]["model"]["name"] != name
        else int((child.get("sku") or {}).get("capacity", 0))
    )
    check_quota(world, name, int(sku.get("capacity", 1)), used(world, name), has)


def used(world: World, model: str) -> int:
    """The capacity that all deployments of a model have together."""
    found = (child for one in world.neighbours if one.kind == ACCOUNTS for child in one.children)
    return sum(
        int((one.get("sku") or {}).get("capacity", 0)) for one in found if one["properties"]["model"]["name"] == model
    )


def _later(now: datetime, after_s: float) -> datetime:
    return now + timedelta(seconds=after_s)


def _invalid(message: str) -> Refused:
    return refuse(400, "InvalidResourceProperties", message)
