"""The Activity Log: who wrote what when, some minutes late.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list; never recorded. A write is an event when it begins
(Started), one when it is accepted, and one when its operation ends (Succeeded or Failed).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator.bodies import fraction
from console.simulator.chance import digest
from console.simulator.paging import page
from console.simulator.permissions import action_of, caller_name, sees
from console.simulator.wire import Refused, Request, Response, refuse
from console.simulator.world import Entry, World

Json = dict[str, Any]

READ = "Microsoft.Insights/eventtypes/values/read"
KEPT = timedelta(days=90)
CONDITION = re.compile(r"\s*(\w+)\s+(ge|le|eq)\s+(?:'([^']*)'|(\S+))\s*", re.IGNORECASE)
KNOWN = (
    "eventTimestamp",
    "resourceGroupName",
    "resourceUri",
    "resourceProvider",
    "correlationId",
    "eventChannels",
    "caller",
    "status",
)
OPERATION = re.compile(r"/([0-9a-f-]{36})(?:\?|$)")
NAMES = {"write": "Create or Update", "delete": "Delete", "action": "Action on"}
CODES = {200: "OK", 201: "Created", 202: "Accepted", 204: "NoContent"}


def written(world: World, request: Request, response: Response, now: datetime) -> World:
    """The world in which a write that was not refused stands in the log; reads and refusals leave it as it is."""
    parts = request.path.strip("/").split("/")
    if request.method == "GET" or response.status >= 400 or len(parts) < 8 or parts[2].lower() != "resourcegroups":
        return world
    resource = "/" + "/".join(parts[:-1] if request.method == "POST" else parts)
    action = action_of(request.method, tuple(parts[8:]), f"{parts[5]}/{parts[6]}")
    follow = response.header("Azure-AsyncOperation") or response.header("Location") or ""
    found = OPERATION.search(follow)
    return noted(world, now, caller_name(world, request), action, resource, response.status, found and found[1])


def noted(
    world: World, now: datetime, by: str, action: str, resource: str, code: int = 200, operation: str | None = None
) -> World:
    """A write of somebody's in the log: begun, and accepted where an operation follows, else done."""
    correlation = digest(f"{now}/{action}/{resource}/{len(world.log)}", 32)
    world = world.logged(now, by, action, resource, "Started", correlation=correlation)
    status = "Succeeded" if operation is None else "Accepted"
    details: Json = {"correlation": correlation, "code": code, "operation": operation}
    return world.logged(now, by, action, resource, status, **details)


def receive(world: World, request: Request, now: datetime) -> Response:
    """GET `.../Microsoft.Insights/eventtypes/management/values?$filter=...`, the newest first."""
    wanted = _conditions(request.query.get("$filter", ""))
    arrived = now - timedelta(seconds=world.settings.timings.log_late_s)
    found = [one for one in _events(world) if now - KEPT <= one.at <= arrived and _matches(one, wanted)]
    found.sort(key=lambda one: one.at)
    bodies = [_selected(_body(world, one), request.query.get("$select")) for one in reversed(found)]
    return page(world, request, bodies if sees(world, request, READ) else [])


def _events(world: World) -> Iterator[Entry]:
    """Every entry, and for those with an operation that has ended one more."""
    for entry in world.log:
        yield entry
        operation = world.operations.get(entry.operation or "") or world.jobs.get(entry.operation or "")
        if operation is not None and operation.ended is not None:
            yield replace(entry, at=operation.ended, status=operation.status, code=200)


def _conditions(text: str) -> list[tuple[str, str, Any]]:
    """(field, operator, value) of each part; 400 where there is no beginning, or anything that is not known."""
    known = {name.lower(): name for name in KNOWN}
    conditions: list[tuple[str, str, Any]] = []
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE):
        found = CONDITION.fullmatch(part)
        if found is None or found[1].lower() not in known:
            raise _bad(f"The filter '{part}' is invalid; it may name {', '.join(KNOWN)}.")
        name, operator = known[found[1].lower()], found[2].lower()
        value = found[4] if found[3] is None else found[3]
        conditions.append((name, operator, _moment(value) if name == "eventTimestamp" else value.lower()))
    if not any(name == "eventTimestamp" and operator == "ge" for name, operator, _ in conditions):
        raise _bad("The filter must have a start time: eventTimestamp ge '...'.")
    return conditions


def _matches(entry: Entry, wanted: list[tuple[str, str, Any]]) -> bool:
    parts = entry.resource_id.lower().split("/")
    fields = {
        "resourceGroupName": parts[4] if len(parts) > 4 else "",
        "resourceUri": entry.resource_id.lower(),
        "resourceProvider": parts[6] if len(parts) > 6 else "",
        "correlationId": entry.correlation,
        "caller": entry.caller.lower(),
        "status": entry.status.lower(),
    }
    for name, operator, value in wanted:
        if name == "eventTimestamp":
            if not (entry.at >= value if operator == "ge" else entry.at <= value):
                return False
        elif name in fields and fields[name] != value:
            return False
    return True


def _body(world: World, entry: Entry) -> Json:
    """One event in the documented shape."""
    parts = entry.resource_id.split("/")
    identity = digest(f"{entry.at}/{entry.action}/{entry.resource_id}/{entry.status}/{entry.correlation}", 32)
    ticks = 621_355_968_000_000_000 + int(entry.at.timestamp() * 10_000_000)
    late = timedelta(seconds=world.settings.timings.log_late_s)
    kind = entry.action.rsplit("/", 1)
    return {
        "authorization": {"action": entry.action, "scope": entry.resource_id},
        "caller": entry.caller,
        "channels": "Operation",
        "claims": _claims(world, entry),
        "correlationId": entry.correlation or identity,
        "description": "",
        "eventDataId": identity,
        "eventName": _word("EndRequest" if entry.status != "Started" else "BeginRequest"),
        "category": _word("Administrative"),
        "id": f"{entry.resource_id}/events/{identity}/ticks/{ticks}",
        "level": "Error" if entry.status == "Failed" else "Informational",
        "resourceGroupName": parts[4] if len(parts) > 4 else "",
        "resourceProviderName": _word(parts[6] if len(parts) > 6 else ""),
        "resourceId": entry.resource_id,
        "resourceType": _word(kind[0]),
        "operationId": entry.correlation or identity,
        "operationName": {"value": entry.action, "localizedValue": f"{NAMES.get(kind[-1], kind[-1])} {kind[0]}"},
        "properties": {"statusCode": CODES.get(entry.code, str(entry.code))},
        "status": _word(entry.status),
        "subStatus": _word("" if entry.status == "Started" else CODES.get(entry.code, "")),
        "eventTimestamp": f"{fraction(entry.at)}Z",
        "submissionTimestamp": f"{fraction(entry.at + late)}Z",
        "subscriptionId": world.account.subscription,
        "tenantId": world.account.tenant,
    }


def _selected(body: Json, names: str | None) -> Json:
    """What `$select` names, separated by commas."""
    wanted = {name.strip().lower() for name in names.split(",")} if names else set()
    return {key: value for key, value in body.items() if not wanted or key.lower() in wanted}


def _claims(world: World, entry: Entry) -> Json:
    named = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn" if "@" in entry.caller else "appid"
    return {"aud": "https://management.core.windows.net/", named: entry.caller}


def _word(value: str) -> Json:
    return {"value": value, "localizedValue": value}


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise _bad(f"The time '{text}' is invalid.") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _bad(message: str) -> Refused:
    return refuse(400, "BadRequest", message)
