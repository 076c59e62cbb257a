"""What can be found around the apps: the subscription, its groups and providers, and resources that are only read."""

from __future__ import annotations

from typing import Any

from console.simulator.bodies import resource_group_id
from console.simulator.cognitive import ACCOUNTS
from console.simulator.paging import page
from console.simulator.permissions import PERMISSIONS, check_allowed, permissions_body, sees
from console.simulator.postgres import SERVERS
from console.simulator.wire import Refused, Request, Response, answer, refuse
from console.simulator.world import World

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


def receive(world: World, request: Request, path: tuple[str, ...]) -> Response | None:
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
            return _listed(world, request, f"{provider}/{kind}", None)
        case ("subscriptions", _, "resourcegroups", group, "providers", provider, kind, *rest):
            return _found(world, request, f"{provider}/{kind}", group, tuple(rest))
    return None


def groups_of(world: World) -> list[str]:
    """The resource groups, by the names they were given."""
    named = [*world.account.groups, *(app.group for app in world.apps.values())]
    return list({name.lower(): name for name in named}.values())


def _listed(world: World, request: Request, kind: str, group: str | None) -> Response | None:
    if kind not in KINDS:
        return None
    found = [one.body for one in world.neighbours if one.kind == KINDS[kind] and group in (None, one.group.lower())]
    return page(world, request, found if sees(world, request, f"{KINDS[kind]}/read") else [])


def _found(world: World, request: Request, kind: str, group: str, rest: tuple[str, ...]) -> Response | None:
    """One of them, its children, or one child."""
    if kind not in KINDS or not rest:
        return _listed(world, request, kind, group)
    scope = f"{resource_group_id(world, group)}/providers/{KINDS[kind]}/{rest[0]}"
    check_allowed(world, request, "/".join((KINDS[kind], *rest[1:2], "read")), scope)
    one = next((one for one in world.neighbours if one.kind == KINDS[kind] and one.name.lower() == rest[0]), None)
    if one is None or one.group.lower() != group:
        raise _missing(KINDS[kind], rest[0], group)
    if len(rest) == 1:
        return answer(200, one.body)
    children = [child for child in one.children if child["type"].lower() == f"{kind}/{rest[1]}"]
    if len(rest) == 2:
        return page(world, request, children)
    child = next((child for child in children if child["name"].lower() == rest[2]), None)
    if child is None:
        raise _missing(KINDS[kind], "/".join(rest), group)
    return answer(200, child)


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
