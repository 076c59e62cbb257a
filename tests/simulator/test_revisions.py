"""The life of a revision: activating, ready, crashing, going down, purged; and what a mode makes of it."""

from __future__ import annotations

from datetime import date

import pytest

from console.simulator.era import era_at
from tests.simulator.driving import V40, V41, V42, Bench, named

NEW = "pharmabot--0000042"


def words(bench: Bench, name: str) -> tuple[bool, str, str]:
    revision = bench.revisions()[name]
    return revision["active"], revision["healthState"], revision["runningState"]


@pytest.mark.parametrize("action", ["activate", "deactivate", "restart"])
def test_an_action_answers_at_once_with_a_bare_string(action: str) -> None:
    answer = Bench().act(V41, action)
    assert answer.status == 200
    assert answer.json() == f"{action.capitalize()} succeeded"
    assert answer.header("Location") is None


def test_activation_takes_effect_later_and_readiness_later_still() -> None:
    bench = Bench()
    bench.act(V40, "activate")
    assert words(bench, V40) == (False, "Healthy", "Stopped")
    assert words(bench.wait(2), V40) == (True, "None", "Activating")
    assert bench.chat(at=f"http://service.test/-/revisions/{V40}").status == 503
    assert words(bench.wait(13), V40) == (True, "Healthy", "Running")
    assert bench.chat(at=f"http://service.test/-/revisions/{V40}").status == 200


def test_deactivation_goes_by_way_of_deprovisioning() -> None:
    bench = Bench()
    bench.act(V41, "deactivate")
    assert words(bench, V41) == (True, "Healthy", "Running")
    assert words(bench.wait(2), V41) == (True, "Healthy", "Deprovisioning")
    stopped = bench.wait(30).revisions()[V41]
    assert (stopped["active"], stopped["replicas"], stopped["runningState"]) == (False, 0, "Stopped")
    assert stopped["healthState"] == "Healthy"
    assert stopped["lastActiveTime"] == "2026-11-21T03:12:01+00:00"


def test_traffic_on_a_deactivated_revision_stays_configured_and_unanswered() -> None:
    bench = Bench()
    bench.act(V42, "deactivate")
    assert bench.wait(40).traffic()[0] == named(V42, 100, "candidate")
    assert bench.chat().status == 404


@pytest.mark.parametrize("between_s", [0, 5, 20])
def test_an_activation_overtakes_a_deactivation(between_s: float) -> None:
    bench = Bench()
    bench.act(V41, "deactivate")
    bench.wait(between_s).act(V41, "activate")
    assert words(bench.wait(60), V41) == (True, "Healthy", "Running")


def test_a_deactivation_overtakes_an_activation() -> None:
    bench = Bench()
    bench.act(V40, "activate")
    bench.wait(5).act(V40, "deactivate")
    assert words(bench.wait(60), V40)[0] is False


def test_a_crashing_image_fails_while_operation_and_app_succeed() -> None:
    bench = Bench()
    write = bench.deploy("1.5.1-crash")
    revision = bench.wait(25).revisions()[NEW]
    assert bench.status_of(write) == "Succeeded"
    app = bench.app()["properties"]
    assert (app["provisioningState"], app["runningStatus"]) == ("Succeeded", "Running")
    assert app["latestReadyRevisionName"] == NEW
    assert revision["provisioningState"] == revision["runningState"] == "Failed"
    assert revision["healthState"] == "Unhealthy"
    assert revision["provisioningError"] == "Container crashing: pharmabot"
    assert revision["runningStateDetails"] == "1/1 Container crashing: pharmabot"


def test_a_slow_image_takes_forty_seconds_to_answer() -> None:
    bench = Bench()
    bench.deploy("1.5.1-slow")
    own = f"http://service.test/-/revisions/{NEW}"
    assert bench.wait(6 + 39).chat(at=own).status == 503
    assert words(bench, NEW) == (True, "None", "Activating")
    assert bench.wait(1).chat(at=own).status == 200


def test_a_bad_image_is_healthy_to_azure() -> None:
    bench = Bench("healthy")
    bench.deploy("1.5.1-bad")
    assert words(bench.wait(20), NEW) == (True, "Healthy", "Running")


def test_single_mode_keeps_one_revision_and_takes_the_others_down() -> None:
    bench = Bench()
    bench.configure(activeRevisionsMode="single")
    assert bench.app()["properties"]["configuration"]["activeRevisionsMode"] == "Single"
    assert words(bench.wait(10), V41)[2] == "Deprovisioning"
    assert words(bench.wait(30), V41)[0] is False
    assert words(bench, V42) == (True, "Healthy", "Running")


def test_single_mode_moves_to_a_new_revision_once_it_is_ready() -> None:
    bench = Bench()
    bench.configure(activeRevisionsMode="single")
    bench.wait(60).deploy("1.5.1")
    assert bench.wait(13).who() == {V42: 200}
    assert bench.wait(6).who() == {NEW: 200}
    assert words(bench, V42)[2] == "Deprovisioning"
    assert words(bench.wait(30), V42)[0] is False


def test_single_mode_accepts_a_split_and_serves_on_as_before() -> None:
    bench = Bench()
    bench.configure(activeRevisionsMode="single")
    write = bench.wait(60).shift({"latestRevision": True, "weight": 50}, named(V41, 50))
    assert write.status == 202
    assert bench.wait(20).traffic()[1] == named(V41, 50)
    assert bench.who() == {V42: 200}


def test_activating_in_single_mode_takes_the_other_down() -> None:
    bench = Bench()
    bench.configure(activeRevisionsMode="single")
    bench.wait(60).act(V41, "activate")
    assert words(bench.wait(3), V42)[2] == "Deprovisioning"


def test_a_change_of_mode_takes_fifteen_seconds() -> None:
    bench = Bench()
    write = bench.configure(activeRevisionsMode="single")
    assert bench.wait(14).status_of(write) == "InProgress"
    assert bench.wait(1).status_of(write) == "Succeeded"


def test_the_oldest_inactive_revisions_are_purged_beyond_the_limit() -> None:
    bench = Bench()
    bench.configure(maxInactiveRevisions=1)
    bench.wait(20).act(V41, "deactivate")
    assert list(bench.wait(40).revisions()) == [V41, V42]


def test_older_times_named_revisions_at_random_and_said_processing() -> None:
    bench = Bench().turn(era=era_at(date(2024, 4, 18)))
    write = bench.deploy("1.5.1")
    assert write.header("Azure-AsyncOperation") is None
    new = list(bench.wait(10).revisions())[-1]
    assert len(new) == len("pharmabot--r9qmonu")
    assert bench.revisions()[new]["runningState"] == "Processing"
    location = write.header("Location") or ""
    waiting = bench.ask("GET", location)
    assert (waiting.status, waiting.header("Retry-After")) == (202, "5")
    assert waiting.header("Location") != location
    assert bench.wait(10).ask("GET", location).json()["name"] == "pharmabot"
