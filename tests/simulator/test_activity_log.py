"""The Activity Log: every write by its writer, minutes late, and what Azure did itself not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.simulator.driving import ACCOUNT, ARM, PHARMABOT, START, V41, V42, Bench, named

VALUES = f"/subscriptions/{ACCOUNT.subscription}/providers/Microsoft.Insights/eventtypes/management/values"
DEPLOYMENT = PHARMABOT.replace(
    "Microsoft.App/containerApps/pharmabot",
    "Microsoft.CognitiveServices/accounts/pharmabot-openai/deployments/gpt4o-next",
)


def asked(bench: Bench, *conditions: str, since: datetime = START) -> Any:
    text = " and ".join((f"eventTimestamp ge '{since.isoformat()}'", *conditions))
    return bench.ask("GET", f"{ARM}{VALUES}?api-version=2015-04-01&$filter={quote(text)}")


def told(bench: Bench, *conditions: str) -> list[tuple[str, str, str]]:
    """(operation, caller, status) of each event, oldest first."""
    values = asked(bench, *conditions).json()["value"]
    return [(one["operationName"]["value"], one["caller"], one["status"]["value"]) for one in reversed(values)]


def test_a_write_begins_is_accepted_and_ends() -> None:
    bench = Bench()
    bench.shift(named(V41, 100), named(V42, 0))
    write = "Microsoft.App/containerApps/write"
    assert told(bench) == []
    assert told(bench.wait(125)) == [(write, ACCOUNT.caller, "Started"), (write, ACCOUNT.caller, "Accepted")]
    assert told(bench.wait(30))[-1] == (write, ACCOUNT.caller, "Succeeded")
    first = asked(bench).json()["value"][-1]
    assert first["resourceId"] == PHARMABOT
    assert first["eventTimestamp"] == "2026-11-21T03:12:00Z"
    assert first["submissionTimestamp"] > first["eventTimestamp"]
    assert {one["correlationId"] for one in asked(bench).json()["value"]} == {first["correlationId"]}


def test_reads_and_refusals_leave_no_trace() -> None:
    bench = Bench()
    bench.app()
    bench.ask("PATCH", PHARMABOT, {}, token="rehearsal-reader")
    bench.shift(named("pharmabot--nothing", 100))
    assert told(bench.wait(600)) == []


def test_who_else_wrote_stands_there_too() -> None:
    bench = Bench()
    bench.fault("move", by="alice@pharmabot.example")
    bench.app()
    bench.admin("POST", "/deploy", {"image": "pharmabot.azurecr.io/pharmabot:1.6.0"})
    callers = {caller for _, caller, _ in told(bench.wait(600))}
    assert callers == {"alice@pharmabot.example", "pipeline@pharmabot.example"}


def test_an_action_and_a_synchronous_write_are_done_at_once() -> None:
    bench = Bench()
    bench.act(V42, "restart")
    bench.ask("PATCH", DEPLOYMENT, {"sku": {"capacity": 31}})
    assert [(operation, status) for operation, _, status in told(bench.wait(600))] == [
        ("Microsoft.App/containerApps/revisions/restart/action", "Started"),
        ("Microsoft.App/containerApps/revisions/restart/action", "Succeeded"),
        ("Microsoft.CognitiveServices/accounts/deployments/write", "Started"),
        ("Microsoft.CognitiveServices/accounts/deployments/write", "Succeeded"),
    ]


def test_a_failed_operation_says_failed() -> None:
    bench = Bench()
    server = PHARMABOT.replace("Microsoft.App/containerApps/pharmabot", "Microsoft.DBforPostgreSQL/flexibleServers/x")
    asked_for = {"createMode": "PointInTimeRestore", "pointInTimeUTC": "2020-01-01T00:00:00Z"}
    source = server.replace("flexibleServers/x", "flexibleServers/pharmabot-db")
    bench.ask("PUT", server, {"properties": {**asked_for, "sourceServerResourceId": source}})
    assert told(bench.wait(600))[-1][2] == "Failed"


def test_it_is_asked_by_resource_by_group_and_by_provider() -> None:
    bench = Bench()
    bench.shift(named(V41, 100), named(V42, 0))
    bench.ask("PATCH", DEPLOYMENT, {"sku": {"capacity": 31}})
    bench.wait(600)
    assert len(told(bench, f"resourceUri eq '{DEPLOYMENT.lower()}'")) == 2
    assert len(told(bench, "resourceGroupName eq 'Pharmabot-RG'")) == 5
    assert len(told(bench, "resourceProvider eq 'Microsoft.App'")) == 3
    assert told(bench, f"eventTimestamp le '{START.isoformat()}'", "resourceProvider eq 'Microsoft.X'") == []


def test_a_scenario_can_put_the_past_into_it() -> None:
    bench = Bench()
    at = START - timedelta(hours=3)
    bench.machine.world = bench.machine.world.logged(at, "bob@pharmabot.example", "Microsoft.App/x/write", PHARMABOT)
    found = asked(bench, since=at).json()["value"]
    assert ("Microsoft.App/x/write", "bob@pharmabot.example") in [
        (one["operationName"]["value"], one["caller"]) for one in found
    ]
    assert told(bench) == []


def test_pages_are_followed_with_the_same_filter_and_selection() -> None:
    bench = Bench().turn(page_size=2)
    bench.shift(named(V41, 100), named(V42, 0))
    text = quote(f"eventTimestamp ge '{START.isoformat()}'")
    url = f"{ARM}{VALUES}?api-version=2015-04-01&$filter={text}&$select=caller,status"
    first = bench.wait(600).ask("GET", url).json()
    second = bench.ask("GET", first["nextLink"]).json()
    assert (len(first["value"]), len(second["value"]), "nextLink" in second) == (2, 1, False)
    assert first["value"][0].keys() == {"caller", "status"}


def test_times_without_quotes_are_read_as_az_sends_them() -> None:
    bench = Bench()
    bench.shift(named(V41, 100), named(V42, 0))
    text = quote("eventTimestamp ge 2026-11-21T03:12:00.000000 and eventTimestamp le 2026-11-21T04:00:00")
    found = bench.wait(600).ask("GET", f"{ARM}{VALUES}?api-version=2015-04-01&$filter={text}")
    assert len(found.json()["value"]) == 3


def test_a_filter_without_a_beginning_or_with_anything_else_is_refused() -> None:
    bench = Bench()
    assert bench.ask("GET", f"{ARM}{VALUES}?api-version=2015-04-01").status == 400
    assert asked(bench, "level eq 'Error'").status == 400
    assert asked(bench, "eventTimestamp le 'yesterday'").status == 400


def test_it_shows_nothing_to_whoever_may_not_read_it() -> None:
    bench = Bench()
    bench.shift(named(V41, 100), named(V42, 0))
    bench.wait(600).fault("forbidden", action="Microsoft.Insights/eventtypes/*")
    assert told(bench) == []
