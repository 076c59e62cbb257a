"""Every kind of app has its own way back, and the plan says which and why."""

from __future__ import annotations

from pathlib import Path

from console.domain.intent import Deed, Intent
from console.domain.run import Outcome, StepState
from tests.engine.played import SERVICE, V40, V41, V42, settings
from tests.engine.played_in_turn import Turns, in_turn

BACK = Intent()


def test_single_mode_goes_back_by_a_copy_that_carries_the_traffic(tmp_path: Path) -> None:
    turns = in_turn("single-mode", [BACK], tmp_path)

    plan, run = turns.plans[0], turns.runs[0]
    assert [way.name for way in plan.ways] == ["copy", "switch-mode"]
    assert any("current secrets" in line for line in plan.unknown)
    assert run.outcome is Outcome.VERIFIED, run.note
    assert turns.state is not None
    assert turns.state.mode == "Single"
    assert turns.state.weight("pharmabot--v41-back1") == 100
    assert "revision copy" in plan.by_hand


def test_switching_the_mode_is_a_way_and_a_step_of_its_own(tmp_path: Path) -> None:
    turns = in_turn("single-mode", [Intent(way="switch-mode")], tmp_path)

    plan, run = turns.plans[0], turns.runs[0]
    assert plan.steps[0].title == "revision mode Single → Multiple"
    assert run.outcome is Outcome.VERIFIED, run.note
    assert turns.state is not None
    assert turns.state.mode == "Multiple"
    assert turns.state.weight(V41) == 100


def test_a_label_that_the_target_held_before_follows_the_traffic_back(tmp_path: Path) -> None:
    turns = in_turn("labels", [BACK], tmp_path)

    run = turns.runs[0]
    assert run.outcome is Outcome.VERIFIED, run.note
    assert turns.state is not None
    assert "production" in turns.state.labels(V41)
    assert [step.title for step in turns.plans[0].steps][-1] == "label production → v41"
    assert "label swap" in turns.plans[0].by_hand or "label add" in turns.plans[0].by_hand


def test_labels_mode_moves_the_label_that_carries_the_traffic(tmp_path: Path) -> None:
    turns = in_turn("labels-mode", [BACK], tmp_path)

    run = turns.runs[0]
    assert run.outcome is Outcome.VERIFIED, run.note
    assert len(turns.played.patches) == 1
    assert turns.state is not None
    assert turns.state.labels(V41) == ("production",)
    assert turns.state.weight(V41) == 100


def test_a_target_scaled_to_zero_is_woken_and_its_cold_start_shown(tmp_path: Path) -> None:
    turns = in_turn("scaled-to-zero", [BACK], tmp_path)

    run = turns.runs[0]
    assert run.outcome is Outcome.VERIFIED, run.note
    assert "answers /chat" in run.steps[0].detail


def test_an_app_that_cannot_be_asked_from_here_is_an_unknown_and_needs_no_typing(tmp_path: Path) -> None:
    probe = {"path": "/chat", "identity": {"header": "x-revision"}, "every_s": 0.25}
    turns = in_turn("internal-ingress", [BACK], tmp_path, settings(probe=probe))

    plan, run = turns.plans[0], turns.runs[0]
    assert not plan.needs_typing
    assert any("cannot be asked from here" in line for line in plan.unknown)
    assert run.outcome is Outcome.UNPROVEN
    assert "cannot be asked from here" in run.note
    assert turns.state is not None
    assert turns.state.weight(V41) == 100


def test_a_service_that_does_not_say_who_answers_is_proven_by_azures_count(tmp_path: Path) -> None:
    probe = {"path": "/chat", "url": SERVICE, "revision_url": f"{SERVICE}/-/revisions/{{revision}}", "every_s": 0.25}
    turns = in_turn("no-identity", [BACK], tmp_path, settings(probe=probe))

    run = turns.runs[0]
    assert run.outcome is Outcome.VERIFIED, run.note
    serving = next(step for step in run.steps if step.title.startswith("serving"))
    assert serving.detail.startswith("Azure counts ")
    assert serving.detail.endswith("to v41 and none to others")


def test_the_same_image_with_another_env_is_called_config(tmp_path: Path) -> None:
    turns = in_turn("config-only", [BACK], tmp_path)

    assert turns.plans[0].differences[0].startswith("same image; config: ")
    assert turns.runs[0].outcome is Outcome.VERIFIED, turns.runs[0].note


def test_a_mutable_tag_is_said_to_be_one(tmp_path: Path) -> None:
    turns = in_turn("mutable-tag", [BACK], tmp_path)

    assert any("named by a tag" in line for line in turns.plans[0].unknown)


def test_a_consumer_goes_on_at_zero_percent_and_stopping_it_is_a_step_of_its_own(tmp_path: Path) -> None:
    # Given a bad revision that consumes a queue
    turns = in_turn("queue-consumer", [BACK, Intent(Deed.DEACTIVATE, to=V42)], tmp_path)

    # Then the dialog says that it goes on, and only the second plan ends it
    assert any("consumes servicebus:ingest" in line for line in turns.plans[0].stays)
    assert [run.outcome for run in turns.runs] == [Outcome.VERIFIED, Outcome.VERIFIED]
    bad = turns.state.find(V42) if turns.state else None
    assert bad is not None
    assert not bad.active


