"""Troubles to make on demand, one entry each in FAULTS.

A fault may refuse a request before anything happens, change the world just before it is handled, or spoil what comes
back. Texts of 429, 503 and 504 as recorded in arm-throttling-and-gateway-errors, of 409 as users report it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from console.simulator import activity_log, cognitive, models
from console.simulator.bodies import app_id
from console.simulator.labels import remember, with_traffic
from console.simulator.scale import follow
from console.simulator.traffic import Traffic
from console.simulator.wire import Cut, Effects, Refused, Request, Response, error, refuse
from console.simulator.world import Fault, World

SOMEBODY = "bob@pharmabot.example"
WRITES = ("PUT", "PATCH", "POST", "DELETE")

Refuse = Callable[[Fault, World, Request], Refused]
Prepare = Callable[[Fault, World, datetime], World]
Finish = Callable[[Fault, Response, Effects], tuple[Response, Effects]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault of this name does. `methods` limits it where the fault itself names no method.

    `contains` is the part of the path that limits it where the fault itself names none. `at_once`: it happens when it
    is made, unless it is to wait for a request. `standing` faults are looked up where they matter (permissions,
    operations) and spend nothing here.
    """

    title: str
    methods: tuple[str, ...] = ()
    refuse: Refuse | None = None
    prepare: Prepare | None = None
    finish: Finish | None = None
    standing: bool = False
    contains: str = ""
    at_once: bool = False


def throttle(fault: Fault, world: World, request: Request) -> Refused:
    """429: with a Retry-After header where `retry_after` is given, else the wait only in the text (recorded)."""
    wait = fault.params.get("retry_after")
    headers = () if wait is None else (("Retry-After", str(wait)),)
    stated = wait if wait is not None else fault.params.get("wait", 2)
    return refuse(
        429,
        str(fault.params.get("code", "429")),
        f"Request is temporarily throttled because tenant {world.account.tenant} has issued too many requests. "
        f"Retry after {stated} seconds.",
        *headers,
    )


def conflict(fault: Fault, world: World, request: Request) -> Refused:
    """409, as if somebody else's write were in progress, in the words of the provider that is asked."""
    path = request.path.lower()
    if "/microsoft.cognitiveservices/accounts/" in path:
        parent = "/".join(request.path.split("/")[:9])
        message = f"Another operation is being performed on the parent resource '{parent}'. Please try again later."
        return refuse(409, str(fault.params.get("code", "RequestConflict")), message)
    if "/microsoft.dbforpostgresql/flexibleservers/" in path:
        message = f"Cannot complete operation while server '{request.path.split('/')[8]}' is busy processing another "
        return refuse(409, str(fault.params.get("code", "ServerIsBusy")), f"{message}operation. Try again later.")
    name = next((app.name for app in world.apps.values()), "")
    operation = fault.params.get("operation", "00000000-0000-4000-8000-000000000000")
    return refuse(
        409,
        str(fault.params.get("code", "ContainerAppOperationInProgress")),
        f"Cannot modify a container app '{name}' because there is an active provisioning operation in progress. "
        f"OperationId: '{operation}'",
    )


GATEWAY = {
    500: ("InternalServerError", "Encountered internal server error. Diagnostic information: timestamp unknown."),
    502: ("BadGateway", "The gateway received an invalid response from 'Microsoft.App'."),
    503: ("ServerTimeout", "The request timed out."),
    504: (
        "GatewayTimeout",
        "The gateway did not receive a response from 'Microsoft.App' within the specified time period.",
    ),
}


def broken(fault: Fault) -> Response:
    """A 5xx (`status`) or any other status with `code` and `message`; `retry_after` adds the header."""
    status = int(fault.params.get("status", 503))
    code, message = GATEWAY.get(status, ("InternalServerError", "Encountered internal server error."))
    headers: tuple[tuple[str, str], ...] = (("x-ms-failure-cause", "gateway"),)
    if "retry_after" in fault.params:
        headers = (*headers, ("Retry-After", str(fault.params["retry_after"])))
    if "location" in fault.params:
        headers = (*headers, ("Location", str(fault.params["location"])))
    code, message = str(fault.params.get("code", code)), str(fault.params.get("message", message))
    return error(status, code, message, *headers)


def failing(fault: Fault, world: World, request: Request) -> Refused:
    return Refused(broken(fault))


def failing_after(fault: Fault, response: Response, effects: Effects) -> tuple[Response, Effects]:
    return broken(fault), effects


def unauthorized(fault: Fault, world: World, request: Request) -> Refused:
    """401: an expired token, or with `claims` a challenge that asks for more claims."""
    problem = 'error="invalid_token"'
    if "claims" in fault.params:
        problem = f'error="insufficient_claims", claims="{fault.params["claims"]}"'
    challenge = f'Bearer authorization_uri="https://login.microsoftonline.com/", {problem}'
    return refuse(
        401,
        "ExpiredAuthenticationToken",
        "The access token expiry UTC time is earlier than current UTC time.",
        ("WWW-Authenticate", challenge),
    )


def latency(fault: Fault, response: Response, effects: Effects) -> tuple[Response, Effects]:
    return response, replace(effects, delay_s=effects.delay_s + float(fault.params.get("seconds", 5)))


def cut_after(fault: Fault, response: Response, effects: Effects) -> tuple[Response, Effects]:
    return response, replace(effects, cut=Cut.AFTER)


