"""Azure Monitor's metrics of an app and of an Azure OpenAI account, minute by minute, some minutes late.

https://learn.microsoft.com/rest/api/monitor/metrics/list and
https://learn.microsoft.com/azure/ai-services/openai/monitor-openai-reference; never recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator.bodies import app_id, location_code
from console.simulator.wire import Request, Response, answer, refuse
from console.simulator.world import App, Neighbour, World

Json = dict[str, Any]
Labels = tuple[tuple[str, str], ...]
Counts = Mapping[datetime, Mapping[Any, int]]

MINUTE = timedelta(minutes=1)
KEPT = timedelta(hours=6)
LONGEST = timedelta(days=30)
REQUESTS = ("revisionName", "statusCodeCategory", "statusCode")
CALLS = ("ModelDeploymentName", "ModelName", "ModelVersion", "StatusCode")
INTERVALS = {"PT1M": 1, "PT5M": 5, "PT15M": 15, "PT30M": 30, "PT1H": 60}
CONDITION = re.compile(r"\s*(\w+)\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a resource: what was counted in each minute under which key, and a key's values by dimension.

    `values` gives None for what was counted for another resource.
    """

    name: str
    title: str
    kind: str
    resource: str
    region: str
    dimensions: tuple[str, ...]
    minutes: Counts
    values: Callable[[Any], Mapping[str, str] | None]


def counted(world: World, revision: str, status: int, now: datetime) -> World:
    """The world in which one more request has been answered."""
    key = (revision, status)
    answered = {**world.answered, key: world.answered.get(key, 0) + 1}
    return replace(world, answered=answered, minutes=_one_more(world.minutes, key, now))


def counted_model_call(world: World, account: str, deployment: str, status: int, now: datetime) -> World:
    """The world in which one more call of a model has been answered with this status.

    It is counted under the model and the version that the deployment answers with at this moment.
    """
    known = world.neighbour("Microsoft.CognitiveServices/accounts", account)
    model, version = ("", "") if known is None else known.serving.get(deployment.lower(), ("", ""))
    key = (account.lower(), deployment, model, version, status)
    return replace(world, calls=_one_more(world.calls, key, now))


def _one_more(minutes: Counts, key: Any, now: datetime) -> dict[datetime, Mapping[Any, int]]:
    minute = now.replace(second=0, microsecond=0)
    counts = minutes.get(minute, {})
    kept = {at: one for at, one in minutes.items() if now - at < KEPT} if not counts else minutes
    return {**kept, minute: {**counts, key: counts.get(key, 0) + 1}}


def receive(world: World, request: Request, app: App, now: datetime) -> Response:
    """GET `{app}/providers/microsoft.insights/metrics`: totals of `Requests`, split as `$filter` asks."""

    def values(key: tuple[str, int]) -> Mapping[str, str] | None:
        revision, status = key
        if not revision.startswith(f"{app.name}--"):
            return None
        return dict(zip(REQUESTS, (revision, f"{status // 100}xx", str(status)), strict=True))

    kind, region = "Microsoft.App/containerapps", app.location.lower().replace(" ", "")
    title = "Requests processed"
    metric = Metric("Requests", title, kind, app_id(world, app), region, REQUESTS, world.minutes, values)
    return answered(world, request, metric, now)


def of_account(world: World, request: Request, account: Neighbour, now: datetime) -> Response:
    """GET `{account}/providers/microsoft.insights/metrics`: totals of `AzureOpenAIRequests`, 429s among them."""

    def values(key: tuple[str, str, str, str, int]) -> Mapping[str, str] | None:
        name, *labels = key
        return dict(zip(CALLS, map(str, labels), strict=True)) if name == account.name.lower() else None

    region, title = location_code(str(account.body["location"])), "Azure OpenAI Requests"
    metric = Metric("AzureOpenAIRequests", title, account.kind, account.id, region, CALLS, world.calls, values)
    return answered(world, request, metric, now)


def answered(world: World, request: Request, metric: Metric, now: datetime) -> Response:
    """The answer that shows one metric. A minute that has not arrived yet has a time stamp and no total."""
    query = request.query
    names = query.get("metricnames", metric.name)
    if names.lower() != metric.name.lower():
        provider, _, kind = metric.kind.replace("containerapps", "containerApps").partition("/")
        raise _bad(
            f"Failed to find metric configuration for provider: {provider}, resource Type: {kind}, "
            f"metric: {names}, Valid metrics: {metric.name}"
        )
    start, end = _timespan(query.get("timespan"), now)
    step = INTERVALS.get(query.get("interval", "PT1M").upper())
    if step is None:
        raise _bad(f"Invalid time grain duration: {query['interval']}, supported ones are: {', '.join(INTERVALS)}")
    wanted = _conditions(query.get("$filter", ""), metric.dimensions)
    arrived = now - timedelta(seconds=world.settings.timings.metrics_late_s)
    value = {
        "id": f"{metric.resource}/providers/Microsoft.Insights/metrics/{metric.name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": metric.name, "localizedValue": metric.name},
        "displayDescription": metric.title,
        "unit": "Count",
        "timeseries": list(_series(metric, wanted, start, end, step * MINUTE, arrived)),
        "errorCode": "Success",
    }
    body = {
        "cost": int((end - start) / MINUTE),
        "timespan": f"{_stamp(start)}/{_stamp(end)}",
        "interval": query.get("interval", "PT1M"),
        "value": [value],
        "namespace": metric.kind,
        "resourceregion": metric.region,
    }
    return answer(200, body)


def _series(
    metric: Metric,
    wanted: Mapping[str, set[str]],
    start: datetime,
    end: datetime,
    step: timedelta,
    arrived: datetime,
) -> Iterator[Json]:
    """One time series for each combination of the dimensions asked for that anything was counted under."""
    found: dict[Labels, dict[datetime, int]] = {}
    for minute, counts in metric.minutes.items():
        if not start <= minute < end or minute + MINUTE > arrived:
            continue
        at = start + (minute - start) // step * step
        for labels, count in _labelled(metric, counts, wanted):
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
    metric: Metric, counts: Mapping[Any, int], wanted: Mapping[str, set[str]]
) -> Iterator[tuple[Labels, int]]:
    for key, count in counts.items():
        values = metric.values(key)
        if values is None:
            continue
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


def _conditions(text: str, dimensions: tuple[str, ...]) -> dict[str, set[str]]:
    """`revisionName eq '*' and statusCode eq '500' or statusCode eq '503'` by dimension, values in lower case."""
    known = {name.lower(): name for name in dimensions}
    wanted: dict[str, set[str]] = {}
    for part in re.split(r"\s+(?:and|or)\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        found = CONDITION.fullmatch(part)
        if found is None or found[1].lower() not in known:
            raise _bad(f"Dimension filter '{part}' is invalid; valid dimensions: {', '.join(dimensions)}")
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
