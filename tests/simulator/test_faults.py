"""Troubles on demand, and the admin door they are ordered through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.simulator import scenarios
from console.simulator.faults import FAULTS
from console.simulator.wire import Cut
from tests.simulator.driving import ACCOUNT, PHARMABOT, START, V41, V42, Bench, named

BACK = (named(V42, 0), named(V41, 100))


def test_the_admin_door_needs_its_token() -> None:
    bench = Bench()
    assert bench.admin("GET", "/state").status == 200
    for token in ("", "wrong"):
        assert bench.admin("GET", "/state", token=token).status == 401
        assert bench.admin("POST", "/faults", {"fault": "throttle"}, token=token).status == 401
    assert bench.ask("GET").status == 200


def test_a_stage_without_a_token_has_no_admin_door() -> None:
    bench = Bench(world=scenarios.build("healthy", replace(ACCOUNT, admin_token=""), START))
    assert bench.admin("GET", "/state", token="").status == 401


@pytest.mark.parametrize(
    "body",
    [{"fault": "nonsense"}, {"fault": "throttle", "count": 0}, {"fault": "error", "match": {"url": "x"}}, {}, []],
)
def test_an_order_that_makes_no_sense_is_refused(body: object) -> None:
    assert Bench().admin("POST", "/faults", body).status == 400


def test_a_fault_lasts_for_its_count_and_is_cleared_on_demand() -> None:
    bench = Bench()
    bench.fault("error", count=2, status=500)
    assert [bench.ask("GET").status for _ in range(3)] == [500, 500, 200]
    bench.fault("error", status=503)
    assert bench.ask("GET").status == 503
    assert bench.admin("DELETE", "/faults").status == 204
    assert bench.ask("GET").status == 200


def test_a_fault_hits_only_the_requests_it_matches() -> None:
    bench = Bench()
    bench.fault("error", match={"method": "GET", "path": "/revisions"})
    assert bench.ask("GET").status == 200
    assert bench.ask("GET", f"{PHARMABOT}/revisions").status == 503
    assert bench.shift(*BACK).status == 202
    assert bench.chat(path="/health").status == 200


def test_a_throttle_says_how_long_to_wait_in_its_text_or_in_a_header() -> None:
    bench = Bench()
    bench.fault("throttle", count=1)
    stated = bench.ask("GET")
    assert (stated.status, stated.header("Retry-After")) == (429, None)
    assert "Retry after 2 seconds" in stated.json()["error"]["message"]
    bench.fault("throttle", count=1, retry_after=7)
    assert bench.ask("GET").header("Retry-After") == "7"


def test_a_conflict_refuses_writes_only() -> None:
    bench = Bench()
    bench.fault("conflict", count=1)
    assert bench.ask("GET").status == 200
    refused = bench.shift(*BACK)
    assert (refused.status, refused.json()["error"]["code"]) == (409, "ContainerAppOperationInProgress")
    assert bench.shift(*BACK).status == 202


def test_an_error_may_come_after_the_write_took_effect() -> None:
    bench = Bench()
    bench.fault("error", count=1, status=504, took_effect=True, match={"method": "PATCH"})
    assert bench.shift(*BACK).status == 504
    assert bench.wait(10).who() == {V41: 200}


def test_an_error_without_effect_changes_nothing() -> None:
    bench = Bench()
    bench.fault("error", count=1, status=504)
    assert bench.shift(*BACK).status == 504
    assert bench.wait(10).who() == {V42: 200}


def test_a_redirect_and_a_missing_registration_can_be_played() -> None:
    bench = Bench()
    bench.fault("error", count=1, status=307, location="/elsewhere")
    moved = bench.ask("GET")
    assert (moved.status, moved.header("Location")) == (307, "/elsewhere")
    bench.fault("error", count=1, status=409, code="MissingSubscriptionRegistration")
    assert bench.ask("GET").json()["error"]["code"] == "MissingSubscriptionRegistration"


def test_unauthorized_may_ask_for_claims() -> None:
    bench = Bench()
    bench.fault("unauthorized", count=1, claims="eyJh")
    refused = bench.ask("GET")
    assert refused.status == 401
    assert 'claims="eyJh"' in (refused.header("WWW-Authenticate") or "")


def test_forbidden_names_the_action_and_the_scope() -> None:
    bench = Bench()
    bench.fault("forbidden", action="Microsoft.App/containerApps/write")
    error = bench.shift(*BACK).json()["error"]
    assert error["code"] == "AuthorizationFailed"
    assert "action 'Microsoft.App/containerApps/write' over scope '" + PHARMABOT in error["message"]
    assert bench.ask("GET").status == 200
    assert bench.act(V41, "activate").status == 200
    bench.fault("forbidden", action="Microsoft.App/containerApps/revisions/*/action")
    assert bench.act(V41, "activate").status == 403


def test_latency_delays_and_changes_nothing_else() -> None:
    bench = Bench()
    bench.fault("latency", seconds=3)
    assert bench.ask("GET").status == 200
    assert bench.effects.delay_s == 3


def test_a_connection_is_cut_before_or_after_the_write_took_effect() -> None:
    bench = Bench()
    bench.fault("cut-before", count=1, match={"method": "PATCH"})
    bench.shift(*BACK)
    assert bench.effects.cut is Cut.BEFORE
    assert bench.traffic()[0]["weight"] == 100
    bench.fault("cut-after", count=1, match={"method": "PATCH"})
    bench.shift(*BACK)
    assert bench.effects.cut is Cut.AFTER
    assert bench.traffic()[0]["weight"] == 0


def test_every_arm_request_is_logged_even_where_it_was_cut() -> None:
    bench = Bench()
    bench.fault("cut-before", count=1)
    bench.shift(*BACK)
    bench.chat()
    log = bench.admin("GET", "/requests").json()["requests"]
    assert [(one["method"], one["path"]) for one in log] == [("PATCH", PHARMABOT)]


def test_a_refused_connection_reaches_nobody() -> None:
    bench = Bench()
    bench.fault("refused", count=1)
    bench.ask("GET")
    assert bench.effects.cut is Cut.REFUSED
    assert bench.admin("GET", "/requests").json()["requests"] == []


def test_a_hung_operation_never_ends_though_the_traffic_moves() -> None:
    bench = Bench()
    bench.fault("hang-operation", count=1)
    write = bench.shift(*BACK)
    assert bench.wait(12).app()["properties"]["provisioningState"] == "Succeeded"
    assert bench.who() == {V41: 200}
    assert bench.wait(3600).status_of(write) == "InProgress"
    assert bench.status_of(bench.shift(*BACK)) == "InProgress"
    assert bench.wait(12).admin("GET", "/faults").json()["faults"] == []


def test_a_hung_operation_without_effect_expires() -> None:
    bench = Bench()
    bench.fault("hang-operation", count=1, effect=False)
    write = bench.shift(*BACK)
    assert bench.wait(899).app()["properties"]["provisioningState"] == "InProgress"
    assert bench.shift(*BACK).status == 409
    properties = bench.wait(1).app()["properties"]
    assert (properties["provisioningState"], properties["deploymentErrors"]) == ("Failed", "Operation expired")
    assert bench.status_of(write) == "InProgress"
    assert bench.who() == {V42: 200}
    assert bench.shift(*BACK).status == 202
    assert "deploymentErrors" not in bench.wait(12).app()["properties"]


def test_a_purged_revision_is_gone_at_once() -> None:
    bench = Bench()
    bench.fault("purge", revision=V41)
    assert V41 not in bench.revisions()
    assert bench.ask("GET", f"{PHARMABOT}/revisions/{V41}").status == 404


def test_health_flaps_at_every_read() -> None:
    bench = Bench()
    bench.fault("flap-health", revision=V41)
    assert [bench.revisions()[V41]["healthState"] for _ in range(4)] == ["Unhealthy", "Healthy"] * 2
    assert bench.revisions()[V42]["healthState"] == "Healthy"


def test_somebody_else_moves_the_traffic_just_before_a_request() -> None:
    bench = Bench()
    bench.fault("move", match={"method": "PATCH"})
    assert bench.traffic()[0]["weight"] == 100
    bench.shift(named(V42, 100))
    assert bench.app()["systemData"]["lastModifiedBy"] == "oncall@pharmabot.example"
    other = Bench()
    other.fault("move", traffic=[named(V41, 100)], by="carol@pharmabot.example")
    assert other.traffic() == [named(V41, 100)]
    assert other.app()["systemData"]["lastModifiedBy"] == "carol@pharmabot.example"
    assert other.who() == {V41: 200}


def test_a_fault_may_hit_the_service_instead() -> None:
    bench = Bench("healthy")
    bench.fault("error", count=1, status=502, match={"door": "service"})
    assert bench.ask("GET").status == 200
    assert [bench.chat().status for _ in range(2)] == [502, 200]


def test_a_deployment_can_be_ordered() -> None:
    bench = Bench()
    ordered = bench.admin("POST", "/deploy", {"image": "pharmabot.azurecr.io/pharmabot:1.5.1-bad", "suffix": "v43"})
    assert ordered.status == 202
    assert bench.wait(20).app()["properties"]["latestRevisionName"] == "pharmabot--v43"
    assert bench.app()["systemData"]["lastModifiedBy"] == "pipeline@pharmabot.example"
    assert bench.admin("POST", "/deploy", {}).status == 400


def test_the_state_shows_what_azure_does_not() -> None:
    bench = Bench()
    bench.shift(*BACK)
    bench.chat()
    state = bench.admin("GET", "/state").json()
    assert state["scenario"] == "bad-image"
    assert state["apps"][0]["traffic"][0]["weight"] == 0
    assert state["apps"][0]["routed"][0]["weight"] == 100
    assert sum(one["count"] for one in state["answered"]) == 1


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_can_be_ordered_and_cleared(name: str) -> None:
    bench = Bench()
    assert bench.fault(name, revision="none").status == 201
    bench.ask("GET", f"{PHARMABOT}/revisions")
    bench.shift(*BACK)
    bench.admin("DELETE", "/faults")
    assert bench.wait(3600).ask("GET").status == 200
