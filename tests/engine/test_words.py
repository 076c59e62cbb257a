"""The rest of the domain's arithmetic: proofs, signals, runs told by their events, and text made harmless."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.clean import clean, clean_block, middle
from console.domain.plan import Plan, Risk, StepRecord
from console.domain.proof import Streak, answers_needed
from console.domain.run import Event, Kind, Outcome, StepState, fold
from console.domain.signal import Sample, SignalState, Trigger, failure_share, read_share, within
from console.exits import Exit, exit_for
from tests.engine.apps import NOW

# ---- proof ----


@pytest.mark.parametrize(
    ("former", "needed"), [(100, 66), (50, 66), (10, 66), (5, 135), (1, 688), (0, 66), (9, 74), (2, 342)]
)
def test_how_many_answers_rule_out_that_the_bad_one_still_has_its_share(former: int, needed: int) -> None:
    assert answers_needed(former) == needed
    share = min(0.1, former / 100) if former else 0.1
    assert (1 - share) ** needed <= 0.001 < (1 - share) ** (needed - 1)


def test_one_wrong_answer_starts_the_count_again() -> None:
    streak = Streak(3).after(True).after(True).after(False)
    assert (streak.length, streak.proven) == (0, False)
    assert streak.after(True).after(True).after(True).proven


# ---- signals ----

TRIGGER = Trigger("5xx", above=5.0, for_s=60, min_count=10)


def samples(good: int, bad: int, silent: int = 0) -> list[Sample]:
    at = NOW - timedelta(seconds=10)
    answers = [Sample(at, 200)] * good + [Sample(at, 500)] * bad
    return answers + [Sample(at, None, error="no answer in time")] * silent


@pytest.mark.parametrize(
    ("given_samples", "state", "value"),
    [
        ([], SignalState.NO_DATA, None),
        (samples(9, 0), SignalState.NO_DATA, 0.0),
        (samples(0, 9), SignalState.NO_DATA, 100.0),
        (samples(20, 0), SignalState.OK, 0.0),
        (samples(19, 1), SignalState.OK, 5.0),
        (samples(18, 2), SignalState.BREACHED, 10.0),
        (samples(0, 0, 20), SignalState.ERROR, 100.0),
        (samples(10, 0, 10), SignalState.BREACHED, 50.0),
    ],
)
def test_a_signal_is_ok_only_where_it_was_measured(
    given_samples: list[Sample], state: SignalState, value: float | None
) -> None:
    reading = read_share("5xx", "%", given_samples, TRIGGER, NOW)

    assert (reading.state, reading.value) == (state, value)


def test_samples_older_than_the_window_count_for_nothing() -> None:
    old = [Sample(NOW - timedelta(seconds=61), 500)] * 50

    reading = read_share("5xx", "%", old, TRIGGER, NOW)

    assert reading.state is SignalState.NO_DATA
    assert reading.at == NOW - timedelta(seconds=61)
    assert within(old, NOW, 60) == []


def test_a_client_s_own_mistake_is_no_failure_of_the_service() -> None:
    assert [Sample(NOW, status).failed for status in (200, 301, 404, 429, 499, 500, 503, None)] == [False] * 5 + [
        True
    ] * 3
    assert failure_share([]) == (None, 0)


@pytest.mark.parametrize(
    ("trigger", "breaching", "fine"),
    [
        (Trigger("x", above=5.0), 5.01, 5.0),
        (Trigger("x", above=None, below=99.0), 98.9, 99.0),
        (Trigger("x", above=10.0, below=1.0), 0.5, 5.0),
    ],
)
def test_a_trigger_is_crossed_and_not_touched(trigger: Trigger, breaching: float, fine: float) -> None:
    assert trigger.breached_by(breaching)
    assert not trigger.breached_by(fine)


def test_the_history_is_oldest_first_and_leaves_gaps_out() -> None:
    points = [Sample(NOW - timedelta(seconds=115), 500), Sample(NOW - timedelta(seconds=5), 200)]

    assert read_share("5xx", "%", points, TRIGGER, NOW).history == (100.0, 0.0)


# ---- a run as its events tell it ----

STEPS = tuple(StepRecord("x", title, "", Risk.REVERSIBLE, False, {}) for title in ("first", "second"))
PLAN = Plan(
    target="bot",
    environment="rehearsal",
    layer="code",
    app="bot",
    origin=("bot--v42",),
    goal="bot--v41",
    grade="marked",
    reason="",
    steps=STEPS,
)


def told(*facts: tuple[Kind, int | None, dict[str, object]]) -> list[Event]:
    """Facts a second apart, after a preparation, a plan and the confirmation."""
    start: list[tuple[Kind, int | None, dict[str, object]]] = [
        (Kind.PREPARED, None, {"target": "bot"}),
        (Kind.PLANNED, None, {"plan": PLAN.to_json()}),
        (Kind.CONFIRMED, None, {"by": "alice"}),
    ]
    moments = enumerate((*start, *facts), -2)
    return [Event(7, kind, NOW + timedelta(seconds=at), step, body) for at, (kind, step, body) in moments]


def test_no_events_are_no_run() -> None:
    assert fold([]) is None


def test_a_run_before_its_confirmation_is_not_open_and_has_no_times() -> None:
    run = fold(told()[:2])
    assert run is not None
    assert (run.open, run.outcome, [step.state for step in run.steps]) == (False, None, [StepState.PENDING] * 2)


def test_times_count_from_the_confirmation() -> None:
    run = fold(
        told(
            (Kind.STARTED, 0, {}),
            (Kind.ACCEPTED, 0, {"detail": "accepted"}),
            (Kind.CONFIGURED, 0, {}),
            (Kind.STEP_DONE, 0, {"detail": "read back"}),
            (Kind.STARTED, 1, {}),
            (Kind.SERVING, 1, {}),
            (Kind.RECOVERED, 1, {}),
            (Kind.STEP_DONE, 1, {}),
            (Kind.OUTCOME, None, {"outcome": "verified"}),
        )
    )
    assert run is not None
    assert (run.accepted_s, run.configured_s, run.serving_s, run.recovered_s, run.ended_s) == (2, 3, 6, 7, 9)
    assert (run.steps[0].started_s, run.steps[0].ended_s, run.steps[0].detail) == (1, 4, "read back")
    assert (run.open, run.outcome, run.by, run.id) == (False, Outcome.VERIFIED, "alice", 7)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Kind.STEP_DONE, StepState.DONE),
        (Kind.STEP_FAILED, StepState.FAILED),
        (Kind.STEP_SKIPPED, StepState.SKIPPED),
        (Kind.STEP_UNKNOWN, StepState.UNKNOWN),
    ],
)
def test_a_step_ends_as_it_was_told(kind: Kind, state: StepState) -> None:
    run = fold(told((Kind.STARTED, 0, {}), (kind, 0, {"detail": "so"})))
    assert run is not None
    assert (run.steps[0].state, run.steps[0].detail) == (state, "so")
    assert run.next_step == (1 if state in (StepState.DONE, StepState.SKIPPED) else 0)


def test_a_fact_about_a_step_that_the_plan_does_not_have_changes_nothing() -> None:
    run = fold(told((Kind.STARTED, 9, {}), (Kind.PROGRESS, None, {"detail": "x"})))
    assert run is not None
    assert [step.state for step in run.steps] == [StepState.PENDING] * 2


def test_waiting_dismissing_and_stopping_are_heard() -> None:
    ready = fold([*told()[:1], Event(7, Kind.WAITING, NOW, body={"why": "Azure is silent"})])
    gone = fold([*told()[:1], Event(7, Kind.DISMISSED, NOW)])
    stopping = fold(told((Kind.STOPPING, None, {})))
    assert ready is not None
    assert gone is not None
    assert stopping is not None
    assert (ready.waiting, gone.dismissed, stopping.stopping) == ("Azure is silent", True, True)


def test_exit_codes_are_those_of_the_design() -> None:
    codes = {outcome: exit_for(outcome) for outcome in (*Outcome, None)}
    assert codes == {
        Outcome.VERIFIED: Exit.DONE,
        Outcome.UNPROVEN: Exit.DONE,
        Outcome.REFUSED: Exit.REFUSED,
        Outcome.FAILED: Exit.FAILED,
        Outcome.UNDONE: Exit.FAILED,
        Outcome.UNKNOWN: Exit.UNKNOWN,
        None: Exit.UNKNOWN,
    }
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 4, 5]


# ---- clean ----

HOSTILE = [
    "\x1b[2J",
    "\x1b]52;c;aGk=\x07",
    "\x9b31m",
    "a\rb",
    "a\nb",
    "a\x00b",
    "a\x7fb",
    "\u202egpj.exe",
    "\u2066x\u2069",
    "pay\u200bpal",
    "\ufeffbom",
    "tag\U000e0041",
    "select\ufe0f\U000e0100",
    "filler\u3164\u115f",
    "\ud800",
    "line\u2028separator",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_moves_a_cursor_or_hides_gets_through(text: str) -> None:
    shown = clean(text)

    assert shown.isprintable()
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert "\\" in shown
    shown.encode()


@given(st.text(st.characters(codec=None)))
def test_whatever_it_is_given_clean_gives_one_printable_bounded_line(text: str) -> None:
    shown = clean(text, 50)

    assert len(shown) <= 50
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean(shown, 50) == shown


@pytest.mark.parametrize("text", ["v41", "größer → besser ✔", "日本語", "emoji 🚀", "a\u0301"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_a_block_keeps_its_lines_and_nothing_else() -> None:
    assert clean_block("a\n\tb\r\x1b[1m") == "a\n\tb\\x0d\\x1b[1m"


@given(st.text(), st.integers(0, 30))
def test_the_middle_is_lost_and_never_the_end(text: str, width: int) -> None:
    shown = middle(text, width)

    assert len(shown) <= max(width, 0)
    if len(text) <= width:
        assert shown == text
    elif width > 1:
        assert text.endswith(shown.rpartition("…")[2])
