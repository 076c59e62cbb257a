"""Several ways to the same goal: each is another plan, and everything that `y` waits for begins again."""

from __future__ import annotations

import pytest

from console.desk import NothingToDo
from console.domain.intent import Way
from screens.outer_terminal import BLOCKED
from tests.screens.conftest import Open, Stage
from tests.screens.scripted_desk import ScriptedDesk, copy_or_switch, fresh_plan, refused

WIDE = (120, 40)
COPY, SWITCH = copy_or_switch("copy"), copy_or_switch("switch-mode")


@pytest.fixture
def desk() -> ScriptedDesk:
    """An app in single revision mode."""
    made = ScriptedDesk()
    made.drafted, made.fresh = COPY, COPY
    made.ways_drafted = {"copy": COPY, "switch-mode": SWITCH}
    return made


async def open_and_live(stage: Stage) -> None:
    await stage.open_dialog()
    await stage.make_y_live()


async def test_the_dialog_names_both_ways_and_which_is_chosen(open_app: Open) -> None:
    async with open_app(size=WIDE) as stage:
        await stage.open_dialog()
        await stage.shows("1 copy the old revision as a new one (chosen)")
        assert "2 switch to multiple revision mode, then move the traffic" in stage.text
        assert "the mode stays changed" in stage.text
        assert "What        image 2025.11.21-bad → 2025.11.v41" in stage.text


async def test_a_digit_takes_another_way_and_everything_begins_again(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app(size=WIDE) as stage:
        # Given a dialog that is ready to go
        await open_and_live(stage)

        # When the second way is chosen, its reading under way
        desk.proposal_may_come.clear()
        await stage.press("2")

        # Then y is dead until it has been read afresh, seen, and kept still
        await stage.shows("then move the traffic (chosen)")
        await stage.shows("y: reading the state afresh")
        await stage.press("y")
        assert not desk.runners[0].went
        desk.proposal_may_come.set()
        await stage.make_y_live()

        # And what goes is that way
        await stage.press("y")
        await stage.until(lambda: desk.runners[0].went, "went")
        assert desk.runners[0].offered[-1] == SWITCH


async def test_an_answer_for_the_way_that_was_left_counts_for_nothing(open_app: Open, desk: ScriptedDesk) -> None:
    desk.proposal_may_come.clear()
    async with open_app(size=WIDE) as stage:
        await stage.open_dialog()
        await stage.shows("y: reading the state afresh")
        await stage.press("2", "1", "2")
        desk.proposal_may_come.set()
        await stage.make_y_live()
        assert stage.app.screen.facts.plan == SWITCH
        assert [plan for plan in desk.runners[0].offered if plan != SWITCH] == []


async def test_where_the_name_is_typed_tab_takes_the_next_way_and_digits_are_letters(
    open_app: Open, desk: ScriptedDesk
) -> None:
    async with open_app(size=WIDE, way=BLOCKED) as stage:
        await stage.open_dialog()
        await stage.shows("type pharmabot and enter:")
        await stage.press("2")
        await stage.shows("type pharmabot and enter: 2")
        await stage.press("tab")
        await stage.shows("then move the traffic (chosen)")
        await stage.shows("type pharmabot and enter: ▏")
        await stage.press("tab")
        await stage.shows("as a new one (chosen)")


async def test_a_way_that_is_refused_can_be_left_for_the_other(open_app: Open, desk: ScriptedDesk) -> None:
    barred = refused("the old revision's image is gone")
    desk.fresh = type(barred)(**{**_fields(COPY), "refusals": barred.refusals})
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("the old revision's image is gone")
        await stage.press("2")
        await stage.make_y_live()


async def test_a_way_that_cannot_be_planned_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    del desk.ways_drafted["switch-mode"]
    async with open_app() as stage:
        await open_and_live(stage)
        await stage.press("2", "3")
        assert "as a new one (chosen)" in stage.text
        await stage.press("2")
        await stage.shows("no plan that way")


async def test_nothing_to_do_for_the_way_that_was_left_does_not_end_the_dialog(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.fresh = NothingToDo("v41 has all the traffic already")
    desk.proposal_may_come.clear()
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.press("2")
        desk.proposal_may_come.set()
        await stage.make_y_live()
        assert "already" not in stage.text


async def test_with_one_way_there_is_nothing_to_choose(open_app: Open, desk: ScriptedDesk) -> None:
    desk.drafted = desk.fresh = fresh_plan(way="shift", ways=(Way("shift", "move the traffic", "the usual way"),))
    async with open_app() as stage:
        await open_and_live(stage)
        assert "Ways" not in stage.text
        await stage.press("tab", "1")
        await stage.shows("y in 0.6 s")


async def test_the_way_round_azure_stands_under_the_command(open_app: Open, desk: ScriptedDesk) -> None:
    desk.bypass = "./gateway send-to pharmabot--v41.example.test"
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("Way round Azure: ./gateway send-to pharmabot--v41.example.test")


async def test_space_turns_a_page_and_every_line_is_seen_once(open_app: Open, desk: ScriptedDesk) -> None:
    desk.fresh = fresh_plan(unknown=tuple(f"unknown number {number} of this place" for number in range(14)))
    async with open_app(size=(60, 20)) as stage:
        await stage.open_dialog()
        await stage.shows("more lines below (space)")
        await stage.terminal_answers()
        seen = stage.text
        for _ in range(3):
            await stage.press("space")
            await stage.terminal_answers()
            seen += stage.text
        assert all(f"unknown number {number} " in seen for number in range(14))
        await stage.pass_time(0.7)
        await stage.shows("y  go")


def _fields(plan: object) -> dict[str, object]:
    return {name: getattr(plan, name) for name in type(plan).__dataclass_fields__}  # type: ignore[attr-defined]
