"""The service behind the ingress: who answers, how well, and what dead shares give."""

from __future__ import annotations

import pytest

from console.simulator.behaviour import Behaviour, behaviour_of
from tests.simulator.driving import V40, V41, V42, Bench, named

OWN = "http://service.test/-/revisions/"


def test_requests_are_shared_by_weight() -> None:
    bench = Bench("healthy")
    bench.shift(named(V42, 75), named(V41, 25))
    answered = bench.wait(10).who(1000)
    assert answered.keys() == {V41, V42}
    assert 200 < answered[V41] < 300


def test_a_bad_image_fails_one_chat_in_five_and_is_wrong_in_the_others() -> None:
    bench = Bench("bad-image")
    answers = [bench.chat() for _ in range(1000)]
    failed = [one for one in answers if one.status >= 500]
    assert 150 < len(failed) < 250
    assert {one.header("x-revision") for one in failed} == {V42}
    assert {tuple(one.json()["sources"]) for one in answers if one.status == 200} == {()}


def test_a_bad_image_passes_its_health_checks() -> None:
    bench = Bench("bad-image")
    for path in ("/health", "/health/ready"):
        answers = [bench.chat(path=path) for _ in range(50)]
        assert {one.status for one in answers} == {200}


def test_a_good_image_answers_rightly_every_time() -> None:
    bench = Bench("bad-image")
    answers = [bench.chat(at=OWN + V41) for _ in range(200)]
    assert {one.status for one in answers} == {200}
    assert all(one.json()["sources"] for one in answers)
    assert answers[0].json()["revision"] == V41


def test_a_revision_has_an_address_of_its_own_by_path_and_by_host() -> None:
    bench = Bench()
    fqdn = bench.revisions()[V41]["fqdn"]
    assert bench.chat(at=OWN + V41).header("x-revision") == V41
    assert bench.chat(at=f"https://{fqdn}").header("x-revision") == V41
    assert fqdn.startswith(f"{V41}.")
    assert fqdn.endswith(".northcentralusstage.azurecontainerapps.io")


def test_dead_revisions_are_answered_for_by_the_ingress() -> None:
    crash = Bench("crash-loop")
    assert crash.chat().status == 503
    assert crash.chat().header("x-revision") is None
    assert crash.chat(at=OWN + V40).status == 404
    assert crash.chat(at=OWN + "pharmabot--v1").status == 404


def test_traffic_without_weight_anywhere_is_not_found() -> None:
    bench = Bench("purged-target")
    bench.fault("purge", revision=V42)
    assert bench.chat().status == 404


def test_latest_revision_means_the_latest_ready_one() -> None:
    bench = Bench("healthy")
    bench.shift({"latestRevision": True, "weight": 100})
    bench.wait(12).deploy("1.5.1-crash")
    assert bench.wait(10).who() == {V42: 200}
    assert bench.wait(10).chat().status == 503


def test_a_service_that_does_not_name_itself_says_nothing() -> None:
    answer = Bench("healthy").turn(names_itself=False).chat()
    assert answer.header("x-revision") is None
    assert "revision" not in answer.json()


def test_a_path_it_does_not_know_is_not_found() -> None:
    answer = Bench("healthy").chat(path="/nothing")
    assert (answer.status, answer.header("x-revision")) == (404, V42)


def test_an_idle_revision_scales_to_zero_and_a_request_wakes_it() -> None:
    bench = Bench("healthy")
    bench.deploy("1.5.1", scale={"minReplicas": 0, "maxReplicas": 10})
    name = "pharmabot--0000042"
    assert bench.wait(60).revisions()[name]["replicas"] == 1
    asleep = bench.wait(600).revisions()[name]
    assert (asleep["active"], asleep["replicas"], asleep["runningState"]) == (True, 0, "ScaledToZero")
    assert bench.chat(at=OWN + name).status == 200
    assert bench.effects.delay_s == 8
    assert bench.revisions()[name]["replicas"] == 1
    bench.wait(8).chat(at=OWN + name)
    assert bench.effects.delay_s == 0


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("pharmabot.azurecr.io/pharmabot:1.5.0", Behaviour()),
        ("registry:5000/bad/slow", Behaviour()),
        ("pharmabot:1.5.0-bad", Behaviour(bad=True)),
        ("pharmabot:CRASH", Behaviour(crashes=True)),
        ("pharmabot:slow-bad", Behaviour(bad=True, slow=True)),
        ("special", Behaviour(slow=True)),
    ],
)
def test_an_image_behaves_as_its_tag_says(image: str, expected: Behaviour) -> None:
    assert behaviour_of(image, {"special": Behaviour(slow=True)}) == expected