def test_a_small_target_may_be_given_half_first(tmp_path: Path) -> None:
    turns = in_turn("small-target", [Intent(way="stepped")], tmp_path)

    plan, run = turns.plans[0], turns.runs[0]
    assert [way.name for way in plan.ways] == ["shift", "stepped"]
    assert run.outcome is Outcome.VERIFIED, run.note
    assert len(turns.played.patches) == 2
    first = turns.played.patches[0].body["properties"]["configuration"]["ingress"]["traffic"]
    assert {entry["revisionName"]: entry["weight"] for entry in first}[V41] == 50


def test_one_replica_for_the_load_of_three_is_said(tmp_path: Path) -> None:
    turns = in_turn("small-target", [BACK], tmp_path)

    assert any("takes the load of" in line for line in turns.plans[0].unknown)


def test_entries_that_reach_nobody_are_shown_and_leave_with_the_shift(tmp_path: Path) -> None:
    turns = in_turn("dead-entries", [BACK], tmp_path)

    assert any("cannot answer" in note.text and not note.ok for note in turns.plans[0].checked)
    assert turns.runs[0].outcome is Outcome.VERIFIED, turns.runs[0].note
    assert turns.state is not None
    assert dict(turns.state.weights)[V41] == 100


def test_somebody_else_who_rolls_back_meanwhile_is_recognised(tmp_path: Path) -> None:
    # Given a plan, and somebody who gets there first
    def first(turns: Turns) -> None:
        turns.played.fault("move", count=1, revision=V41)

    turns = in_turn("bad-image", [BACK], tmp_path, before_run=first)

    # Then nothing is sent a second time, and the run says who did it
    assert turns.runs[0].outcome is Outcome.VERIFIED
    assert "done already (changed by bob@" in turns.runs[0].note
    assert turns.played.patches == []


def test_a_second_rollback_does_not_return_to_the_bad_revision(tmp_path: Path) -> None:
    turns = in_turn("bad-image", [BACK, BACK], tmp_path)

    assert turns.plans[1].goal == V40
    assert any("is known good" in line for line in turns.plans[1].unknown)


def test_undo_says_what_it_brings_back_and_the_run_reads_undone(tmp_path: Path) -> None:
    turns = in_turn("bad-image", [BACK, Intent(Deed.UNDO, run=1)], tmp_path)

    assert any("brings v42 back" in refusal.sentence for refusal in turns.plans[1].refusals)
    assert turns.plans[1].needs_typing
    assert turns.runs[1].outcome is Outcome.FAILED
    assert turns.runs[1].note.startswith("it made things worse: 5xx 0 →")
    assert turns.runs[0].outcome is Outcome.UNDONE
    assert turns.state is not None
    assert turns.state.weight(V42) == 100


def test_unpin_is_refused_while_the_latest_revision_is_not_the_one_that_serves(tmp_path: Path) -> None:
    turns = in_turn("bad-image", [BACK, Intent(Deed.UNPIN)], tmp_path)

    assert turns.plans[1].refused is not None
    assert len(turns.runs) == 1


def test_unpin_gives_the_weight_to_the_latest_where_it_serves(tmp_path: Path) -> None:
    turns = in_turn("healthy", [Intent(Deed.UNPIN)], tmp_path)

    assert turns.runs[0].outcome is Outcome.VERIFIED, turns.runs[0].note
    assert turns.state is not None
    assert any(entry.latest and entry.weight == 100 for entry in turns.state.traffic)


def test_what_carries_traffic_is_not_deactivated(tmp_path: Path) -> None:
    turns = in_turn("bad-image", [Intent(Deed.DEACTIVATE, to="v42")], tmp_path)

    assert turns.plans[0].refused is not None
    assert turns.runs == []


def test_a_copy_of_a_copy_does_not_grow(tmp_path: Path) -> None:
    turns = in_turn("single-mode", [BACK, Intent(to=V40)], tmp_path)

    assert turns.plans[1].steps[0].title == "copy v40 as v40-back1"
    assert all(step.state is StepState.DONE for step in turns.runs[0].steps)


def test_going_back_twice_without_a_breach_wants_the_name_typed(tmp_path: Path) -> None:
    turns = in_turn("bad-image", [BACK, BACK], tmp_path)

    assert turns.plans[1].needs_typing
    assert "since run 1 brought it back" in turns.plans[1].refusals[0].sentence


def test_a_label_history_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    def shut(turns: Turns) -> None:
        turns.played.fault("forbidden", action="Microsoft.App/containerApps/labelHistories/read")

    turns = in_turn("labels", [BACK, BACK], tmp_path, before_run=shut)

    assert any("label history could not be read" in line for line in turns.plans[1].unknown)
