"""The control plane's front: who is calling, which resource is meant, and the headers around every answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

from console.simulator import activity_log, container_apps, operations, providers, resources
from console.simulator.chance import draw, new_uuid
from console.simulator.era import SUPPORTED_VERSIONS, Limit
from console.simulator.throttling import spend
from console.simulator.wire import Headers, Refused, Request, Response, http_date, refuse
from console.simulator.world import Received, World

REMEMBERED = 20_000
GATEWAY = ("x-ms-failure-cause", "gateway")


def receive(world: World, request: Request, now: datetime) -> tuple[Response, World]:
    """Answers one ARM request. An error changes nothing but counters."""
    world = remembered(world, request, now)
    try:
        check_caller(request)
        response, world = _routed(world, request, now)
        world = activity_log.written(world, request, response, now)
    except Refused as refused:
        response = refused.response
    headers, world = _headers(world, request, response, now)
    return response.plus(*headers), world


def remembered(world: World, request: Request, now: datetime) -> World:
    """The world with this request in its log, which keeps the latest."""
    received = Received(request.method, request.path, now)
    return replace(world, received=(*world.received[1 - REMEMBERED :], received))


def check_caller(request: Request) -> None:
    """401 without a bearer token; any non-empty one is good enough."""
    scheme, _, token = (request.header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return
    raise refuse(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        (
            "WWW-Authenticate",
            'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token", '
            "error_description=\"The authentication failed because of missing 'Authorization' header.\"",
        ),
    )


def _routed(world: World, request: Request, now: datetime) -> tuple[Response, World]:
    if "api-version" not in request.query:
        raise refuse(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    _check_subscription(world, request)
    segments = [unquote(part) for part in request.path.strip("/").split("/")]
    match [part.lower() for part in segments]:
        case ["subscriptions", _, "providers", "microsoft.app", "locations", _, collection, operation]:
            if collection == operations.STATUSES.lower():
                return operations.status(world, request, operation), world
            if collection == operations.RESULTS.lower():
                return operations.results(world, request, operation, now), world
        case ["subscriptions", _, "resourcegroups", _, "providers", "microsoft.app", "containerapps", *_]:
            return container_apps.receive(world, request, segments[3], tuple(segments[7:]), now)
        case ["subscriptions", _, "providers", "microsoft.app", "containerapps"] if request.method == "GET":
            return container_apps.list_apps(world, request, None), world
        case ["subscriptions", _, "providers", "microsoft.insights", "eventtypes", "management", "values"]:
            return activity_log.receive(world, request, now), world
    provided = providers.receive(world, request, tuple(segments), now)
    if provided is not None:
        return provided
    response = resources.receive(world, request, tuple(segments), now)
    if response is not None:
        return response, world
    raise refuse(
        404,
        "InvalidResourceType",
        f"The resource type could not be found for the path '{request.path}'.",
        GATEWAY,
    )


def _check_subscription(world: World, request: Request) -> None:
    parts = request.path.strip("/").split("/")
    if (
        len(parts) > 1
        and parts[0].lower() == "subscriptions"
        and parts[1].lower() != world.account.subscription.lower()
    ):
        message = f"The subscription '{parts[1]}' could not be found."
        raise refuse(404, "SubscriptionNotFound", message, GATEWAY)


def _headers(world: World, request: Request, response: Response, now: datetime) -> tuple[Headers, World]:
    source, world = draw(world)
    identity = new_uuid(source)
    headers: Headers = ()
    if response.header("x-ms-failure-cause") is None:
        headers, world = spend(world, _limits(world, request), now)
    ours = "/microsoft.app/" in request.path.lower()
    if ours and world.settings.era.supported_versions and request.method in ("GET", "PUT") and response.status != 202:
        headers = (*headers, ("api-supported-versions", SUPPORTED_VERSIONS))
    ids = (("x-ms-request-id", identity), ("x-ms-correlation-request-id", identity))
    return (*headers, *ids, ("Date", http_date(now))), world


def _limits(world: World, request: Request) -> tuple[Limit, ...]:
    era = world.settings.era
    path = request.path.lower()
    if f"/{operations.RESULTS.lower()}/" in path:
        return ()
    if "/microsoft.app/" not in path and request.method != "GET":
        return era.deletes if request.method == "DELETE" else era.posts
    if request.method in ("PUT", "PATCH", "DELETE"):
        return (era.resource_requests,)
    return era.posts if request.method == "POST" else (era.reads,)
