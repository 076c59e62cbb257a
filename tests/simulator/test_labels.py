"""Labels: entries of the traffic array in multiple mode, the owners of revisions in labels mode."""

from __future__ import annotations

from tests.simulator.driving import PHARMABOT, V41, V42, Bench, named

NEW = "pharmabot--0000042"


def labels_mode() -> Bench:
    bench = Bench()
    traffic = [named(V42, 100, "live")]
    bench.configure(activeRevisionsMode="labels", targetLabel="live", ingress={"traffic": traffic})
    return bench.wait(60)


def test_labels_swap_and_leave_the_weights_in_place() -> None:
    bench = Bench()
    bench.shift(named(V42, 100, "stable"), named(V41, 0, "candidate"))
    assert bench.traffic() == [named(V42, 100, "stable"), named(V41, 0, "candidate")]


def test_a_label_of_null_is_removed() -> None:
    bench = Bench()
    bench.shift({**named(V42, 100), "label": None}, named(V41, 0))
    assert "label" not in bench.traffic()[0]


def test_a_revision_may_appear_twice() -> None:
    bench = Bench()
    bench.shift({"latestRevision": True, "weight": 50}, named(V42, 25, "a"), named(V41, 25, "b"))
    assert bench.wait(10).revisions()[V42]["trafficWeight"] == 75


def test_the_label_history_follows_the_routed_traffic() -> None:
    bench = Bench()
    bench.shift(named(V42, 100, "stable"), named(V41, 0, "candidate"))
    history = bench.wait(8).ask("GET", f"{PHARMABOT}/labelHistories/stable").json()["properties"]["records"]
    assert [one["revision"] for one in history][:2] == [V42, V41]
    assert history[0]["start"] == history[1]["stop"] == "2026-11-21T03:12:08+00:00"


def test_entering_labels_mode_keeps_what_has_a_label() -> None:
    bench = labels_mode()
    configuration = bench.app()["properties"]["configuration"]
    assert (configuration["activeRevisionsMode"], configuration["targetLabel"]) == ("Labels", "live")
    assert bench.traffic() == [named(V42, 100, "live")]


def test_the_target_label_receives_a_new_revision_only_when_it_is_ready() -> None:
    bench = labels_mode()
    containers = bench.app()["properties"]["template"]["containers"]
    template = {
        "containers": [{**containers[0], "image": "pharmabot.azurecr.io/pharmabot:2"}],
        "revisionSuffix": None,
    }
    write = bench.patch({"template": template, "configuration": {"targetLabel": "next"}})
    assert bench.wait(13).status_of(write) == "Succeeded"
    assert bench.traffic() == [named(V42, 100, "live")]
    assert bench.wait(7).traffic() == [named(V42, 100, "live"), named(NEW, 0, "next")]


def test_an_existing_target_label_moves_to_the_new_revision_with_its_weight() -> None:
    bench = labels_mode()
    bench.deploy("2")
    assert bench.wait(20).traffic() == [named(NEW, 100, "live")]


def test_a_revision_that_loses_its_last_label_goes_down() -> None:
    bench = labels_mode()
    bench.shift(named(V42, 50, "live"), named(V41, 50, "old"))
    bench.wait(20).shift(named(V42, 100, "live"))
    assert bench.wait(10).revisions()[V41]["runningState"] == "Deprovisioning"
    again = bench.wait(5).shift(named(V42, 50, "live"), named(V41, 50, "old"))
    assert again.status == 202
    assert bench.wait(10).revisions()[V41]["trafficWeight"] == 50


def test_a_label_has_an_address_of_its_own() -> None:
    bench = Bench()
    host = bench.app()["properties"]["configuration"]["ingress"]["fqdn"].replace(
        "pharmabot.", "pharmabot---stable.", 1
    )
    assert bench.chat(at=f"https://{host}").header("x-revision") == V41
    unknown = host.replace("---stable", "---nobody")
    assert bench.chat(at=f"https://{unknown}").status == 404
