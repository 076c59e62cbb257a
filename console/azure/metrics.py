"""Azure Monitor's metrics: `Requests` of a container app by revision, `AzureOpenAIRequests` of an account by status.

https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-app-containerapps-metrics and
.../microsoft-cognitiveservices-accounts-metrics
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from console.azure.shapes import moment
from console.config.settings import AzureSettings
from console.domain.clean import clean

VERSION = "2023-10-01"
APP_VERSION = "2024-03-01"


def requests_url(settings: AzureSettings, app: str, since: datetime) -> str:
    """Where to ask for the requests of each minute since `since`, by revision."""
    resource = (
        f"/subscriptions/{quote(settings.subscription)}/resourceGroups/{quote(settings.resource_group)}"
        f"/providers/Microsoft.App/containerApps/{quote(app)}"
    )
    until = since + timedelta(hours=1)
    query = {
        "api-version": VERSION,
        "metricnames": "Requests",
        "interval": "PT1M",
        "aggregation": "Total",
        "$filter": "revisionName eq '*'",
        "timespan": f"{_minute(since):%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}",
    }
    return f"{settings.arm}{resource}/providers/microsoft.insights/metrics?{urlencode(query)}"


def requests_by_revision(body: Mapping[str, Any], since: datetime) -> Mapping[str, int]:
    """Requests per revision in minutes that began at or after `since`; a minute it fell into is left out."""
    counts: dict[str, int] = {}
    for name, count in _totals(body, "revisionname", since):
        counts[name] = counts.get(name, 0) + count
    return counts


def account_429_share(body: Mapping[str, Any], since: datetime) -> tuple[float | None, int]:
    """Percent of the account's calls that were throttled, and how many calls that is of; None where there were none.

    Only minutes that began at or after `since` are counted.
    """
    throttled = total = 0
    for status, count in _totals(body, "statuscode", since):
        total += count
        throttled += count if status == "429" else 0
    return (100.0 * throttled / total if total else None), total


def versions_query(since: datetime, until: datetime, interval: str) -> Mapping[str, str]:
    """What to ask an account's metrics for, to learn which version of which model each deployment answered with."""
    return {
        "metricnames": "AzureOpenAIRequests",
        "interval": interval,
        "aggregation": "Total",
        "$filter": "ModelDeploymentName eq '*' and ModelName eq '*' and ModelVersion eq '*'",
        "timespan": f"{_minute(since):%Y-%m-%dT%H:%M:%SZ}/{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


@dataclass(frozen=True, slots=True)
class Answered:
    """From `first` to `last`, by the beginnings of what was counted, `deployment` answered with this version."""

    deployment: str
    model: str
    version: str
    first: datetime
    last: datetime


def answered_versions(body: Mapping[str, Any]) -> tuple[Answered, ...]:
    """Each version that any deployment answered with, the latest last."""
    found = []
    for metric in body.get("value") or ():
        for series in metric.get("timeseries") or ():
            points = [point for point in series.get("data") or () if point.get("total")]
            times = sorted(at for point in points if (at := moment(point.get("timeStamp"))) is not None)
            name, model, version = (_value(series, f"model{key}") for key in ("deploymentname", "name", "version"))
            if times and name and model and version:
                found.append(Answered(name, model, version, times[0], times[-1]))
    return tuple(sorted(found, key=lambda one: (one.last, one.first)))


def _totals(body: Mapping[str, Any], dimension: str, since: datetime) -> Iterator[tuple[str, int]]:
    """What was counted since then, under each value of a dimension."""
    for metric in body.get("value") or ():
        for series in metric.get("timeseries") or ():
            name = _value(series, dimension)
            for point in series.get("data") or ():
                at = moment(point.get("timeStamp"))
                if name and at is not None and at >= since and point.get("total"):
                    yield name, int(point["total"])


def _value(series: Mapping[str, Any], dimension: str) -> str:
    for pair in series.get("metadatavalues") or ():
        if str((pair.get("name") or {}).get("value", "")).lower() == dimension:
            return clean(str(pair.get("value") or ""), 200)
    return ""


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)
