"""Every kind of app is played: what a rollback meets on each, told by requests alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from console.simulator import scenarios, stage
from console.simulator.loop import run_virtual
from console.simulator.stage import Stage
from console.simulator.transport import SimulatedTransport
from tests.simulator.driving import ACCOUNT, SERVICE, START, V40, V41, V42, Bench, named

OWN = f"{SERVICE}/-/revisions/"
BACK = (named(V42, 0, "candidate"), named(V41, 100, "stable"))


def failures(bench: Bench, count: int = 300) -> int:
    return sum(bench.chat().status == 503 for _ in range(count))


def test_single_mode_goes_back_by_a_copy_of_the_old_template() -> None:
    # Given single-revision mode, where the good revision is stopped
    bench = Bench("single-mode")
    properties = bench.app()["properties"]
    assert properties["configuration"]["activeRevisionsMode"] == "Single"
    assert bench.traffic() == [{"weight": 100, "latestRevision": True}]
    assert [name for name, one in bench.revisions().items() if one["active"]] == [V42]

    # When its template is sent as that of a new revision
    template = bench.revisions()[V41]["template"]
    bench.patch({"template": {**template, "revisionSuffix": "v41-back"}})

    # Then the bad one serves until the copy is ready, and is stopped afterwards
    assert bench.wait(18).who(20) == {V42: 20}
    assert bench.wait(2).who(20) == {"pharmabot--v41-back": 20}
    assert bench.wait(31).revisions()[V42]["active"] is False


def test_in_single_mode_a_traffic_array_changes_nothing() -> None:
    bench = Bench("single-mode")
    bench.shift(named(V41, 100))
    assert bench.wait(60).who(20) == {V42: 20}


def test_a_label_stays_with_the_bad_revision_until_it_is_moved() -> None:
    bench = Bench("labels")
    production = f"https://pharmabot---production.{bench.revisions()[V42]['fqdn'].partition('.')[2]}"
    bench.shift(named(V42, 0, "production"), named(V41, 100, "previous"))
    assert bench.wait(12).chat().header("x-revision") == V41
    assert bench.chat(at=production).header("x-revision") == V42
    bench.shift(named(V42, 0, "previous"), named(V41, 100, "production"))
    assert bench.wait(12).chat(at=production).header("x-revision") == V41


def test_the_label_history_tells_what_production_was_before() -> None:
    for scenario in ("labels", "labels-mode"):
        labels = Bench(scenario).state().labels
        course = [(one.revision, one.stop) for one in labels if one.label == "production"]
        assert course == [(V40, START - timedelta(days=2)), (V41, START - timedelta(minutes=12)), (V42, None)]


def test_in_labels_mode_the_label_moves_and_a_revision_without_one_stops() -> None:
    bench = Bench("labels-mode")
    assert bench.app()["properties"]["configuration"]["activeRevisionsMode"] == "Labels"
    bench.shift(named(V41, 100, "production"), named(V42, 0, "stage"))
    assert bench.wait(12).who(20) == {V41: 20}
    bench.shift(named(V41, 100, "production"))
    assert bench.wait(45).revisions()[V42]["active"] is False


def test_a_sleeping_revision_holds_the_request_that_wakes_it_and_those_that_follow() -> None:
    bench = Bench("scaled-to-zero")
    before = bench.revisions()[V41]
    assert (before["active"], before["replicas"], before["runningState"]) == (True, 0, "ScaledToZero")

    # When two requests come, three seconds apart
    assert bench.chat(at=OWN + V41).status == 200
    assert bench.effects.delay_s == 8
    assert bench.wait(3).chat(at=OWN + V41).status == 200
    assert bench.effects.delay_s == 5

    # Then it is starting in the meantime, and up afterwards
    assert bench.revisions()[V41]["runningState"] == "Activating"
    awake = bench.wait(5).revisions()[V41]
    assert (awake["replicas"], awake["runningState"]) == (1, "Running")
    assert bench.revisions()[V42]["replicas"] == 3


def test_a_request_is_not_held_for_ever() -> None:
    bench = Bench("scaled-to-zero").turn(held_s=5.0)
    assert bench.chat(at=OWN + V41).status == 503
    assert bench.effects.delay_s == 5
    assert bench.wait(8).chat(at=OWN + V41).status == 200


def test_the_one_who_is_held_waits_in_the_stages_time() -> None:
    async def asked() -> tuple[int, float]:
        world = scenarios.build("scaled-to-zero", ACCOUNT, START)
        transport = SimulatedTransport(Stage(world, stage.LoopClock(START)))
        async with httpx.AsyncClient(transport=transport, timeout=None) as http:
            response = await http.get(OWN + V41 + "/chat")
            return response.status_code, asyncio.get_running_loop().time()

    assert run_virtual(asked()) == (200, 8.0)


def test_an_internal_app_has_names_that_resolve_nowhere() -> None:
    bench = Bench("internal-ingress")
    ingress = bench.app()["properties"]["configuration"]["ingress"]
    assert ingress["external"] is False
    assert ".internal." in ingress["fqdn"]
    assert bench.revisions()[V41]["fqdn"].startswith(f"{V41}.internal.")

    async def asked() -> None:
        transport = SimulatedTransport(Stage(bench.machine.world, stage.LoopClock(START)))
        async with httpx.AsyncClient(transport=transport) as http:
            await http.get(f"https://{ingress['fqdn']}/chat")

    with pytest.raises(httpx.ConnectError, match="Name or service not known"):
        run_virtual(asked())
    # But its own clients, inside, are answered
    assert bench.chat().header("x-revision") == V42


def test_an_ingress_that_becomes_external_loses_the_word_internal() -> None:
    bench = Bench("internal-ingress")
    bench.configure(ingress={"external": True})
    assert ".internal." not in bench.app()["properties"]["configuration"]["ingress"]["fqdn"]


def test_no_answer_says_who_gave_it() -> None:
    bench = Bench("no-identity")
    assert bench.who(50) == {None: 50}
    bench.shift(*BACK)
    bench.wait(12)
    assert bench.who(50) == {None: 50}
    assert {bench.chat().status for _ in range(50)} == {200}


def test_a_setting_alone_makes_the_same_image_answer_wrongly() -> None:
    bench = Bench("config-only")
    newer, older = (bench.revisions()[name]["template"]["containers"][0] for name in (V42, V41))
    assert newer["image"] == older["image"]
    changed = {one["name"] for one in newer["env"] if one not in older["env"]}
    assert changed == {"AOAI_DEPLOYMENT", "MODEL_TEMPERATURE"}
    assert any(bench.chat().status == 500 for _ in range(50))
    assert {bench.chat(at=OWN + V41).status for _ in range(50)} == {200}


def test_a_setting_that_is_put_right_makes_a_good_revision() -> None:
    bench = Bench("config-only")
    bench.patch({"template": bench.revisions()[V41]["template"]})
    bench.wait(20)
    assert {bench.chat(at=OWN + "pharmabot--0000042").status for _ in range(50)} == {200}


def test_a_mutable_tag_runs_on_until_it_is_pulled_again() -> None:
    bench = Bench("mutable-tag")
    images = {bench.revisions()[name]["template"]["containers"][0]["image"] for name in (V41, V42)}
    assert images == {"pharmabot.azurecr.io/pharmabot:latest"}
    assert {bench.chat(at=OWN + V41).status for _ in range(50)} == {200}
    bench.act(V41, "restart")
    assert any(bench.chat(at=OWN + V41).status == 500 for _ in range(50))


def test_a_consumer_goes_on_without_any_traffic_until_it_is_deactivated() -> None:
    def after(seconds: float) -> dict[str, int]:
        state = bench.wait(seconds).admin("GET", "/state").json()
        return {one["revision"]: one["count"] for one in state["consumed"]}

    bench = Bench("queue-consumer")
    rules = bench.revisions()[V42]["template"]["scale"]["rules"]
    assert [(one["name"], one["custom"]["type"]) for one in rules] == [("ingest", "azure-servicebus")]
    bench.shift(*BACK)
    assert after(30) == {V42: 24}
    assert after(60) == {V42: 72}
    bench.act(V42, "deactivate")
    assert after(40) == after(600)


def test_a_small_target_is_overrun_for_twenty_seconds_when_everything_comes_at_once() -> None:
    bench = Bench("small-target")
    assert (bench.revisions()[V42]["replicas"], bench.revisions()[V41]["replicas"]) == (3, 1)
    bench.shift(*BACK)
    assert failures(bench.wait(10)) in range(60, 140)
    assert failures(bench.wait(19)) == 0
    assert bench.revisions()[V41]["replicas"] == 3


def test_a_small_target_keeps_up_with_a_shift_in_steps() -> None:
    bench = Bench("small-target")
    bench.shift(named(V42, 50, "candidate"), named(V41, 50, "stable"))
    assert failures(bench.wait(12)) == 0
    assert bench.wait(20).revisions()[V41]["replicas"] == 2
    bench.shift(*BACK)
    assert failures(bench.wait(12)) == 0
    assert bench.wait(20).revisions()[V41]["replicas"] == 3


def test_replicas_follow_the_traffic_up_soon_and_down_late() -> None:
    bench = Bench("bad-image")
    bench.shift(*BACK)
    grown = bench.wait(30).revisions()
    assert (grown[V41]["replicas"], grown[V42]["replicas"]) == (3, 3)
    assert bench.wait(300).revisions()[V42]["replicas"] == 1


def test_dead_entries_cost_a_tenth_of_the_answers() -> None:
    bench = Bench("dead-entries")
    listed = [entry["revisionName"] for entry in bench.traffic()]
    assert listed == [V42, V41, V40, "pharmabot--v38"]
    assert "pharmabot--v38" not in bench.revisions()
    assert bench.revisions()[V40]["active"] is False
    assert sum(bench.chat().status == 404 for _ in range(1000)) in range(60, 140)


def test_a_shift_may_name_the_stopped_one_and_not_the_one_that_is_gone() -> None:
    bench = Bench("dead-entries")
    refused = bench.shift(*BACK, named("pharmabot--v38", 0))
    assert (refused.status, refused.json()["error"]["code"]) == (400, "ContainerAppRevisionNotFound")
    assert bench.shift(*BACK, named(V40, 0)).status == 202
    assert bench.wait(12).who(50) == {V41: 50}


def test_a_target_vanishes_when_it_is_about_to_be_activated() -> None:
    bench = Bench("vanishing-target")
    assert bench.revisions()[V41]["active"] is False
    gone = bench.act(V41, "activate")
    assert (gone.status, gone.json()["error"]["code"]) == (404, "ContainerAppRevisionNotFound")
    assert list(bench.revisions()) == [V42]


def test_a_target_vanishes_at_any_moment_that_a_test_chooses() -> None:
    bench = Bench("bad-image")
    bench.fault("purge", revision=V41, match={"method": "PATCH"})
    assert V41 in bench.revisions()
    assert bench.shift(*BACK).status == 400
    assert V41 not in bench.revisions()


def test_somebody_else_moves_the_traffic_after_a_minute() -> None:
    bench = Bench("somebody-else")
    assert bench.wait(59).who(20) == {V42: 20}
    app = bench.wait(2).app()
    assert app["systemData"]["lastModifiedBy"] == "bob@pharmabot.example"
    assert app["properties"]["provisioningState"] == "InProgress"
    assert bench.shift(*BACK).status == 409
    assert bench.wait(12).who(20) == {V41: 20}


def test_somebody_else_is_too_late_where_a_write_is_in_progress() -> None:
    bench = Bench("somebody-else").wait(55)
    bench.shift(*BACK)
    assert bench.wait(10).app()["systemData"]["lastModifiedBy"] == "oncall@pharmabot.example"


def test_azure_answers_a_minute_late_until_it_is_healed() -> None:
    bench = Bench("unanswering")
    bench.app()
    assert bench.effects.delay_s == 60
    bench.chat()
    assert bench.effects.delay_s == 0
    bench.admin("DELETE", "/faults")
    bench.app()
    assert bench.effects.delay_s == 0
