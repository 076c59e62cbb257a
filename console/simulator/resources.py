"""What can be read around the apps: the subscription, its groups and providers, servers and accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.simulator import cognitive_bodies, postgres_bodies
from console.simulator.bodies import resource_group_id
from console.simulator.cognitive import ACCOUNTS
from console.simulator.models import account_model_body
from console.simulator.paging import page
from console.simulator.permissions import PERMISSIONS, check_allowed, permissions_body, sees
from console.simulator.postgres import SERVERS
from console.simulator.wire import Refused, Request, Response, answer, refuse
from console.simulator.world import Neighbour, World

Json = dict[str, Any]

GATEWAY = ("x-ms-failure-cause", "gateway")
KINDS = {kind.lower(): kind for kind in (SERVERS, ACCOUNTS)}
PROVIDERS = {
    "microsoft.app": ("Microsoft.App", "containerApps"),
    "microsoft.dbforpostgresql": ("Microsoft.DBforPostgreSQL", "flexibleServers"),
    "microsoft.cognitiveservices": ("Microsoft.CognitiveServices", "accounts"),
    "microsoft.operationalinsights": ("Microsoft.OperationalInsights", "workspaces"),
}
SUBSCRIPTION = "Microsoft.Resources/subscriptions/read"
GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/read"


def receive(world: World, request: Request, path: tuple[str, ...], now: datetime) -> Response | None:
    """Answers a GET of what is found here; None for any other path. `path` are its segments, as they were sent."""
    if request.method != "GET":
        return None
    lowered = tuple(part.lower() for part in path)
    match lowered:
        case ("subscriptions",):
            return page(world, request, [_subscription(world)] if sees(world, request, SUBSCRIPTION) else [])
        case ("subscriptions", _):
            check_allowed(world, request, SUBSCRIPTION, f"/subscriptions/{world.account.subscription}")
            return answer(200, _subscription(world))
        case ("subscriptions", _, "providers", name) if name in PROVIDERS:
            return answer(200, _provider(world, name))
        case ("subscriptions", _, "resourcegroups"):
            groups = [_group(world, name) for name in groups_of(world)]
            return page(world, request, groups if sees(world, request, GROUPS) else [])
        case (*scope, "providers", "microsoft.authorization", "permissions"):
            check_allowed(world, request, PERMISSIONS, "/" + "/".join(path[: len(scope)]))
            return answer(200, permissions_body(world, request))
        case ("subscriptions", _, "providers", provider, kind):
            return _listed(world, request, f"{provider}/{kind}", None, now)
        case ("subscriptions", _, "resourcegroups", group, "providers", provider, kind, *rest):
            return _found(world, request, f"{provider}/{kind}", group, tuple(rest), now)
    return None


def groups_of(world: World) -> list[str]:
    """The resource groups, by the names they were given."""
    named = [*world.account.groups, *(app.group for app in world.apps.values())]
    return list({name.lower(): name for name in named}.values())


def _listed(world: World, request: Request, kind: str, group: str | None, now: datetime) -> Response | None:
    if kind not in KINDS:
        return None
    named = [one for one in world.neighbours if one.kind == KINDS[kind] and group in (None, one.group.lower())]
    found = [_shown(one, request, now) for one in named]
    return page(world, request, found if sees(world, request, f"{KINDS[kind]}/read") else [])


def _found(
    world: World, request: Request, kind: str, group: str, rest: tuple[str, ...], now: datetime
) -> Response | None:
    """One of them, its children, or one child."""
    if kind not in KINDS or not rest:
        return _listed(world, request, kind, group, now)
    scope = f"{resource_group_id(world, group)}/providers/{KINDS[kind]}/{rest[0]}"
    check_allowed(world, request, "/".join((KINDS[kind], *rest[1:2], "read")), scope)
    one = world.neighbour(kind, rest[0])
    if one is None or one.group.lower() != group:
        raise _missing(KINDS[kind], rest[0], group)
    if len(rest) == 1:
        body = _shown(one, request, now)
        return answer(200, body, *_tagged(body))
    if rest[1:] == ("models",):
        return page(world, request, [account_model_body(offer) for offer in world.models])
    children = [child for child in one.children if child["type"].lower() == f"{kind}/{rest[1]}"]
    if len(rest) == 2:
        return page(world, request, [_child_shown(child, request) for child in children])
    child = one.child(rest[1], rest[2])
    if child is None:
        raise _missing(KINDS[kind], "/".join(rest), group)
    return answer(200, _child_shown(child, request), *_tagged(child))


def _shown(one: Neighbour, request: Request, now: datetime) -> Json:
    return postgres_bodies.shown(one, now, request.query.get("api-version", "")) if one.kind == SERVERS else one.body


def _child_shown(child: Json, request: Request) -> Json:
    deployed = child["type"] == f"{ACCOUNTS}/deployments"
    return cognitive_bodies.shown(child, request.query.get("api-version", "")) if deployed else child


def _tagged(body: Json) -> tuple[tuple[str, str], ...]:
    """Where the body has an etag, the header of that name."""
    return (("ETag", str(body["etag"])),) if "etag" in body else ()


def _missing(kind: str, name: str, group: str) -> Refused:
    return refuse(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please "
        "go to https://aka.ms/ARMResourceNotFoundFix",
        GATEWAY,
    )


def _subscription(world: World) -> Json:
    return {
        "id": f"/subscriptions/{world.account.subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": world.account.subscription,
        "tenantId": world.account.tenant,
        "displayName": "Rehearsal",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Internal_2014-09-01",
            "quotaId": "Internal_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def _group(world: World, name: str) -> Json:
    return {
        "id": resource_group_id(world, name),
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": "northcentralus",
        "properties": {"provisioningState": "Succeeded"},
    }


def _provider(world: World, name: str) -> Json:
    """A resource provider as registered: az looks at this before it does anything."""
    namespace, kind = PROVIDERS[name]
    return {
        "id": f"/subscriptions/{world.account.subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered",
        "resourceTypes": [
            {"resourceType": kind, "locations": ["North Central US", "West Europe"], "apiVersions": []}
        ],
    }
