"""The scenarios begin as their titles say."""

from __future__ import annotations

import pytest

from console.config.load import parse
from console.simulator.configuration import rehearsal_config
from console.simulator.inferred import INFERRED
from console.simulator.scenarios import SCENARIOS
from console.simulator.server import Addresses
from tests.simulator.driving import PHARMABOT, V40, V41, V42, Bench, named

ARM = "http://127.0.0.1:1"
SETTLED = "2026-11-16T03:12:00+00:00"
LAYERED = ("app-wide", "bad-prompt", "breaking-migration", "embedding-mismatch", "model-drift")
DEPLOYED = dict.fromkeys(LAYERED, SETTLED) | {"two-changes": "2026-11-21T03:02:00+00:00"}
BACK = (named(V42, 0, "candidate"), named(V41, 100, "stable"))


def test_there_are_the_six_of_the_first_issue() -> None:
    assert {
        "healthy",
        "bad-image",
        "crash-loop",
        "slow-start",
        "purged-target",
        "stuck-operation",
    } <= SCENARIOS.keys()
    assert all(SCENARIOS.values())


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_each_begins_with_the_newest_revision_carrying_the_traffic(name: str) -> None:
    bench = Bench(name)
    carried = bench.revisions()[V42]
    assert carried["trafficWeight"] == (90 if name == "dead-entries" else 100)
    assert carried["createdTime"] == DEPLOYED.get(name, "2026-11-21T03:00:00+00:00")
    assert bench.machine.world.scenario == name


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_each_has_a_configuration_that_the_console_takes(name: str) -> None:
    addresses = Addresses(ARM, "http://127.0.0.1:2", "", "", "s", "t", "c", "", "pharmabot-rg", "pharmabot")
    settings = parse(rehearsal_config(addresses, scenario=name)).targets["pharmabot"]
    assert settings.environment == "rehearsal"
    assert (settings.probe.identity is None) == (name == "no-identity")
    assert (settings.probe.url is None) == (name == "internal-ingress")


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_each_continues_the_same_way_every_time(name: str) -> None:
    def told() -> list[bytes]:
        bench = Bench(name)
        bodies = [bench.chat().body for _ in range(50)]
        bodies.append((bench.shift(named(V42, 100)).header("Location") or "").encode())
        return [*bodies, bench.wait(20).ask("GET").body]

    assert told() == told()


def test_healthy_answers_rightly() -> None:
    bench = Bench("healthy")
    assert bench.revisions()[V42]["template"]["containers"][0]["image"] == "pharmabot.azurecr.io/pharmabot:1.5.0"
    assert {bench.chat().status for _ in range(100)} == {200}


def test_crash_loop_says_succeeded_everywhere_but_in_the_revision() -> None:
    bench = Bench("crash-loop")
    app = bench.app()["properties"]
    assert (app["provisioningState"], app["latestReadyRevisionName"]) == ("Succeeded", V42)
    assert bench.revisions()[V42]["runningState"] == "Failed"
    assert {bench.chat().status for _ in range(20)} == {503}
    bench.shift(*BACK)
    assert bench.wait(12).who() == {V41: 200}


def test_slow_start_needs_a_long_activation() -> None:
    bench = Bench("slow-start")
    target = bench.revisions()[V41]
    assert (target["active"], target["runningState"]) == (False, "Stopped")
    bench.act(V41, "activate")
    own = f"http://service.test/-/revisions/{V41}"
    assert bench.wait(41).chat(at=own).status == 503
    assert bench.wait(1).chat(at=own).status == 200


def test_purged_target_leaves_an_old_stopped_one() -> None:
    bench = Bench("purged-target")
    assert list(bench.revisions()) == [V40, V42]
    assert bench.revisions()[V40]["active"] is False
    history = bench.ask("GET", f"{PHARMABOT}/labelHistories/stable").json()["properties"]["records"]
    assert [one["revision"] for one in history] == [V41, V40]


def test_stuck_operation_moves_the_traffic_and_never_says_so() -> None:
    bench = Bench("stuck-operation")
    write = bench.shift(*BACK)
    assert bench.wait(11).who() == {V42: 200}
    assert bench.wait(1).who() == {V41: 200}
    assert bench.wait(7200).status_of(write) == "InProgress"


def test_what_is_inferred_is_written_down_with_its_ground() -> None:
    assert len(INFERRED) > 15
    assert all(one.behaviour and one.choice and one.ground for one in INFERRED)
