"""The runner against the embedded Azure, in virtual time: what it sends, when, and what it claims afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.domain.run import Kind, Outcome, StepState
from console.exits import Exit, exit_for
from console.simulator.traffic import Traffic
from console.steps.shift_traffic import ShiftTraffic
from tests.engine.played import ARM, V40, V41, V42, Played, play, settings

TIDY = ("healthy", "bad-image", "crash-loop", "slow-start", "purged-target", "stuck-operation")
ON_V41 = (Traffic(0, V42, label="candidate"), Traffic(100, V41, label="stable"))


def test_a_rollback_is_one_patch_proven_and_timed() -> None:
    # Given a bad image that serves, and an older revision that was marked good
    # When the plan is carried out
    played = play()

    # Then one write was sent, with all labels kept and every name pinned
    (patch,) = played.sent
    assert patch.method == "PATCH"
    assert patch.body["properties"]["configuration"]["ingress"]["traffic"] == [
        {"weight": 100, "revisionName": V41, "label": "stable"},
        {"weight": 0, "revisionName": V42, "label": "candidate"},
    ]
    # And its times are those of the recorded traffic move
    run = played.run
    assert run.outcome is Outcome.VERIFIED
    assert run.accepted_s == pytest.approx(0, abs=0.5)
    assert run.configured_s == pytest.approx(12, abs=1)
    assert run.serving_s == pytest.approx(12, abs=1.5)
    assert run.recovered_s == pytest.approx(12, abs=2)
    assert [step.state for step in run.steps] == [StepState.DONE] * 4
    # And what was rolled away from is known bad, and left running
    assert played.app.revision(V42).active


def test_a_run_tells_itself_in_order_with_the_intent_before_the_answer() -> None:
    kinds = play().kinds

    wanted = [
        Kind.CONFIRMED,
        Kind.INTENT,
        Kind.ACCEPTED,
        Kind.OPERATION,
        Kind.CONFIGURED,
        Kind.SERVING,
        Kind.RECOVERED,
        Kind.OUTCOME,
    ]
    assert [kind for kind in kinds if kind in wanted] == wanted
    assert kinds.count(Kind.OUTCOME) == 1


@pytest.mark.parametrize("scenario", TIDY)
def test_every_scenario_ends_verified_and_serving(scenario: str) -> None:
    goal = V40 if scenario == "purged-target" else V41
    played = play(scenario, mark=None if scenario == "purged-target" else V41)

    assert played.outcome is Outcome.VERIFIED, played.note
    assert played.who_serves() == (goal,)
    assert len(played.patches) == 1
    assert exit_for(played.outcome) is Exit.DONE


def test_a_stopped_target_is_activated_and_answers_before_any_traffic_moves() -> None:
    played = play("slow-start")

    activate, patch = played.sent
    assert activate.path.endswith(f"/revisions/{V41}/activate")
    assert patch.at_s - activate.at_s >= 40
    assert patch.revisions[V41]["active"]


def test_an_operation_that_never_ends_is_verified_by_the_answers() -> None:
    played = play("stuck-operation")

    assert played.outcome is Outcome.VERIFIED
    assert played.stage.world.operations
    assert {one.status for one in played.stage.world.operations.values()} == {"InProgress"}


def test_health_and_replicas_that_flap_throughout_do_not_veto_the_rescue() -> None:
    # Given a target whose health flips at every reading, and whose replicas and words come and go
    async def storm(played: Played) -> None:
        words = ("Running", "RunningAtMaxScale", "ScaledToZero")
        for turn in range(1000):
            played.change_revision(V41, running=words[turn % 3], replicas=turn % 4)
            await asyncio.sleep(0.3)

    def flap(played: Played) -> None:
        played.fault("flap-health")

    # When it is rolled back to
    played = play(before=flap, meanwhile=storm)

    # Then the rollback went
    assert played.outcome is Outcome.VERIFIED, played.note
    assert played.who_serves() == (V41,)


# ---- the fence: each field that moved between the plan and the write stops it ----


def _template(played: Played) -> None:
    template = dict(played.app.revision(V41).template)
    container = {**template["containers"][0], "image": "pharmabot.azurecr.io/pharmabot:9.9.9"}
    played.change_revision(V41, template={**template, "containers": [container]})


def _mode(played: Played) -> None:
    played.change_app(configuration={**played.app.configuration, "activeRevisionsMode": "Single"})


def _gone(played: Played) -> None:
    played.change_app(revisions=tuple(one for one in played.app.revisions if one.name != V41))


MOVED: dict[str, tuple[Callable[[Played], Any], str]] = {
    "traffic": (
        lambda played: played.fault("move", 1, traffic=[{"weight": 100, "revisionName": V40}], by="bob"),
        "bob",
    ),
    "mode": (_mode, "single revision mode"),
    "provisioning": (lambda played: played.change_app(provisioning="InProgress"), "another change"),
    "target's existence": (_gone, "no longer exists"),
    "target's activity": (lambda played: played.change_revision(V41, active=False), "deactivated"),
    "target's template": (_template, "not the revision that was shown"),
}


@pytest.mark.parametrize(("move", "words"), MOVED.values(), ids=MOVED.keys())
def test_what_moved_between_the_plan_and_the_write_stops_it(move: Callable[[Played], Any], words: str) -> None:
    # Given a plan, and somebody who changes this before it is carried out
    played = play(before=move)

    # Then nothing was written, and the difference is told
    assert played.outcome is Outcome.REFUSED
    assert played.sent == []
    assert words.lower() in played.note.lower()
    assert Kind.INTENT not in played.kinds
    assert exit_for(played.outcome) is Exit.REFUSED


def test_what_moved_while_the_target_started_stops_the_traffic_move_and_says_what_stays() -> None:
    async def bob(played: Played) -> None:
        await asyncio.sleep(20)
        played.fault("move", 1, traffic=[{"weight": 100, "revisionName": V40}], by="bob")

    played = play("slow-start", meanwhile=bob)

    assert played.outcome is Outcome.FAILED
    assert played.patches == []
    assert "stopped half-way" in played.note
    assert "stays" in played.note


def test_a_goal_that_somebody_else_reached_already_is_recognised_and_proven_without_a_write() -> None:
    def bob(played: Played) -> None:
        entries = [entry.shown() for entry in ON_V41]
        played.fault("move", 1, traffic=entries, by="bob@pharmabot.example")

    played = play(before=bob)

    assert played.outcome is Outcome.VERIFIED
    assert played.sent == []
    assert "bob@pharmabot.example" in played.run.fence + "".join(str(event.body) for event in played.events)


def test_a_target_that_somebody_else_activated_meanwhile_is_not_activated_again() -> None:
    def bob(played: Played) -> None:
        played.change_revision(V41, active=True, answers=True, running="Running", replicas=1)

    played = play("slow-start", before=bob)

    assert played.outcome is Outcome.VERIFIED
    assert [one.method for one in played.sent] == ["PATCH"]


def test_a_run_that_is_asked_to_stop_stops_before_its_next_step() -> None:
    async def stop(played: Played) -> None:
        await asyncio.sleep(10)
        played.log.append(played.run_id, Kind.STOPPING)

    played = play("slow-start", meanwhile=stop)

    assert played.outcome is Outcome.FAILED
    assert "stopped before" in played.note
    assert played.patches == []
    assert [step.state for step in played.run.steps][1:] == [StepState.SKIPPED] * 3
    assert played.who_serves() == (V42,)


# ---- the write in trouble ----

REFUSED_WRITES: dict[str, dict[str, Any]] = {
    "throttled": {"name": "throttle", "method": "PATCH"},
    "throttled with a wait": {"name": "throttle", "method": "PATCH", "retry_after": 1},
    "another write in progress": {"name": "conflict"},
    "signed out": {"name": "unauthorized", "method": "PATCH"},
    "claims wanted": {"name": "unauthorized", "method": "PATCH", "claims": "e30="},
    "not allowed": {"name": "forbidden", "action": "Microsoft.App/containerApps/write"},
    "no connection": {"name": "refused", "method": "PATCH"},
    "invalid": {"name": "error", "method": "PATCH", "status": 400, "code": "ContainerAppInvalidTrafficWeight"},
}


@pytest.mark.parametrize("fault", REFUSED_WRITES.values(), ids=REFUSED_WRITES.keys())
def test_a_write_that_surely_changed_nothing_fails_the_run_and_is_not_repeated(fault: dict[str, Any]) -> None:
    played = play(before=lambda played: played.fault(**fault))

    assert played.outcome is Outcome.FAILED
    assert len(played.patches) == 1
    assert played.who_serves() == (V42,)
    assert not any(mark for mark in [Kind.CONFIGURED, Kind.SERVING] if mark in played.kinds)
    assert exit_for(played.outcome) is Exit.FAILED


def test_a_write_that_is_not_allowed_names_the_action_and_the_resource() -> None:
    action = "Microsoft.App/containerApps/write"
    played = play(before=lambda played: played.fault("forbidden", action=action))

    assert action in played.note
    assert "/resourceGroups/pharmabot-rg/providers/Microsoft.App/containerApps/pharmabot" in played.note


EFFECTIVE: dict[str, dict[str, Any]] = {
    "cut after": {"name": "cut-after", "method": "PATCH"},
    "503": {"name": "error", "method": "PATCH", "status": 503, "took_effect": True},
    "503 with Retry-After": {
        "name": "error",
        "method": "PATCH",
        "status": 503,
        "took_effect": True,
        "retry_after": 1,
    },
    "504": {"name": "error", "method": "PATCH", "status": 504, "took_effect": True},
    "307": {"name": "error", "method": "PATCH", "status": 307, "took_effect": True, "location": f"{ARM}/elsewhere"},
}


@pytest.mark.parametrize("fault", EFFECTIVE.values(), ids=EFFECTIVE.keys())
def test_a_write_whose_answer_was_lost_but_took_effect_is_found_out_by_looking(fault: dict[str, Any]) -> None:
    played = play(before=lambda played: played.fault(count=1, **fault))

    assert played.outcome is Outcome.VERIFIED, played.note
    assert len(played.patches) == 1
    assert played.run.accepted_s is None
    assert played.who_serves() == (V41,)


@pytest.mark.parametrize("fault", [{"name": "cut-before", "method": "PATCH"}, {"name": "error", "method": "PATCH"}])
def test_a_write_whose_answer_was_lost_and_that_cannot_be_seen_is_unknown_and_not_repeated(
    fault: dict[str, Any],
) -> None:
    played = play(before=lambda played: played.fault(count=1, **fault))

    assert played.outcome is Outcome.UNKNOWN
    assert len(played.patches) == 1
    assert exit_for(played.outcome) is Exit.UNKNOWN


def test_weights_that_read_back_but_never_reach_the_service_are_not_called_a_rollback() -> None:
    played = play(before=lambda played: played.fault("hang-operation", effect=False))

    assert played.outcome is Outcome.UNKNOWN
    assert "still carries the change out" in played.note
    assert played.who_serves() == (V42,)
    assert Kind.SERVING not in played.kinds


# ---- Azure that does not answer ----

OUTAGES: dict[str, dict[str, Any]] = {
    "no connection": {"name": "refused"},
    "503": {"name": "error", "status": 503},
    "503 with an hour's Retry-After": {"name": "error", "status": 503, "retry_after": 3600},
    "429 with an hour's Retry-After": {"name": "throttle", "retry_after": 3600},
    "429": {"name": "throttle"},
    "silence": {"name": "latency", "seconds": 3600},
}


def outage(fault: dict[str, Any], begins_s: float, lasts_s: float) -> Callable[[Played], Any]:
    async def meanwhile(played: Played) -> None:
        await asyncio.sleep(begins_s)
        played.fault(**fault)
        await asyncio.sleep(lasts_s)
        played.change(replace(played.stage.world, faults=()))

    return meanwhile


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
def test_a_fence_that_cannot_be_read_for_a_while_is_waited_for(fault: dict[str, Any]) -> None:
    # Given an Azure that is silent when the run begins, and for 25 s more
    def down(played: Played) -> None:
        played.fault(**fault)

    played = play(before=down, meanwhile=outage(fault, 0, 25))

    # Then it was waited for, and the rollback went
    assert played.outcome is Outcome.VERIFIED, played.note
    assert len(played.patches) == 1


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
def test_a_fence_that_cannot_be_read_within_a_minute_refuses_and_sends_nothing(fault: dict[str, Any]) -> None:
    played = play(before=lambda played: played.fault(**fault))

    assert played.outcome is Outcome.REFUSED
    assert played.sent == []
    assert "nothing was sent" in played.note
    assert 30 <= played.took_s <= 100


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
def test_azure_going_silent_after_the_write_does_not_hide_that_it_worked(fault: dict[str, Any]) -> None:
    played = play(meanwhile=outage(fault, 3, 40))

    assert played.outcome is Outcome.VERIFIED, played.note
    assert len(played.patches) == 1


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
def test_azure_going_silent_while_the_target_starts_is_waited_for(fault: dict[str, Any]) -> None:
    played = play("slow-start", meanwhile=outage(fault, 5, 30))

    assert played.outcome is Outcome.VERIFIED, played.note
    assert [one.method for one in played.sent] == ["POST", "PATCH"]


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
def test_azure_going_silent_once_the_weights_read_back_does_not_undo_the_proof(fault: dict[str, Any]) -> None:
    # Given an Azure that falls silent for good when the weights have been read back
    def before(played: Played) -> None:
        played.on(Kind.CONFIGURED, lambda: played.fault(**fault))

    played = play(before=before)

    # Then the service's own answers still prove it
    assert played.outcome is Outcome.VERIFIED, played.note
    assert played.took_s < 60


# ---- what can be claimed ----


def test_a_service_that_does_not_say_who_answered_is_unproven_not_verified() -> None:
    def nameless(played: Played) -> None:
        played.change(replace(played.stage.world, settings=replace(played.stage.world.settings, names_itself=False)))
        played.fault("error", contains="insights", status=403)

    played = play(before=nameless)

    assert played.outcome is Outcome.UNPROVEN, played.note
    assert "does not say which revision" in played.note
    assert exit_for(played.outcome) is Exit.DONE


def test_a_target_without_a_configured_identity_is_unproven() -> None:
    probe = {**settings().probe.model_dump(by_alias=True), "identity": None}

    played = play(target=settings(probe=probe), before=lambda played: played.fault("error", contains="insights"))

    assert played.outcome is Outcome.UNPROVEN
    assert played.run.serving_s is None
    assert played.run.configured_s is not None


def test_a_service_that_cannot_be_asked_from_here_is_unproven() -> None:
    def wall(played: Played) -> None:
        played.fault("refused", door="service")

    played = play(before=wall, scenario="healthy")

    assert played.outcome is Outcome.UNPROVEN, played.note
    assert "cannot be asked from here" in played.note


def test_a_rollback_that_serves_but_does_not_help_is_failed() -> None:
    # Given an older revision that is just as broken
    def broken(played: Played) -> None:
        template = dict(played.app.revision(V41).template)
        container = {**template["containers"][0], "image": "pharmabot.azurecr.io/pharmabot:1.4.1-bad"}
        played.change_revision(V41, template={**template, "containers": [container]})

    played = play(before=lambda played: played.on(Kind.CONFIGURED, lambda: broken(played)))

    # Then it serves, and that is all
    assert played.outcome is Outcome.FAILED
    assert "did not help" in played.note
    assert played.run.serving_s is not None
    assert played.run.recovered_s is None


def test_a_trigger_that_wants_more_answers_than_there_is_time_for_is_unproven_rather_than_unhelpful() -> None:
    trigger = {"signal": "5xx", "above": 5, "for_s": 600, "min_count": 1500}

    played = play(target=settings(triggers=[trigger]))

    assert played.run.plan is not None
    assert played.run.plan.breaches
    assert played.outcome is Outcome.UNPROVEN, played.note
    assert "did not help" not in played.note


def test_a_target_that_crashes_after_the_plan_gets_no_traffic() -> None:
    def crash(played: Played) -> None:
        played.change_revision(V41, running="Failed", provisioning="Failed", answers=False, problem="crashing")

    played = play(before=crash)

    assert played.outcome in (Outcome.FAILED, Outcome.REFUSED)
    assert played.patches == []


def test_a_target_that_vanishes_while_it_starts_gets_no_traffic() -> None:
    async def purge(played: Played) -> None:
        await asyncio.sleep(10)
        _gone(played)

    played = play("slow-start", meanwhile=purge)

    assert played.outcome is Outcome.FAILED
    assert "no traffic was moved" in played.note
    assert played.patches == []


def test_a_plan_whose_steps_nobody_knows_is_refused() -> None:
    async def act(played: Played) -> None:
        assert played.plan is not None
        strange = replace(played.plan.steps[0], kind="reboot_the_moon")
        object.__setattr__(played.plan, "steps", (strange,))

    played = play(before=act)

    assert played.outcome is Outcome.REFUSED
    assert played.sent == []


def test_a_fault_of_the_runner_s_own_still_leaves_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: ShiftTraffic, world: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ShiftTraffic, "verify", broken)

    played = play()

    assert played.outcome is Outcome.UNKNOWN
    assert "stumbled over ZeroDivisionError" in played.note
    assert len(played.patches) == 1
