"""Azure Monitor's `Requests`: what was really answered, by revision and status, and late."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from console.simulator.metrics import counted_model_call
from tests.simulator.driving import ARM, PHARMABOT, START, V41, V42, Bench, named

METRICS = f"{ARM}{PHARMABOT}/providers/microsoft.insights/metrics"
BY_REVISION = "revisionName eq '*'"


def asked(bench: Bench, **query: str) -> Any:
    wanted = {
        "api-version": "2023-10-01",
        "metricnames": "Requests",
        "interval": "PT1M",
        "aggregation": "Total",
        "$filter": BY_REVISION,
        "timespan": "2026-11-21T03:10:00Z/2026-11-21T03:30:00Z",
    } | query
    return bench.ask("GET", f"{METRICS}?" + "&".join(f"{key}={quote(value)}" for key, value in wanted.items()))


def series(bench: Bench, **query: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    (metric,) = asked(bench, **query).json()["value"]
    assert metric["name"]["value"] == "Requests"
    return {tuple(pair["value"] for pair in one["metadatavalues"]): one["data"] for one in metric["timeseries"]}


def totals(bench: Bench, **query: str) -> dict[tuple[str, ...], float]:
    return {key: sum(one.get("total", 0) for one in data) for key, data in series(bench, **query).items()}


def test_a_minute_is_known_two_minutes_after_it_ended() -> None:
    # Given ten requests within the minute from 03:12
    bench = Bench("healthy")
    bench.who(10)
    # Then nothing is told at 03:14:59, and all of it at 03:15
    assert series(bench.wait(179)) == {}
    told = series(bench.wait(1))[(V42,)]
    assert told[2] == {"timeStamp": "2026-11-21T03:12:00Z", "total": 10.0}
    # And minutes that have not arrived have no total, while those without a request have none of them
    assert told[1] == {"timeStamp": "2026-11-21T03:11:00Z", "total": 0.0}
    assert told[3] == {"timeStamp": "2026-11-21T03:13:00Z"}
    assert len(told) == 20


def test_requests_are_split_by_revision_and_status() -> None:
    bench = Bench("bad-image")
    bench.shift(named(V42, 50), named(V41, 50))
    bench.wait(10).who(400)
    both = totals(bench.wait(240), **{"$filter": "revisionName eq '*' and statusCodeCategory eq '*'"})
    assert both.keys() == {(V41, "2xx"), (V42, "2xx"), (V42, "5xx")}
    assert sum(both.values()) == 400
    assert both[(V42, "5xx")] == totals(bench, **{"$filter": "statusCode eq '500'"})[("500",)]


def test_values_may_be_named_and_alternatives_given() -> None:
    bench = Bench("healthy")
    bench.shift(named(V42, 50), named(V41, 50))
    bench.wait(10).who(100)
    bench.wait(240)
    one = totals(bench, **{"$filter": f"revisionName eq '{V41}'"})
    assert one.keys() == {(V41,)}
    either = totals(bench, **{"$filter": f"revisionName eq '{V41}' or revisionName eq '{V42}'"})
    assert sum(either.values()) == 100


def test_without_a_filter_there_is_one_series_of_everything() -> None:
    bench = Bench("healthy")
    assert totals(bench, **{"$filter": ""}) == {(): 0}
    bench.who(30)
    assert totals(bench.wait(200), **{"$filter": ""}) == {(): 30}


def test_five_minutes_are_added_up() -> None:
    bench = Bench("healthy")
    for _ in range(5):
        bench.who(10)
        bench.wait(60)
    told = series(bench.wait(600), interval="PT5M")[(V42,)]
    assert [one["total"] for one in told[:2]] == [30.0, 20.0]


def test_dead_shares_count_for_the_revision_that_was_meant() -> None:
    bench = Bench("dead-entries")
    for _ in range(200):
        bench.chat()
    counted = totals(bench.wait(200), **{"$filter": "revisionName eq '*' and statusCodeCategory eq '*'"})
    assert counted[("pharmabot--v38", "4xx")] > 0


@pytest.mark.parametrize(
    "query",
    [
        {"metricnames": "Nonsense"},
        {"interval": "PT2M"},
        {"$filter": "colour eq 'red'"},
        {"$filter": "revisionName ne 'x'"},
        {"timespan": "yesterday"},
        {"timespan": "2026-11-21T03:30:00Z/2026-11-21T03:10:00Z"},
    ],
)
def test_what_it_does_not_understand_is_refused(query: dict[str, str]) -> None:
    refused = asked(Bench(), **query)
    assert (refused.status, refused.json()["error"]["code"]) == (400, "BadRequest")


def test_the_last_hour_is_told_where_no_time_is_given() -> None:
    answer = Bench().ask("GET", f"{METRICS}?api-version=2023-10-01").json()
    assert answer["timespan"] == "2026-11-21T02:12:00Z/2026-11-21T03:12:00Z"
    assert len(answer["value"][0]["timeseries"][0]["data"]) == 60


def test_metrics_want_a_permission_of_their_own() -> None:
    bench = Bench()
    bench.fault("forbidden", action="Microsoft.Insights/metrics/read")
    refused = asked(bench)
    assert (refused.status, "Microsoft.Insights/metrics/read" in refused.json()["error"]["message"]) == (403, True)


OPENAI = f"{PHARMABOT.partition('Microsoft.App')[0]}Microsoft.CognitiveServices/accounts/pharmabot-openai"


def test_the_accounts_calls_are_told_by_status_deployment_and_version_as_late_as_requests() -> None:
    bench = Bench()
    for status in (200, 200, 200, 429):
        bench.machine.world = counted_model_call(
            bench.machine.world, "pharmabot-openai", "gpt4o-stable", status, START
        )
    plain = f"{ARM}{OPENAI}/providers/Microsoft.Insights/metrics?api-version=2024-02-01"
    plain += "&metricnames=AzureOpenAIRequests&timespan=2026-11-21T03:00:00Z/2026-11-21T03:30:00Z&$filter="
    url = plain + quote("StatusCode eq '*' and ModelDeploymentName eq '*'")
    assert bench.wait(100).ask("GET", url).json()["value"][0]["timeseries"] == []
    series = bench.wait(80).ask("GET", url).json()["value"][0]["timeseries"]
    totals = {
        tuple(sorted(one["value"] for one in entry["metadatavalues"])): sum(
            point.get("total", 0) for point in entry["data"]
        )
        for entry in series
    }
    assert totals == {("200", "gpt4o-stable"): 3.0, ("429", "gpt4o-stable"): 1.0}
    by_version = bench.ask("GET", plain + quote("ModelVersion eq '*'"))
    assert by_version.json()["value"][0]["timeseries"][0]["metadatavalues"][0]["value"] == "2024-08-06"
    assert bench.ask("GET", url, token="rehearsal-nobody").status == 403
    assert bench.ask("GET", url.replace("AzureOpenAIRequests", "Requests")).status == 400
