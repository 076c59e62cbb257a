"""The run screen, live from the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.domain.run import Outcome, StepState
from screens.drawing.run import ending, run_screen
from screens.drawing.text import plain
from tests.screens.conftest import Open
from tests.screens.scripted_desk import NOW, ScriptedDesk, run, verified


def drawn(shown: object, width: int = 80, height: int = 24) -> str:
    lines = run_screen(shown, NOW, (14.0,), [], "", 0, width, height)  # type: ignore[arg-type]
    return "\n".join(plain(line).rstrip() for line in lines)


def test_each_step_has_its_state_and_its_clock() -> None:
    text = drawn(run())
    assert "✔ nothing moved since you confirmed" in text
    assert "✔ v41 answers on its own address" in text
    assert "● traffic → v41 100 %   accepted after 0.4 s, InProgress" in text
    assert "accepted 0.4 s   configured –   serving –   recovered –" in text
    assert "00:09, usually 00:14" in text
    assert "If this console dies the run goes on. By hand:" in text
    assert "--revision-weight pharmabot--v41=100" in text


def test_before_the_fence_was_read_it_is_being_checked() -> None:
    assert "● checking that nothing moved since you confirmed" in drawn(run(fence=""))


@pytest.mark.parametrize(
    ("outcome", "note", "words"),
    [
        (Outcome.VERIFIED, "", "✔ verified"),
        (Outcome.UNPROVEN, "the service does not say who answers", "△ unproven: done, but nothing here can show"),
        (Outcome.FAILED, "it did not help: still 19 %", "✗ failed: it did not help: still 19 %"),
        (Outcome.REFUSED, "the traffic moved: bob, 8 s ago", "✗ refused: nothing was sent"),
        (Outcome.UNKNOWN, "", "Do not retry"),
        (Outcome.UNDONE, "", "– undone"),
    ],
)
def test_each_outcome_is_a_word_a_symbol_and_a_reason(outcome: Outcome, note: str, words: str) -> None:
    text = drawn(verified(outcome=outcome, note=note, accepted_s=None), 100)
    assert words in text
    assert note in text


def test_what_remains_is_named() -> None:
    assert "v42 keeps running at 0 % and consumes servicebus:ingest" in drawn(verified())


def test_a_step_of_unknown_outcome_says_so_in_words() -> None:
    steps = tuple(
        step if step.state is StepState.DONE else type(step)(step.title, step.command, StepState.UNKNOWN)
        for step in run().steps
    )
    assert "? unknown: traffic" in drawn(run(steps=steps, outcome=Outcome.UNKNOWN))


def test_the_last_words_say_that_an_open_run_goes_on() -> None:
    assert "it goes on by itself" in ending(run(), NOW)
    assert "verified after 14 s" in ending(verified(), NOW)


async def test_it_follows_the_log_to_its_end(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: run(18)}
    async with open_app() as stage:
        await stage.press("enter")
        await stage.shows("00:09")
        stage.clock.wall = NOW + timedelta(seconds=2)
        await stage.shows("00:11")
        desk.log[18] = verified(18)
        await stage.shows("✔ verified")
        await stage.shows("s: the run has ended")
        await stage.press("escape")
        await stage.shows("? help")
        assert "under way" not in stage.text


async def test_s_stops_before_the_next_step_once(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: run(18)}
    async with open_app() as stage:
        await stage.press("enter", "s")
        await stage.shows("stopping before the next step")
        await stage.press("s")
        assert desk.stopped == [18]


async def test_w_and_scrolling_work_there_too(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: verified(18)}
    async with open_app(size=(60, 20)) as stage:
        await stage.press("h")
        await stage.shows("verified")
        await stage.press("enter")
        await stage.shows("Roll back code")
        await stage.press("w", "j", "j", "k")
        assert (stage.folder / "rollback-pharmabot-by-hand.sh").exists()


def test_a_run_whose_plan_another_version_wrote_says_so() -> None:
    assert "run 18: its plan cannot be read here" in drawn(run(plan=None))


async def test_a_run_that_is_not_in_the_log_says_so(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        stage.app.watch_run(99)
        await stage.shows("this run is not in the run log")
