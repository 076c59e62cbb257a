"""Who is calling and what they may do: identities by token, the action an ARM request needs, refusals, permissions.

The refusal's text is ARM's own, known from its documentation and from practice; no recording shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from console.simulator.wire import Refused, Request, refuse
from console.simulator.world import World

PREFIX = "Microsoft.App/containerApps"
PERMISSIONS = "Microsoft.Authorization/permissions/read"
METRICS = "Microsoft.Insights/metrics/read"
VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whose token says what they may do: patterns of actions, `*` for all."""

    client_id: str
    object_id: str
    actions: tuple[str, ...]


IDENTITIES = {
    "rehearsal-reader": Identity(
        "44444444-4444-4444-4444-444444444444", "55555555-5555-5555-5555-555555555555", ("*/read",)
    ),
    "rehearsal-nobody": Identity("66666666-6666-6666-6666-666666666666", "77777777-7777-7777-7777-777777777777", ()),
}


def caller(world: World, request: Request) -> Identity:
    """Whose bearer token it is; one that is nobody's in particular is the operator's, who may do everything."""
    token = (request.header("Authorization") or "").partition(" ")[2].strip()
    return IDENTITIES.get(token) or Identity(world.account.client_id, world.account.object_id, ("*",))


def caller_name(world: World, request: Request) -> str:
    """How systemData and the Activity Log name the caller: a person, or an application by its object id."""
    who = caller(world, request)
    return world.account.caller if who.object_id == world.account.object_id else who.object_id


def action_of(method: str, tail: tuple[str, ...], prefix: str = PREFIX) -> str:
    """The action of a request on an app, or one of another kind; `tail` are the path segments after its name.

    `("revisions", "app--v1", "activate")` with POST -> `Microsoft.App/containerApps/revisions/activate/action`.
    """
    if len(tail) >= 2 and tail[0].lower() == "providers":
        return METRICS if tail[1].lower() == "microsoft.insights" else PERMISSIONS
    types = [segment for place, segment in enumerate(tail) if place % 2 == 0]
    if method == "POST":
        return "/".join((prefix, *types, "action"))
    return "/".join((prefix, *types, VERBS.get(method, "read")))


def denied(world: World) -> tuple[str, ...]:
    """Actions taken away by faults named `forbidden`."""
    return tuple(
        str(one.params["action"]) for one in world.faults if one.name == "forbidden" and "action" in one.params
    )


def sees(world: World, request: Request, action: str) -> bool:
    """Whether a list shows the caller anything: what one may not read is left out, without an error."""
    return _may(world, caller(world, request), action)


def check_allowed(world: World, request: Request, action: str, scope: str) -> None:
    """Raises the 403, which names the action and the scope, where the caller may not do that."""
    who = caller(world, request)
    if not _may(world, who, action):
        raise _forbidden(who, action, scope)


def permissions_body(world: World, request: Request) -> dict[str, Any]:
    """The answer of `{resource}/providers/Microsoft.Authorization/permissions`."""
    actions = list(caller(world, request).actions)
    return {
        "value": [{"actions": actions, "notActions": list(denied(world)), "dataActions": [], "notDataActions": []}]
    }


def _may(world: World, who: Identity, action: str) -> bool:
    return _matches(action, who.actions) and not _matches(action, denied(world))


def _matches(action: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(action.lower(), pattern.lower()) for pattern in patterns)


def _forbidden(who: Identity, action: str, scope: str) -> Refused:
    return refuse(
        403,
        "AuthorizationFailed",
        f"The client '{who.client_id}' with object id '{who.object_id}' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )
