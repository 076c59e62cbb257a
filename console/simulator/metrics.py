"""Azure Monitor's `Requests` metric of an app: what its service answered, minute by minute, some minutes late.

https://learn.microsoft.com/rest/api/monitor/metrics/list; never recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator.bodies import app_id
from console.simulator.wire import Request, Response, answer, refuse
from console.simulator.world import App, World

Json = dict[str, Any]
Labels = tuple[tuple[str, str], ...]

MINUTE = timedelta(minutes=1)
KEPT = timedelta(hours=6)
LONGEST = timedelta(days=30)
DIMENSIONS = ("revisionName", "statusCodeCategory", "statusCode")
INTERVALS = {"PT1M": 1, "PT5M": 5, "PT15M": 15, "PT30M": 30, "PT1H": 60}
CONDITION = re.compile(r"\s*(\w+)\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


def counted(world: World, revision: str, status: int, now: datetime) -> World:
    """The world in which one more request has been answered."""
    minute = now.replace(second=0, microsecond=0)
    counts = world.minutes.get(minute, {})
    kept = {at: one for at, one in world.minutes.items() if now - at < KEPT} if not counts else world.minutes
    key = (revision, status)
    return replace(
        world,
        answered={**world.answered, key: world.answered.get(key, 0) + 1},
        minutes={**kept, minute: {**counts, key: counts.get(key, 0) + 1}},
    )


def receive(world: World, request: Request, app: App, now: datetime) -> Response:
    """GET `{app}/providers/microsoft.insights/metrics`: totals of `Requests`, split as `$filter` asks.

    A minute that has not arrived yet has a time stamp and no total.
    """
    query = request.query
    names = query.get("metricnames", "Requests")
    if names.lower() != "requests":
        raise _bad(
            f"Failed to find metric configuration for provider: Microsoft.App, resource Type: containerApps, "
            f"metric: {names}, Valid metrics: Requests"
        )
    start, end = _timespan(query.get("timespan"), now)
    step = INTERVALS.get(query.get("interval", "PT1M").upper())
    if step is None:
        raise _bad(f"Invalid time grain duration: {query['interval']}, supported ones are: {', '.join(INTERVALS)}")
    wanted = _conditions(query.get("$filter", ""))
    span = f"{_stamp(start)}/{_stamp(end)}"
    series = list(_series(world, app, wanted, start, end, step * MINUTE, now))
    identity = f"{app_id(world, app)}/providers/Microsoft.Insights/metrics/Requests"
    metric = {
        "id": identity,
        "type": "Microsoft.Insights/metrics",
        "name": {"value": "Requests", "localizedValue": "Requests"},
        "displayDescription": "Requests processed",
        "unit": "Count",
        "timeseries": series,
        "errorCode": "Success",
    }
    return answer(
        200,
        {
            "cost": int((end - start) / MINUTE),
            "timespan": span,
            "interval": query.get("interval", "PT1M"),
            "value": [metric],
            "namespace": "Microsoft.App/containerapps",
            "resourceregion": app.location.lower().replace(" ", ""),
        },
    )


def _series(
    world: World,
    app: App,
    wanted: Mapping[str, set[str]],
    start: datetime,
    end: datetime,
    step: timedelta,
    now: datetime,
) -> Iterator[Json]:
    """One time series for each combination of the dimensions asked for that anything was counted under."""
    arrived = now - timedelta(seconds=world.settings.timings.metrics_late_s)
    found: dict[Labels, dict[datetime, int]] = {}
    for minute, counts in world.minutes.items():
        if not start <= minute < end or minute + MINUTE > arrived:
            continue
        at = start + (minute - start) // step * step
        for labels, count in _labelled(app, counts, wanted):
            totals = found.setdefault(labels, {})
            totals[at] = totals.get(at, 0) + count
    if not wanted:
        found.setdefault((), {})
    for labels, totals in sorted(found.items()):
        yield {
            "metadatavalues": [
                {"name": {"value": name.lower(), "localizedValue": name.lower()}, "value": value}
                for name, value in labels
            ],
            "data": list(_points(totals, start, end, step, arrived)),
        }


def _labelled(
    app: App, counts: Mapping[tuple[str, int], int], wanted: Mapping[str, set[str]]
) -> Iterator[tuple[Labels, int]]:
    for (revision, status), count in counts.items():
        if not revision.startswith(f"{app.name}--"):
            continue
        values = {"revisionName": revision, "statusCodeCategory": f"{status // 100}xx", "statusCode": str(status)}
        labels = tuple((name, values[name]) for name in wanted)
        if all("*" in wanted[name] or value.lower() in wanted[name] for name, value in labels):
            yield labels, count


def _points(
    totals: Mapping[datetime, int], start: datetime, end: datetime, step: timedelta, arrived: datetime
) -> Iterator[Json]:
    at = start
    while at < end:
        known = {"total": float(totals.get(at, 0))} if at + step <= arrived else {}
        yield {"timeStamp": _stamp(at), **known}
        at += step


def _conditions(text: str) -> dict[str, set[str]]:
    """`revisionName eq '*' and statusCode eq '500' or statusCode eq '503'` by dimension, values in lower case."""
    known = {name.lower(): name for name in DIMENSIONS}
    wanted: dict[str, set[str]] = {}
    for part in re.split(r"\s+(?:and|or)\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        found = CONDITION.fullmatch(part)
        if found is None or found[1].lower() not in known:
            raise _bad(f"Dimension filter '{part}' is invalid; valid dimensions: {', '.join(DIMENSIONS)}")
        wanted.setdefault(known[found[1].lower()], set()).add(found[2].lower())
    return wanted


def _timespan(text: str | None, now: datetime) -> tuple[datetime, datetime]:
    """`start/end`, both to the minute; without one the last hour."""
    if text is None:
        end = now.replace(second=0, microsecond=0)
        return end - timedelta(hours=1), end
    try:
        start, end = (_moment(part) for part in text.split("/"))
    except ValueError:
        raise _bad(f"Invalid timespan: {text}") from None
    if not start < end or end - start > LONGEST:
        raise _bad(f"Invalid timespan: {text}; it must begin before it ends, and last 30 days at most")
    return start.replace(second=0, microsecond=0), end


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _bad(message: str) -> Exception:
    return refuse(400, "BadRequest", message)
