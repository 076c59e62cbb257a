"""Azure Monitor's metrics: `Requests` of a container app by revision, `AzureOpenAIRequests` of an account by status.

https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-app-containerapps-metrics and
.../microsoft-cognitiveservices-accounts-metrics
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def account_requests_url(settings: AzureSettings, account: str, since: datetime, until: datetime) -> str:
    """Where to ask for the calls of each minute that an Azure OpenAI account answered, by HTTP status.

    `account` is the account's resource id.
    """
    query = {
        "api-version": VERSION,
        "metricnames": "AzureOpenAIRequests",
        "interval": "PT1M",
        "aggregation": "Total",
        "$filter": "StatusCode eq '*'",
        "timespan": f"{_minute(since):%Y-%m-%dT%H:%M:%SZ}/{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    return f"{settings.arm}{quote(account)}/providers/microsoft.insights/metrics?{urlencode(query)}"


def account_429_share(body: Mapping[str, Any], since: datetime) -> tuple[float | None, int]:
    """Percent of the account's calls that were throttled, and how many calls that is of; None where there were none.

    Only minutes that began at or after `since` are counted.
    """
    throttled = total = 0
    for status, count in _totals(body, "statuscode", since):
        total += count
        throttled += count if status == "429" else 0
    return (100.0 * throttled / total if total else None), total


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
