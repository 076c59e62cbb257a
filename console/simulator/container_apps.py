"""Microsoft.App/containerApps: every route below an app, and the lists, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.simulator import metrics, writes
from console.simulator.actions import ACTIONS
from console.simulator.bodies import (
    app_body,
    label_history_body,
    replica_body,
    resource_group_id,
    revision_body,
)
from console.simulator.era import dialect_for, spoken
from console.simulator.paging import page
from console.simulator.permissions import PREFIX, action_of, check_allowed, permissions_body, sees
from console.simulator.resources import groups_of
from console.simulator.scale import replicas_of
from console.simulator.wire import Refused, Request, Response, answer, refuse
from console.simulator.world import App, Revision, World

GATEWAY = ("x-ms-failure-cause", "gateway")


def receive(
    world: World, request: Request, group: str, path: tuple[str, ...], now: datetime
) -> tuple[Response, World]:
    """A request on `containerApps[/name[/...]]` of a group; `path` is what follows `containerApps`."""
    scope = f"{resource_group_id(world, group)}/providers/{PREFIX}" + "".join(f"/{part}" for part in path[:1])
    if path:
        check_allowed(world, request, action_of(request.method, path[1:]), scope)
    if group.lower() not in {known.lower() for known in groups_of(world)}:
        message = f"Resource group '{group}' could not be found."
        raise refuse(404, "ResourceGroupNotFound", message, GATEWAY)
    if not path:
        return list_apps(world, request, group), world
    name, *tail = path
    app = world.apps.get((group.lower(), name.lower()))
    if not tail:
        return _on_app(world, request, group, name, app, now)
    if app is None:
        raise _no_parent(world, request, group, name, tail)
    return _below(world, request, app, tuple(tail), now)


def _on_app(
    world: World, request: Request, group: str, name: str, app: App | None, now: datetime
) -> tuple[Response, World]:
    if request.method == "PUT":
        return writes.put(world, (group.lower(), name.lower()), (group, name), request, now)
    if app is None and request.method == "DELETE":
        return answer(204), world
    if app is None:
        raise refuse(
            404,
            "ResourceNotFound",
            f"The Resource '{PREFIX}/{name}' under resource group '{group}' was not found. For more details please "
            "go to https://aka.ms/ARMResourceNotFoundFix",
            GATEWAY,
        )
    match request.method:
        case "GET":
            return _shown(request, app_body(world, app)), world
        case "PATCH":
            return writes.patch(world, app, request, now)
        case "DELETE":
            return writes.delete(world, app, request, now)
    raise _wrong_method(request)


def _below(world: World, request: Request, app: App, tail: tuple[str, ...], now: datetime) -> tuple[Response, World]:
    lowered = [part.lower() for part in tail]
    match (request.method, *lowered):
        case ("POST", "listsecrets"):
            return answer(
                200, {"value": [{"name": key, "value": value} for key, value in app.secrets.items()]}
            ), world
        case ("GET", "revisions"):
            bodies = [revision_body(world, app, one, now) for one in app.revisions]
            return _page(world, request, bodies), world
        case ("GET", "revisions", _):
            return _shown(request, revision_body(world, app, _revision(app, tail[1]), now)), world
        case ("POST", "revisions", _, action) if action in ACTIONS:
            return ACTIONS[action](world, app, _revision(app, tail[1]), now)
        case ("GET", "revisions", _, "replicas"):
            return answer(200, {"value": _replicas(world, app, _revision(app, tail[1]), now)}), world
        case ("GET", "revisions", _, "replicas", _):
            return answer(200, _replica(world, app, _revision(app, tail[1]), tail[3], now)), world
        case ("GET", "labelhistories" | "labelhistory"):
            labels = dict.fromkeys(record.label for record in app.labels)
            return _page(world, request, [label_history_body(world, app, label) for label in labels]), world
        case ("GET", "labelhistories" | "labelhistory", _):
            return answer(200, label_history_body(world, app, _label(app, tail[1]))), world
        case ("GET", "providers", "microsoft.authorization", "permissions"):
            return answer(200, permissions_body(world, request)), world
        case ("GET", "providers", "microsoft.insights", "metrics"):
            return metrics.receive(world, request, app, now), world
        case ("GET", "authconfigs", _):
            message = f"AuthConfig {tail[1]} was not found under container app {app.name}."
            raise refuse(404, "AuthConfigNotFound", message)
        case ("GET", "resiliencypolicies", _):
            raise refuse(404, "AppResiliencyNotFound", f"App Resiliency with name '{tail[1]}' could not be found.")
    raise _wrong_method(request)


def list_apps(world: World, request: Request, group: str | None) -> Response:
    """Apps of a group, or of the subscription."""
    wanted = None if group is None else group.lower()
    apps = [app for app in world.apps.values() if wanted in (None, app.group.lower())]
    if not sees(world, request, f"{PREFIX}/read"):
        apps = []
    return _page(world, request, [app_body(world, app) for app in apps])


def _page(world: World, request: Request, bodies: Sequence[dict[str, Any]]) -> Response:
    dialect = dialect_for(request.query.get("api-version", ""))
    return page(world, request, [spoken(one, dialect) for one in bodies])


def _shown(request: Request, body: dict[str, Any]) -> Response:
    return answer(200, spoken(body, dialect_for(request.query.get("api-version", ""))))


def _revision(app: App, name: str) -> Revision:
    found = app.revision(name)
    if found is None:
        message = f"Revision with name '{name}' was not found under container app '{app.name}'."
        raise refuse(404, "ContainerAppRevisionNotFound", message)
    return found


def _replicas(world: World, app: App, revision: Revision, now: datetime) -> list[dict[str, Any]]:
    return [replica_body(world, app, revision, number) for number in range(replicas_of(world, revision, now))]


def _replica(world: World, app: App, revision: Revision, name: str, now: datetime) -> dict[str, Any]:
    for body in _replicas(world, app, revision, now):
        if body["name"].lower() == name.lower():
            return body
    raise refuse(404, "ContainerAppReplicaNotFound", f"Replica with name '{name}' was not found.")


def _label(app: App, label: str) -> str:
    if any(record.label == label for record in app.labels):
        return label
    raise refuse(404, "LabelHistoryNotFound", f"Label history of label '{label}' was not found.")


def _no_parent(world: World, request: Request, group: str, name: str, tail: Sequence[str]) -> Refused:
    parent = f"{resource_group_id(world, group)}/providers/{PREFIX}/{name}"
    verb = {"GET": "read", "POST": "action", "DELETE": "delete"}.get(request.method, "write")
    return refuse(
        404,
        "ParentResourceNotFound",
        f"Failed to perform '{verb}' on resource(s) of type 'containerApps/{tail[0]}', because the parent resource "
        f"'{parent}' could not be found.",
        GATEWAY,
    )


def _wrong_method(request: Request) -> Refused:
    message = f"The requested resource does not support http method '{request.method}'."
    return refuse(405, "MethodNotAllowed", message)
