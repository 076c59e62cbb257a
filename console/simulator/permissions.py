"""What the caller may do: the action an ARM request needs, refusals, and the list of allowed actions.

The refusal's text is ARM's own, known from its documentation and from practice; no recording shows it.
"""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from console.simulator.wire import Refused, refuse
from console.simulator.world import World

PREFIX = "Microsoft.App/containerApps"
VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def action_of(method: str, tail: tuple[str, ...]) -> str:
    """The action of a request on an app; `tail` are the path segments after the app's name.

    `("revisions", "app--v1", "activate")` with POST -> `Microsoft.App/containerApps/revisions/activate/action`.
    """
    if len(tail) >= 2 and tail[0].lower() == "providers":
        return "Microsoft.Authorization/permissions/read"
    types = [segment for place, segment in enumerate(tail) if place % 2 == 0]
    if method == "POST":
        return "/".join((PREFIX, *types, "action"))
    return "/".join((PREFIX, *types, VERBS.get(method, "read")))


def denied(world: World) -> tuple[str, ...]:
    """Actions taken away by faults named `forbidden`."""
    return tuple(
        str(one.params["action"]) for one in world.faults if one.name == "forbidden" and "action" in one.params
    )


def is_denied(world: World, action: str) -> bool:
    return any(fnmatch(action.lower(), pattern.lower()) for pattern in denied(world))


def forbidden(world: World, action: str, scope: str) -> Refused:
    """403, naming the action and the scope."""
    account = world.account
    return refuse(
        403,
        "AuthorizationFailed",
        f"The client '{account.client_id}' with object id '{account.object_id}' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )


def check_allowed(world: World, method: str, tail: tuple[str, ...], scope: str) -> None:
    """Raises the 403 where the request's action is denied."""
    action = action_of(method, tail)
    if is_denied(world, action):
        raise forbidden(world, action, scope)


def permissions_body(world: World) -> dict[str, Any]:
    """The answer of `{resource}/providers/Microsoft.Authorization/permissions`."""
    allowed = {"actions": ["*"], "notActions": list(denied(world)), "dataActions": [], "notDataActions": []}
    return {"value": [allowed]}
