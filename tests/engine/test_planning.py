"""The plan: what it refuses, what it says it knows and does not know, and the command by hand."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from console.domain.code import CodeState
from console.domain.good import History
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.signal import Sample, SignalReading, SignalState, Trigger
from console.domain.traffic import TrafficEntry
from console.plan import Findings, NothingToDo, make
from tests.engine.apps import NOW, app, entry, marks, revision, snapshot, stopped
from tests.engine.played import settings

SETTINGS = settings(code={"container_app": "bot"})
RIGHT = Findings(Sample(NOW, 200, "bot--v41", 0.2), "/chat")


def planned(
    state: CodeState,
    history: History | None = None,
    to: str | None = None,
    findings: Findings = RIGHT,
    signals: tuple[SignalReading, ...] = (),
) -> Plan:
    return make(SETTINGS, snapshot(state, history, *signals), Intent(to=to), findings)


def leaves(plan: Plan) -> list[dict[str, Any]]:
    (move,) = [step for step in plan.steps if step.kind == "shift_traffic"]
    return list(move.body["leaves"])


def test_an_ordinary_plan_moves_everything_and_refuses_nothing() -> None:
    plan = planned(app(revision(41), revision(42)))

    assert (plan.origin, plan.goal, plan.refusals) == (("bot--v42",), "bot--v41", ())
    assert [(shift.revision, shift.before, shift.after) for shift in plan.shifts] == [
        ("bot--v41", 0, 100),
        ("bot--v42", 100, 0),
    ]
    assert not plan.needs_typing
    assert plan.reason


def test_labels_are_kept_names_pinned_and_dead_entries_dropped() -> None:
    traffic = (TrafficEntry(90, latest=True, label="live"), entry(0, 41, "stable"), entry(10, 30))

    plan = planned(app(revision(41), revision(42), traffic=traffic))

    assert [(one["revision"], one["weight"], one["label"], one["latest"]) for one in leaves(plan)] == [
        ("bot--v41", 100, "stable", False),
        ("bot--v42", 0, "live", False),
    ]


@pytest.mark.parametrize("provisioning", ["InProgress", "inprogress"])
def test_another_change_in_progress_is_refused_outright(provisioning: str) -> None:
    plan = planned(app(revision(41), revision(42), provisioning=provisioning))

    assert plan.refused is not None
    assert "wait" in plan.refused.sentence


def test_a_target_that_azure_takes_down_is_refused_outright() -> None:
    plan = planned(app(revision(41, running="Deprovisioning"), revision(42)), to="v41")

    assert plan.refused is not None


OVERRIDABLE: dict[str, tuple[CodeState, History, Findings]] = {
    "a crashing target": (app(revision(41, running="Failed", error="crashing"), revision(42)), History(), RIGHT),
    "a target that answers wrongly": (
        app(revision(41), revision(42)),
        History(),
        Findings(Sample(NOW, 500), "/chat"),
    ),
    "a target that is known bad": (app(revision(41), revision(42)), marks(bad=(41,)), RIGHT),
    "a target that is newer": (
        app(revision(40), revision(41), revision(42), traffic=(entry(100, 40),)),
        History(),
        RIGHT,
    ),
}


@pytest.mark.parametrize(("state", "history", "findings"), OVERRIDABLE.values(), ids=OVERRIDABLE.keys())
def test_what_only_a_typed_name_overrides(state: CodeState, history: History, findings: Findings) -> None:
    plan = planned(state, history, "v41", findings)

    assert len(plan.refusals) == 1
    assert plan.refused is None
    assert plan.needs_typing
    assert plan.steps


@pytest.mark.parametrize(
    "answer",
    [Sample(NOW, None, error="no answer in time"), Sample(NOW, 403), Sample(NOW, 401)],
    ids=["timeout", "403", "401"],
)
def test_a_target_that_cannot_be_asked_from_here_is_unknown_and_not_refused(answer: Sample) -> None:
    plan = planned(app(revision(41), revision(42)), findings=Findings(answer, "/chat"))

    assert plan.refusals == ()
    assert any("cannot be asked from here" in line for line in plan.unknown)


def test_fewer_replicas_than_carry_the_load_now_are_said() -> None:
    plan = planned(app(revision(41, replicas=1), revision(42, replicas=3)))

    assert any("1 replica takes the load of 3" in line for line in plan.unknown)
    assert not any("takes the load" in line for line in planned(app(revision(41), revision(42))).unknown)


def test_a_stopped_target_is_activated_first_and_the_plan_says_so() -> None:
    plan = planned(app(stopped(41, last_active=NOW), revision(42)), findings=Findings())

    assert [step.kind for step in plan.steps if step.writes] == ["ready_revision", "shift_traffic"]
    assert any("inactive" in line for line in plan.unknown)
    assert "az containerapp revision activate" in plan.by_hand


def test_what_keeps_running_is_named_with_what_it_consumes() -> None:
    plan = planned(app(revision(41), revision(42, scale_rules=("azure-servicebus:orders",))))

    assert any("v42 keeps running" in line and "azure-servicebus:orders" in line for line in plan.stays)


def test_an_image_by_tag_is_a_digest_unknown() -> None:
    digest = "registry/bot@sha256:" + "0" * 64

    assert any("digest unknown" in line for line in planned(app(revision(41), revision(42))).unknown)
    assert not any("digest" in line for line in planned(app(revision(41, image=digest), revision(42))).unknown)


def test_a_breach_seen_now_is_what_the_run_must_see_recover() -> None:
    reading = SignalReading("5xx", "probe", "%", 19.0, 40, NOW, SignalState.BREACHED, Trigger("5xx"))
    state = app(revision(41), revision(42))
    calm = SignalReading("5xx", "probe", "%", 1.0, 40, NOW, SignalState.OK, Trigger("5xx"))

    assert [breach.value for breach in planned(state, signals=(reading,)).breaches] == [19.0]
    assert planned(state, signals=(calm,)).breaches == ()


NOWHERE: dict[str, tuple[CodeState, str | None, str]] = {
    "a revision that does not exist": (app(revision(41), revision(42)), "v30", "no revision v30"),
    "what serves already": (app(revision(41), revision(42)), "v42", "already"),
    "nothing older": (app(revision(42)), None, "only revision"),
}


@pytest.mark.parametrize(("state", "to", "words"), NOWHERE.values(), ids=NOWHERE.keys())
def test_nowhere_to_go_is_a_sentence(state: CodeState, to: str | None, words: str) -> None:
    with pytest.raises(NothingToDo, match=words):
        planned(state, to=to)


def test_the_command_by_hand_is_complete_and_survives_a_shell() -> None:
    plan = planned(app(revision(41), revision(42), traffic=(entry(100, 42, "live"), entry(0, 41))))

    words = shlex.split(plan.by_hand.replace("\\\n", " "))
    assert words[:5] == ["az", "containerapp", "ingress", "traffic", "set"]
    assert words[words.index("--subscription") + 1] == SETTINGS.azure.subscription
    assert words[words.index("-n") + 1] == "bot"
    assert words[words.index("--revision-weight") + 1 :][:2] == ["bot--v41=100", "bot--v42=0"]
    assert "…" not in plan.by_hand


def test_by_hand_takes_the_weight_from_whatever_is_latest_too() -> None:
    plan = planned(app(revision(41), revision(42), traffic=(TrafficEntry(100, latest=True),)))

    assert "latest=0" in plan.by_hand


def test_a_plan_is_the_same_after_a_journey_as_text_and_so_is_its_digest() -> None:
    reading = SignalReading("5xx", "probe", "%", 19.0, 40, NOW, SignalState.BREACHED, Trigger("5xx"))
    plan = planned(app(stopped(41, last_active=NOW), revision(42)), marks(good=(41,)), "v41", RIGHT, (reading,))

    again = Plan.from_json(plan.to_json())

    assert again.to_json() == plan.to_json()
    assert again.digest == plan.digest
    assert planned(app(revision(41), revision(42))).digest != plan.digest


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"origin": 5}', '{"steps": [{}]}'])
def test_a_text_that_is_no_plan_is_an_error_of_the_kinds_that_are_named(text: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Plan.from_json(text)
