"""PostgreSQL servers: restored to another moment under another name, stopped, backed up; accepted is not done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulator import postgres
from console.simulator.wire import Response
from console.simulator.world import settle
from tests.simulator.driving import ACCOUNT, START, Bench

GROUP = f"/subscriptions/{ACCOUNT.subscription}/resourceGroups/pharmabot-rg"
SERVERS = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers"
SOURCE, RESTORED = f"{SERVERS}/pharmabot-db", f"{SERVERS}/pharmabot-db-restored"
CHECK = f"/subscriptions/{ACCOUNT.subscription}/providers/Microsoft.DBforPostgreSQL/locations/northcentralus"


def moment(hours_ago: float) -> str:
    return (START - timedelta(hours=hours_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def restore(bench: Bench, hours_ago: float = 1, **properties: Any) -> Response:
    """A restore of the service's own server, as az sends it."""
    asked = {
        "createMode": "PointInTimeRestore",
        "sourceServerResourceId": SOURCE,
        "pointInTimeUTC": moment(hours_ago),
    }
    return bench.ask("PUT", RESTORED, {"location": "northcentralus", "properties": {**asked, **properties}})


def status(bench: Bench, write: Response) -> dict[str, Any]:
    return dict(bench.ask("GET", write.header("Azure-AsyncOperation") or "").json())


def state(bench: Bench, server: str = SOURCE) -> str:
    return str(bench.ask("GET", server).json()["properties"]["state"])


def test_a_restore_makes_a_new_server_minutes_later_and_leaves_the_source_alone() -> None:
    bench = Bench()
    accepted = restore(bench)
    assert (accepted.status, accepted.json()["operation"]) == (202, "RestoreSnapshotManagementOperation")
    assert accepted.header("Retry-After") == "60"
    assert bench.ask("GET", RESTORED).status == 404
    assert state(bench.wait(30), RESTORED) == "Provisioning"
    assert status(bench, accepted)["status"] == "InProgress"
    body = bench.wait(300).ask("GET", RESTORED).json()
    assert status(bench, accepted)["status"] == "Succeeded"
    assert body["properties"]["state"] == "Ready"
    assert body["properties"]["fullyQualifiedDomainName"] == "pharmabot-db-restored.postgres.database.azure.com"
    assert body["properties"]["backup"]["earliestRestoreDate"].startswith(START.strftime("%Y-%m-%dT%H:%M"))
    assert state(bench) == "Ready"


def test_a_restored_server_remembers_what_it_holds() -> None:
    bench = Bench()
    restore(bench, hours_ago=5)
    found = postgres.server(bench.wait(300).ask("GET") and bench.machine.world, "pharmabot-db-restored")
    assert found is not None
    assert found.origin == ("pharmabot-db", START - timedelta(hours=5))
    assert [one["name"] for one in found.children] == ["pharmabot"]
    shown = {one["name"]: one for one in bench.admin("GET", "/state").json()["servers"]}["pharmabot-db-restored"]
    assert (shown["restored_from"], shown["state"]) == ("pharmabot-db", "Ready")


@pytest.mark.parametrize("hours_ago", [-1, 24 * 8])
def test_a_moment_outside_the_window_is_accepted_and_fails(hours_ago: float) -> None:
    bench = Bench()
    accepted = restore(bench, hours_ago)
    assert accepted.status == 202
    told = status(bench, accepted)
    assert told["status"] == "Failed"
    assert "is not between" in told["error"]["message"]
    assert bench.wait(600).ask("GET", RESTORED).status == 404


