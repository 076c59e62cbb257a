"""Azure Monitor's `Requests` metric of a container app, split by revision.

https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-app-containerapps-metrics
"""

from __future__ import annotations

from collections.abc import Mapping
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
    for metric in body.get("value") or ():
        for series in metric.get("timeseries") or ():
            name = _revision(series)
            for point in series.get("data") or ():
                at = moment(point.get("timeStamp"))
                if name and at is not None and at >= since and point.get("total"):
                    counts[name] = counts.get(name, 0) + int(point["total"])
    return counts


def _revision(series: Mapping[str, Any]) -> str:
    for pair in series.get("metadatavalues") or ():
        if str((pair.get("name") or {}).get("value", "")).lower() == "revisionname":
            return clean(str(pair.get("value") or ""), 200)
    return ""


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)
