"""Microsoft.DBforPostgreSQL and Microsoft.CognitiveServices: writes, operations, and what a location tells.

Reads of servers, accounts and what lies below them are in `resources`, metrics in `metrics`.
"""

from __future__ import annotations

from datetime import datetime

from console.simulator import cognitive_writes, jobs, metrics, postgres_writes
from console.simulator.bodies import resource_group_id
from console.simulator.cognitive import ACCOUNTS, account
from console.simulator.models import usage_body
from console.simulator.paging import page
from console.simulator.permissions import METRICS, action_of, check_allowed
from console.simulator.postgres import SERVERS
from console.simulator.postgres_checks import missing
from console.simulator.resources import groups_of
from console.simulator.wire import Request, Response, refuse
from console.simulator.world import World

POSTGRES = "microsoft.dbforpostgresql"
COGNITIVE = "microsoft.cognitiveservices"
GATEWAY = ("x-ms-failure-cause", "gateway")
CHECK_NAME = "Microsoft.DBforPostgreSQL/locations/checkNameAvailability/action"


def receive(world: World, request: Request, path: tuple[str, ...], now: datetime) -> tuple[Response, World] | None:
    """Answers what is found here; None for any other path. `path` are its segments, as they were sent."""
    match tuple(part.lower() for part in path):
        case (
            "subscriptions",
            _,
            "providers",
            (("microsoft.dbforpostgresql" | "microsoft.cognitiveservices") as name),
            *_,
        ):
            response = _in_location(world, request, name, path[4:], now)
            return None if response is None else (response, world)
        case ("subscriptions", _, "resourcegroups", _, "providers", provider, kind, _, *rest):
            if (provider, kind) not in ((POSTGRES, "flexibleservers"), (COGNITIVE, "accounts")):
                return None
            if tuple(rest[-3:]) == ("providers", "microsoft.insights", "metrics") and provider == COGNITIVE:
                return _measured(world, request, path[3], path[7], now), world
            if request.method != "GET":
                return _written(world, request, provider, path, now)
    return None


def _in_location(
    world: World, request: Request, provider: str, tail: tuple[str, ...], now: datetime
) -> Response | None:
    match (request.method, provider, *(part.lower() for part in tail)):
        case ("GET", "microsoft.dbforpostgresql", "locations", _, "azureasyncoperation", _):
            return jobs.status(world, jobs.known(world, tail[-1], now))
        case ("GET", "microsoft.dbforpostgresql", "locations", _, "operationresults", _):
            return jobs.results(world, request, jobs.known(world, tail[-1], now))
        case ("GET", "microsoft.cognitiveservices", "locations", _, "operationresults", _):
            return cognitive_writes.status(world, jobs.known(world, tail[-1], now))
        case ("POST", "microsoft.dbforpostgresql", "locations", _, "checknameavailability"):
            return _name_checked(world, request)
        case ("POST", "microsoft.dbforpostgresql", "checknameavailability"):
            return _name_checked(world, request)
        case ("GET", "microsoft.cognitiveservices", "locations", _, ("models" | "usages") as listed):
            scope = f"/subscriptions/{world.account.subscription}"
            check_allowed(world, request, f"Microsoft.CognitiveServices/locations/{listed}/read", scope)
            return page(world, request, list(world.models) if listed == "models" else _usages(world))
    return None


def _name_checked(world: World, request: Request) -> Response:
    check_allowed(world, request, CHECK_NAME, f"/subscriptions/{world.account.subscription}")
    return postgres_writes.name_availability(world, request)


def _usages(world: World) -> list[dict[str, object]]:
    names = dict.fromkeys(str(offer["model"]["name"]) for offer in world.models)
    return [usage_body(world, name, cognitive_writes.used(world, name)) for name in names]


def _written(
    world: World, request: Request, provider: str, path: tuple[str, ...], now: datetime
) -> tuple[Response, World]:
    group, kind = path[3], SERVERS if provider == POSTGRES else ACCOUNTS
    scope = f"{resource_group_id(world, group)}/providers/{kind}/{path[7]}"
    check_allowed(world, request, action_of(request.method, path[8:], kind), scope)
    if group.lower() not in {known.lower() for known in groups_of(world)}:
        raise refuse(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.", GATEWAY)
    write = postgres_writes.receive if provider == POSTGRES else cognitive_writes.receive
    return write(world, request, group, path[7:], now)


def _measured(world: World, request: Request, group: str, name: str, now: datetime) -> Response:
    scope = f"{resource_group_id(world, group)}/providers/{ACCOUNTS}/{name}"
    check_allowed(world, request, METRICS, scope)
    known = account(world, name)
    if known is None or known.group.lower() != group.lower():
        raise missing(scope)
    return metrics.of_account(world, request, known, now)