def flap_health(fault: Fault, world: World, now: datetime) -> World:
    """At every read the health word flips, of all active revisions or of `revision`."""
    wanted = fault.params.get("revision")
    for app in world.apps.values():
        for one in app.revisions:
            if one.active and wanted in (None, one.name):
                flipped = "Healthy" if one.health == "Unhealthy" else "Unhealthy"
                app = app.with_revision(replace(one, health=flipped))
        world = world.with_app(app)
    return world


def move(fault: Fault, world: World, now: datetime) -> World:
    """Somebody else (`by`) changes the first app's traffic: to `traffic`, else all of it to another revision."""
    app = next(iter(world.apps.values()), None)
    if app is None:
        return world
    if "traffic" in fault.params:
        entries = tuple(Traffic.read(entry) for entry in fault.params["traffic"])
    else:
        entries = _elsewhere(app.traffic)
    by = str(fault.params.get("by", SOMEBODY))
    moved = replace(with_traffic(app, entries), routed=entries, modified=now, modified_by=by)
    world = activity_log.noted(world, now, by, "Microsoft.App/containerApps/write", app_id(world, app))
    return follow(world.with_app(remember(moved, now)), app.key, now)


def purge(fault: Fault, world: World, now: datetime) -> World:
    """A revision (`revision`) is gone, as if the retention limit had taken it."""
    for app in world.apps.values():
        kept = tuple(one for one in app.revisions if one.name != fault.params.get("revision"))
        world = world.with_app(replace(app, revisions=kept))
    return world


def vanished(fault: Fault, world: World, request: Request) -> Refused:
    """404: the operation is forgotten, and nobody knows how it ended."""
    identity = request.path.rpartition("/")[2]
    return refuse(404, "OperationIdNotFound", f"The operation with Id: '{identity}' does not exist.")


def upgrade_model(fault: Fault, world: World, now: datetime) -> World:
    """Azure gives a deployment another version of its model: `deployment` (of `account`) gets `version`.

    Nobody wrote it, so that the Activity Log does not know of it. Without `version` the model's default one; without
    `deployment` every one that is not pinned.
    """
    wanted, account = fault.params.get("deployment"), fault.params.get("account")
    for one in world.neighbours:
        for body in one.children if one.kind == cognitive.ACCOUNTS and account in (None, one.name) else ():
            pinned = body["properties"]["versionUpgradeOption"] == "NoAutoUpgrade"
            if wanted != body["name"] and (wanted is not None or pinned):
                continue
            default = models.default_version(world, str(body["properties"]["model"]["name"]))
            version = str(fault.params.get("version") or default or "")
            world = cognitive.upgraded(world, one.name, str(body["name"]), version) if version else world
    return world


def retire_model(fault: Fault, world: World, now: datetime) -> World:
    """A `version` of a `model` cannot be deployed any more."""
    return models.retired(world, str(fault.params.get("model")), str(fault.params.get("version")), now)


def _elsewhere(entries: tuple[Traffic, ...]) -> tuple[Traffic, ...]:
    """The weights passed on to the next entry, round and round."""
    weights = [entry.weight for entry in entries]
    rotated = weights[-1:] + weights[:-1]
    return tuple(replace(entry, weight=weight) for entry, weight in zip(entries, rotated, strict=True))


FAULTS: dict[str, Kind] = {
    "throttle": Kind("429, wait in a header or in the text", refuse=throttle),
    "conflict": Kind("409, another write is in progress", methods=WRITES, refuse=conflict),
    "error": Kind(
        "a status of choice; `took_effect` handles the request first", refuse=failing, finish=failing_after
    ),
    "unauthorized": Kind("401", refuse=unauthorized),
    "forbidden": Kind("403 for an `action` (may hold *)", standing=True),
    "latency": Kind("answers `seconds` late", finish=latency),
    "cut-before": Kind("the connection drops before the request took effect"),
    "cut-after": Kind("the connection drops after the request took effect", methods=WRITES, finish=cut_after),
    "refused": Kind("no connection can be made"),
    "hang-operation": Kind("the next write never ends; `effect` false: nothing happens either", standing=True),
    "fail-operation": Kind("the next write of a server is accepted and fails: `code`, `message`", standing=True),
    "vanished-operation": Kind(
        "a server's operation is not known any more",
        methods=("GET",),
        refuse=vanished,
        contains="/azureAsyncOperation/",
    ),
    "purge": Kind("`revision` disappears", prepare=purge, at_once=True),
    "flap-health": Kind(
        "healthState flips at every read of revisions", methods=("GET",), prepare=flap_health, contains="/revisions"
    ),
    "upgrade-model": Kind("Azure gives `deployment` another `version`", prepare=upgrade_model, at_once=True),
    "retire-model": Kind("a `version` of a `model` is retired", prepare=retire_model, at_once=True),
    "move": Kind("somebody else changes the traffic", prepare=move),
}


def matching(world: World, request: Request) -> tuple[tuple[Fault, ...], World]:
    """The faults that hit this request, and the world in which they have been spent."""
    hit = tuple(fault for fault in world.faults if _hits(fault, request))
    left = [_spent(fault) if fault in hit else fault for fault in world.faults]
    return hit, replace(world, faults=tuple(fault for fault in left if fault is not None))


def _hits(fault: Fault, request: Request) -> bool:
    kind = FAULTS[fault.name]
    if kind.standing or fault.door != request.door.value:
        return False
    methods = (fault.method.upper(),) if fault.method else kind.methods
    if methods and request.method not in methods:
        return False
    wanted = fault.contains or kind.contains
    return wanted.lower() in request.path.lower()


def _spent(fault: Fault) -> Fault | None:
    if fault.count is None:
        return fault
    return replace(fault, count=fault.count - 1) if fault.count > 1 else None
