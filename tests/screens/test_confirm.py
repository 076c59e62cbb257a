"""The confirming dialog on a headless terminal: what makes `y` live, and what never does."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from console.desk import NothingToDo, Refused, Unreachable
from console.domain.plan import Risk
from console.record.database import RecordError
from screens.outer_terminal import BLOCKED, Way
from tests.screens.conftest import Open
from tests.screens.scripted_desk import ScriptedDesk, fresh_plan, plan, refused


async def test_r_then_y_confirms_once_everything_holds(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        await stage.press("y")
        await stage.shows("Rolling back code → v41")
        (runner,) = desk.runners
        assert runner.went
        assert runner.offered == [fresh_plan()]


async def test_the_dialog_says_everything_that_the_plan_says(open_app: Open, desk: ScriptedDesk) -> None:
    desk.usual = (14.0, 12.0, 17.0, 14.0, 13.0)
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("v41 answers /health/ready in 0.2 s")
        for words in (
            "pharmabot",
            "PRODUCTION",
            "now   v42  ██████████ 100 %",
            "then  v41  ██████████ 100 %",
            "5xx 21 %",
            "known good: marked good by bob",
            "not measured (no golden questions)",
            "servicebus:ingest",
            "new revisions get 0 %",
            "about 14 s here (last five: 12 to 17 s); survives logout: yes",
            "--revision-weight pharmabot--v41=100 pharmabot--v42=0",
            "--subscription 00000000-0000-0000-0000-000000000000",
        ):
            assert words in stage.text, words


async def test_r_and_y_in_one_burst_confirm_nothing(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("r", "y", "y", "y")
        await stage.shows("y: waiting for your terminal")
        assert not any(runner.went for runner in desk.runners)


async def test_a_blind_y_before_the_terminal_answers_does_nothing(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("waiting for your terminal")
        await stage.pass_time(2.0)
        await stage.press("y")
        await stage.terminal_answers(6, 6)
        await stage.press("y")
        assert not desk.runners[0].went


async def test_y_stays_dead_until_the_state_has_been_read_afresh(open_app: Open, desk: ScriptedDesk) -> None:
    desk.proposal_may_come.clear()
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("y: reading the state afresh")
        await stage.terminal_answers()
        await stage.pass_time(1.0)
        await stage.press("y")
        assert not desk.runners[0].went
        desk.proposal_may_come.set()
        await stage.make_y_live()


async def test_a_fresh_plan_that_differs_has_to_be_seen_and_kept_still_again(
    open_app: Open, desk: ScriptedDesk
) -> None:
    desk.proposal_may_come.clear()
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("reading the state afresh")
        await stage.terminal_answers()
        await stage.pass_time(1.0)
        desk.proposal_may_come.set()
        await stage.shows("y: waiting for your terminal")
        await stage.terminal_answers()
        await stage.shows("y in 0.6 s")
        await stage.pass_time(0.3)
        await stage.shows("y in 0.3 s")


async def test_y_stays_dead_until_the_runner_is_ready(open_app: Open, desk: ScriptedDesk) -> None:
    desk.runner_is_ready = False
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("y: the runner is starting")
        desk.runner_is_ready = True
        await stage.make_y_live()


async def test_any_key_makes_y_wait_again(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        await stage.press("x")
        await stage.shows("y in 0.6 s")
        await stage.press("y")
        assert not desk.runners[0].went
        await stage.pass_time(0.7)
        await stage.press("y")
        await stage.until(lambda: desk.runners[0].went, "went")


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_leaving_sends_nothing_and_ends_the_runner(open_app: Open, desk: ScriptedDesk, key: str) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        await stage.press(key)
        await stage.shows("? help")
        assert desk.runners[0].dismissed
        assert not desk.runners[0].went


@pytest.mark.parametrize("key", ["enter", "q", "question_mark", "colon", "ctrl+p", "h", "r", "tab", "slash"])
async def test_no_other_key_does_anything(open_app: Open, desk: ScriptedDesk, key: str) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        await stage.press(key)
        assert type(stage.app.screen).__name__ == "Confirm"
        assert not desk.runners[0].went
        assert not desk.runners[0].dismissed


async def test_w_writes_the_command_and_goes_nowhere(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.press("w")
        await stage.shows("wrote rollback-pharmabot-by-hand.sh")
        assert "--revision-weight" in (stage.folder / "rollback-pharmabot-by-hand.sh").read_text()


async def test_a_plan_that_cannot_be_taken_back_wants_the_name(open_app: Open, desk: ScriptedDesk) -> None:
    lossy = fresh_plan(steps=tuple(replace(step, risk=Risk.LOSSY) for step in plan().steps))
    desk.fresh = lossy
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("type pharmabot and enter:")
        await stage.press("y", "n", "w", "backspace", "backspace", "backspace", *"pharmabo", "enter")
        assert not desk.runners[0].went
        await stage.press("t", "enter")
        await stage.until(lambda: desk.runners[0].went, "went")
        assert desk.runners[0].offered[-1] == lossy


async def test_a_terminal_that_never_answers_leaves_the_name_to_type(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("waiting for your terminal")
        await stage.pass_time(3.0)
        await stage.shows("your terminal did not say that it has shown this")
        await stage.press("y")
        assert not desk.runners[0].went
        await stage.press("backspace", *"pharmabot", "enter")
        await stage.until(lambda: desk.runners[0].went, "went")


async def test_where_the_answer_would_not_be_the_terminals_the_name_is_typed_at_once(open_app: Open) -> None:
    async with open_app(way=BLOCKED) as stage:
        await stage.open_dialog()
        await stage.shows("type pharmabot and enter:")


async def test_when_azure_is_silent_the_name_hands_the_draft_to_the_runner(
    open_app: Open, desk: ScriptedDesk
) -> None:
    desk.proposal_may_come.clear()
    desk.runner_is_ready = False
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.terminal_answers()
        await stage.until(lambda: bool(desk.runners), "a runner")
        await stage.pass_time(8.0)
        await stage.shows("Azure has not answered for 8 s")
        await stage.press(*"pharmabot", "enter")
        await stage.until(lambda: desk.runners[0].went, "went")
        assert desk.runners[0].offered == [plan()]


async def test_an_unreachable_azure_is_said_in_its_own_words(open_app: Open, desk: ScriptedDesk) -> None:
    desk.fresh = Unreachable("Azure cannot be reached: name or service not known")
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("name or service not known")
        await stage.shows("type pharmabot and enter:")


async def test_a_refused_plan_never_lives(open_app: Open, desk: ScriptedDesk) -> None:
    desk.fresh = refused("v41 is being deprovisioned by Azure")
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("v41 is being deprovisioned by Azure")
        await stage.terminal_answers()
        await stage.pass_time(30.0)
        await stage.press("y", *"pharmabot", "enter")
        assert not desk.runners[0].went
        assert desk.runners[0].offered == []


async def test_nothing_to_do_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.fresh = NothingToDo("v41 has all the traffic already")
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("v41 has all the traffic already: nothing was sent")
        await stage.pass_time(30.0)
        await stage.press("y")
        assert not desk.runners[0].went


async def test_a_runner_that_ended_is_said_and_y_never_lives(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        desk.runners[0].alive = False
        await stage.shows("The runner ended before you confirmed: nothing was sent")
        await stage.pass_time(1.0)
        await stage.press("y")
        assert not desk.runners[0].went


async def test_a_runner_that_cannot_start_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.refusal = Refused("the run log cannot be written")
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("No runner can be started: the run log cannot be written")


async def test_a_pipe_that_breaks_at_go_is_said_and_nothing_was_sent(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()

        def broken() -> None:
            raise BrokenPipeError("gone")

        monkeypatch.setattr(desk.runners[0], "go", broken)
        await stage.press("y")
        await stage.shows("nothing was sent")
        assert type(stage.app.screen).__name__ == "Confirm"


async def test_a_dialog_left_before_its_runner_stands_still_ends_it(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    may_start = threading.Event()
    prepare = desk.prepare
    monkeypatch.setattr(desk, "prepare", lambda: may_start.wait(5) and prepare())
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.press("escape")
        may_start.set()
        await stage.until(lambda: bool(desk.runners) and desk.runners[0].dismissed, "dismissed")


async def test_what_changed_for_tmux_is_put_back(open_app: Open) -> None:
    restored = asyncio.Event()
    loop = asyncio.get_running_loop()
    way = Way(str, lambda: loop.call_soon_threadsafe(restored.set))
    async with open_app(way=way) as stage:
        await stage.open_dialog()
        await stage.shows("waiting for your terminal")
        await stage.press("escape")
        await stage.until(restored.is_set, "restored")


async def test_in_a_small_terminal_every_line_has_to_be_scrolled_to(open_app: Open, desk: ScriptedDesk) -> None:
    desk.fresh = fresh_plan(
        unknown=tuple(f"unknown number {number} is not known to anybody here" for number in range(6))
    )
    async with open_app(size=(60, 20)) as stage:
        await stage.open_dialog()
        await stage.shows("more lines below (space)")
        await stage.terminal_answers()
        await stage.press(*("j" * 9))
        await stage.shows("Takes")
        await stage.terminal_answers()
        await stage.pass_time(0.7)
        await stage.shows("y  go")


async def test_an_azure_that_answers_after_all_still_wants_the_name_and_says_why(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screens.confirm._AGAIN_S", 0.01)
    desk.fresh = Unreachable("no answer from Azure")
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("no answer from Azure")
        desk.fresh = fresh_plan()
        await stage.shows("state read just now")
        await stage.terminal_answers()
        await stage.shows("That has passed; the name is still wanted")
        await stage.press(*"pharmabot", "enter")
        await stage.until(lambda: desk.runners[0].went, "went")
        assert desk.runners[0].offered == [fresh_plan()]


async def test_a_log_that_cannot_be_read_is_a_sentence(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RecordError("disk I/O error")

    async with open_app() as stage:
        monkeypatch.setattr(desk, "run", broken)
        await stage.open_dialog()
        await stage.shows("the runner is starting: the run log cannot be read: disk I/O error")
        await stage.press("escape")
        monkeypatch.setattr(desk, "runs", broken)
        await stage.press("h")
        await stage.shows("the run log cannot be read: disk I/O error")
        stage.app.watch_run(18)
        await stage.shows("this run is not in the run log")
