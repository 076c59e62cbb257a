"""Azure's Activity Log: who wrote which resource of a group, and when.

`GET /subscriptions/{s}/providers/Microsoft.Insights/eventtypes/management/values`
(https://learn.microsoft.com/rest/api/monitor/activity-logs/list); kept for 90 days, some minutes late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from console.azure.arm import Arm
from console.azure.shapes import moment
from console.domain.change import Written
from console.domain.clean import clean

VERSION = "2015-04-01"
MOST = 500
_DONE = ("succeeded", "accepted", "started", "")
_KINDS = ("/write", "/delete", "/action")


async def writes(arm: Arm, subscription: str, group: str, since: datetime, until: datetime) -> tuple[Written, ...]:
    """The writes of a resource group between two moments, newest first; each operation once. Raises Failure."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values"
    when = f"eventTimestamp ge '{_time(since)}' and eventTimestamp le '{_time(until)}'"
    wanted = f"{when} and resourceGroupName eq '{group}'"
    query = {"$filter": wanted, "$select": "eventTimestamp,caller,operationName,resourceId,status,correlationId"}
    entries = await arm.listed(path, VERSION, f"the Activity Log of {group}", query)
    return read(entries)


def read(entries: tuple[Mapping[str, Any], ...]) -> tuple[Written, ...]:
    """The log's entries as writes: of the several entries of one operation the earliest tells when."""
    found: dict[tuple[str, str, str], Written] = {}
    for entry in entries[: MOST * 10]:
        one = _written(entry)
        if one is None:
            continue
        key = (str(entry.get("correlationId") or one.at), one.operation.lower(), one.resource.lower())
        known = found.get(key)
        if known is None or one.at < known.at:
            found[key] = one
    return tuple(sorted(found.values(), key=lambda one: one.at, reverse=True)[:MOST])


def _written(entry: Mapping[str, Any]) -> Written | None:
    operation, status = _word(entry.get("operationName")), _word(entry.get("status"))
    at = moment(entry.get("eventTimestamp"))
    if at is None or not operation.lower().endswith(_KINDS) or status.lower() not in _DONE:
        return None
    by, resource = clean(str(entry.get("caller") or ""), 120), clean(str(entry.get("resourceId") or ""), 300)
    return Written(at, by, operation, resource, status)


def _word(value: Any) -> str:
    """A localisable string's own value."""
    inner = value.get("value") if isinstance(value, Mapping) else value
    return clean(str(inner or ""), 160)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