def test_a_private_network_cannot_come_out_of_a_public_server() -> None:
    bench = Bench()
    network = {"delegatedSubnetResourceId": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"}
    assert "same kind" in status(bench, restore(bench, network=network))["error"]["message"]


def test_a_source_that_is_not_there_and_a_name_that_is_are_refused_at_once() -> None:
    bench = Bench()
    gone = restore(bench, sourceServerResourceId=f"{SERVERS}/nothing")
    assert (gone.status, gone.json()["error"]["code"]) == (404, "ResourceNotFound")
    asked = {"createMode": "PointInTimeRestore", "sourceServerResourceId": SOURCE, "pointInTimeUTC": moment(1)}
    taken = bench.ask("PUT", SOURCE, {"properties": asked})
    assert (taken.status, taken.json()["error"]["code"]) == (409, "ServerNameAlreadyExists")
    elsewhere = bench.ask("PUT", f"{SERVERS}/intranet-db", {"properties": asked})
    assert elsewhere.json()["error"]["code"] == "ServerNameAlreadyExists"


def test_names_are_checked() -> None:
    bench = Bench()
    told = [
        bench.ask("POST", f"{CHECK}/checkNameAvailability", {"name": name, "type": "t"}).json()["nameAvailable"]
        for name in ("pharmabot-db", "pharmabot-db-restored")
    ]
    assert told == [False, True]


def test_the_window_moves_and_starts_with_the_first_backup_of_a_new_server() -> None:
    bench = Bench()
    before = bench.ask("GET", SOURCE).json()["properties"]["backup"]["earliestRestoreDate"]
    restore(bench)
    made = bench.wait(300).ask("GET", RESTORED).json()["properties"]["backup"]["earliestRestoreDate"]
    assert bench.ask("GET", f"{RESTORED}/backups").json()["value"] == []
    first = bench.wait(300).ask("GET", f"{RESTORED}/backups").json()["value"][0]["properties"]
    assert (first["backupType"], first["source"]) == ("Full", "Automatic")
    after = bench.ask("GET", RESTORED).json()["properties"]["backup"]["earliestRestoreDate"]
    assert made < after == first["completedTime"]
    assert bench.ask("GET", SOURCE).json()["properties"]["backup"]["earliestRestoreDate"] > before


def test_a_new_server_is_backed_up_day_by_day_as_long_as_it_keeps_backups() -> None:
    bench = Bench()
    restore(bench)
    listed = bench.wait(20 * 86_400).ask("GET", f"{RESTORED}/backups").json()["value"]
    assert 7 <= len(listed) <= 8


def test_a_backup_on_demand_needs_no_body_and_a_minute_and_a_half() -> None:
    bench = Bench()
    backup = f"{SOURCE}/backups/before-rollback"
    accepted = bench.ask("PUT", backup)
    assert (accepted.json()["operation"], accepted.header("Retry-After")) == ("SnapshotManagementOperation", "15")
    assert bench.wait(80).ask("GET", backup).status == 404
    assert bench.wait(14).ask("GET", backup).json()["properties"]["backupType"] == "Customer On-Demand"
    assert status(bench, accepted)["status"] == "Succeeded"
    assert bench.ask("DELETE", backup).status == 202
    assert bench.wait(30).ask("GET", backup).status == 404


def test_a_second_write_meets_a_busy_server() -> None:
    bench = Bench()
    bench.ask("PUT", f"{SOURCE}/backups/one")
    refused = bench.ask("PUT", f"{SOURCE}/backups/two")
    assert (refused.status, refused.json()["error"]["code"]) == (409, "ServerIsBusy")
    assert bench.wait(120).ask("PUT", f"{SOURCE}/backups/two").status == 202


def test_a_server_is_stopped_and_started_and_says_so_meanwhile() -> None:
    bench = Bench()
    stopped = bench.ask("POST", f"{SOURCE}/stop")
    assert state(bench.wait(10)) == "Stopping"
    assert state(bench.wait(330)) == "Stopped"
    results = bench.ask("GET", stopped.header("Location") or "")
    assert results.json() == {"properties": {}, "name": "pharmabot-db", "type": "PostgreSQL"}
    assert bench.ask("PUT", f"{SOURCE}/backups/x").json()["error"]["code"] == "OperationNotAllowed"
    server = postgres.server(bench.machine.world, "pharmabot-db")
    assert server is not None
    assert not postgres.accepts(server)
    bench.ask("POST", f"{SOURCE}/start")
    assert state(bench.wait(500)) == "Ready"


def test_a_restart_takes_minutes_and_a_deletion_is_for_good() -> None:
    bench = Bench()
    bench.ask("POST", f"{SOURCE}/restart", {"restartWithFailover": False})
    assert state(bench.wait(1)) == "Restarting"
    assert state(bench.wait(120)) == "Ready"
    deleted = bench.ask("DELETE", SOURCE)
    assert state(bench.wait(1)) == "Dropping"
    assert bench.wait(120).ask("GET", SOURCE).status == 404
    assert bench.ask("GET", deleted.header("Location") or "").status == 204
    assert bench.ask("DELETE", SOURCE).status == 204


def test_a_change_is_merged_and_tags_are_shown() -> None:
    bench = Bench()
    sent = {"tags": {"team": "pharmabot"}, "properties": {"backup": {"backupRetentionDays": 14}}}
    accepted = bench.ask("PATCH", SOURCE, sent)
    body = bench.wait(70).ask("GET", SOURCE).json()
    assert status(bench, accepted)["status"] == "Succeeded"
    assert body["tags"] == {"team": "pharmabot"}
    assert body["properties"]["backup"]["backupRetentionDays"] == 14
    assert body["properties"]["storage"]["storageSizeGB"] == 128


def test_an_operation_that_hangs_without_effect_fails_after_two_hours() -> None:
    bench = Bench()
    bench.fault("hang-operation", effect=False, count=1)
    accepted = restore(bench)
    assert status(bench.wait(7000), accepted)["status"] == "InProgress"
    assert bench.ask("GET", RESTORED).status == 404
    assert status(bench.wait(300), accepted)["error"]["code"] == "OperationTimedOut"


def test_an_operation_may_never_end_although_the_server_is_ready() -> None:
    bench = Bench()
    bench.fault("hang-operation", count=1)
    accepted = restore(bench)
    assert state(bench.wait(6 * 3600), RESTORED) == "Ready"
    assert status(bench, accepted)["status"] == "InProgress"


def test_an_operation_vanishes_by_fault_and_by_age() -> None:
    bench = Bench()
    accepted = restore(bench)
    bench.fault("vanished-operation", count=1)
    assert status(bench, accepted)["error"]["code"] == "OperationIdNotFound"
    assert status(bench, accepted)["status"] == "InProgress"
    assert status(bench.wait(9 * 3600), accepted)["error"]["code"] == "OperationIdNotFound"


def test_an_accepted_write_can_fail_and_leaves_the_server_ready() -> None:
    bench = Bench()
    bench.fault("fail-operation", count=1, code="", message="Something internal.")
    accepted = bench.ask("POST", f"{SOURCE}/stop")
    assert status(bench.wait(400), accepted)["error"] == {"code": "", "message": "Something internal."}
    assert state(bench) == "Ready"
    assert bench.ask("POST", f"{SOURCE}/stop").status == 202


def test_a_virtual_endpoint_leads_to_the_server_that_it_has() -> None:
    bench = Bench()
    endpoint = f"{SOURCE}/virtualEndpoints/pharmabot"
    assert bench.ask("PUT", endpoint, {"properties": {"endpointType": "ReadWrite"}}).status == 202
    told = bench.wait(10).ask("GET", endpoint).json()["properties"]
    assert told["members"] == ["pharmabot-db"]
    writer = "pharmabot.writer.postgres.database.azure.com"
    assert writer in told["virtualEndpoints"]
    found = postgres.server_at(bench.machine.world, writer)
    assert found is not None
    assert found.name == "pharmabot-db"
    assert bench.ask("PATCH", endpoint, {"properties": {"members": ["elsewhere"]}}).status == 400


def test_whoever_may_only_read_restores_nothing() -> None:
    bench = Bench()
    refused = bench.ask("PUT", RESTORED, {}, token="rehearsal-reader")
    assert refused.status == 403
    assert "Microsoft.DBforPostgreSQL/flexibleServers/write" in refused.json()["error"]["message"]
    refused = bench.ask("POST", f"{SOURCE}/restart", token="rehearsal-reader")
    assert "flexibleServers/restart/action" in refused.json()["error"]["message"]


def test_where_the_stage_runs_fast_polls_are_quick() -> None:
    bench = Bench().turn(poll_ms=100)
    accepted = restore(bench)
    assert (accepted.header("Retry-After"), accepted.header("retry-after-ms")) == (None, "100")


@settings(max_examples=30, deadline=None)
@given(strides=st.lists(st.floats(min_value=0, max_value=40_000), max_size=12))
def test_many_small_strides_lead_servers_where_one_large_one_leads(strides: list[float]) -> None:
    bench = Bench()
    restore(bench)
    bench.ask("POST", f"{SERVERS}/pharmabot-db/stop")
    at, walked = START, bench.machine.world
    for stride in strides:
        at += timedelta(seconds=stride)
        walked = settle(walked, at)
    assert settle(walked, at) == settle(bench.machine.world, at)


def test_a_conflict_can_be_made_in_the_words_of_each_provider() -> None:
    bench = Bench()
    bench.fault("conflict", count=2)
    assert restore(bench).json()["error"]["code"] == "ServerIsBusy"
    deployment = GROUP + "/providers/Microsoft.CognitiveServices/accounts/pharmabot-openai/deployments/gpt4o-next"
    assert bench.ask("DELETE", deployment).json()["error"]["code"] == "RequestConflict"


WORDS = ["storage", "backup", "network", "sku", "name", "tier", "storageSizeGB", "members", "createMode", "version"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.text(max_size=5) | st.just("PointInTimeRestore"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(method=st.sampled_from(["PATCH", "PUT"]), sent=st.dictionaries(st.sampled_from([*WORDS, "properties"]), JSON))
@pytest.mark.parametrize("path", [SOURCE, RESTORED, f"{SOURCE}/virtualEndpoints/x", f"{SOURCE}/databases/x"])
def test_no_body_however_strange_breaks_a_server(path: str, method: str, sent: dict[str, Any]) -> None:
    bench = Bench()
    assert bench.ask(method, path, sent).status in (202, 400, 404, 405, 409)
    assert bench.wait(3600).ask("GET", SOURCE).status == 200
