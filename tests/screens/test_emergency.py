"""The emergency: `!` from everywhere, three ways out at once, each with the usual dialog."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.intent import Deed
from console.domain.snapshot import Layer, LayerStatus
from console.emergency import Option
from console.record.database import RecordError
from screens.console_app import ConsoleApp
from tests.screens.conftest import Open, Stage
from tests.screens.guided import OPTIONS
from tests.screens.layered import five, prompt_plan, whole_plan, with_five
from tests.screens.scripted_desk import NOW, ScriptedDesk, code_state, run, snapshot, verified


@pytest.fixture
def desk() -> ScriptedDesk:
    made = with_five(ScriptedDesk())
    made.deeds = {"switch off": prompt_plan(title="Switch the feature off", layer="feature", deed="switch off")}
    return made


async def open_emergency(stage: Stage) -> None:
    await stage.press("exclamation_mark")
    await stage.shows("! Emergency")


async def on(stage: Stage, name: str) -> None:
    await stage.until(lambda: type(stage.app.screen).__name__ == name, name)


async def test_each_way_says_what_it_would_change(open_app: Open) -> None:
    async with open_app() as stage:
        await open_emergency(stage)
        for words in (
            "pharmabot  PRODUCTION",
            "5xx 21 % (limit 5 %)",
            "1  take back everything fast that changed",
            "code v42→v41, drug_info v7→v6",
            "stays: schema 4f2a91: going down would lose data",
            "2  traffic only",
            "3  switch the feature off",
            "./flags off chat",
            "before that nothing is sent",
        ):
            assert words in stage.text, words
        await stage.press("escape")
        await on(stage, "Dashboard")


@pytest.mark.parametrize(
    ("key", "title"), [("1", "Roll everything back"), ("2", "Roll back code → v41"), ("3", "Switch the feature off")]
)
async def test_a_digit_opens_the_usual_dialog_which_alone_confirms(
    open_app: Open, desk: ScriptedDesk, key: str, title: str
) -> None:
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.press(key, "y")
        await on(stage, "Confirm")
        await stage.shows(title)
        assert not any(runner.went for runner in desk.runners)
        await stage.press("escape")
        await stage.shows("! Emergency")
    assert desk.intents[0] == OPTIONS[int(key) - 1].intent


async def test_an_emergency_is_ended_by_three_keys(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.press("2")
        await on(stage, "Confirm")
        await stage.make_y_live()
        await stage.press("y")
        await on(stage, "RunScreen")
    assert [runner.went for runner in desk.runners] == [True]


async def test_a_way_that_changes_nothing_is_grey_and_says_why(open_app: Open, desk: ScriptedDesk) -> None:
    why = "no way to switch the feature off is configured (kill_switch.command)"
    desk.ways_out = (*OPTIONS[:2], Option(3, "switch the feature off", why_not=why))
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.shows("○ not now: no way to switch the feature off is configured")
        await stage.press("3")
        await stage.shows("3: no way to switch")
        assert type(stage.app.screen).__name__ == "Emergency"
    assert desk.runners == []


async def test_it_follows_the_news_and_its_digits_keep_their_meaning(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await open_emergency(stage)
        desk.ways_out = (Option(1, OPTIONS[0].title, why_not="nothing changed since 7a90"), *OPTIONS[1:])
        desk.publish(five(signals=()))
        await stage.shows("not now: nothing changed since 7a90")
        await stage.press("2")
        await stage.shows("Roll back code → v41")


async def test_it_stands_before_anything_is_read_and_while_azure_is_silent(
    open_app: Open, desk: ScriptedDesk, build: object
) -> None:
    app: ConsoleApp = build(desk, first=None)  # type: ignore[operator]

    def never(show_code: object) -> ScriptedDesk:
        raise OSError("no engine")

    app._factory = never
    async with app.run_test(size=(80, 24)) as pilot:
        stage = Stage(app, pilot, desk, None, None)  # type: ignore[arg-type]
        await open_emergency(stage)
        await stage.shows("cannot start its engine")
    silent = Layer(LayerStatus.STALE, code_state(), NOW - timedelta(minutes=3), "Azure answers 503: server busy")
    desk.shown = five(code=silent)
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.shows("stale 3 min")
        await stage.shows("Azure answers 503: server busy")
        await stage.shows("code v42→v41, drug_info v7→v6")


async def test_read_only_or_a_run_under_way_makes_all_grey(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: run(18)}
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.shows("run 18 is under way: enter watches it, and s stops it there")
        await stage.press("1")
        await stage.shows("1: run 18 is under way")
        await stage.press("enter")
        await on(stage, "RunScreen")
    desk.log, desk.read_only = {}, True
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.shows("not now: read-only")
        await stage.press("1", "enter")
        await stage.shows("no run is under way")
    assert desk.runners == []


async def test_a_record_that_cannot_be_read_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.ways_out = RecordError("the disk is full; what was recorded stands")
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.press("1")
        await stage.shows("the disk is full")
    assert desk.runners == []


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        ("d", "Decide"),
        ("d 2 1 2 1", "AtLeaf"),
        ("t", "TimelineScreen"),
        ("enter", "Versions"),
        ("h", "HistoryScreen"),
        ("h enter", "RunScreen"),
    ],
)
async def test_it_is_reached_from_every_screen_that_takes_no_text(
    open_app: Open, desk: ScriptedDesk, keys: str, screen: str
) -> None:
    desk.log = {17: verified(17)}
    async with open_app() as stage:
        for key in keys.split():
            await stage.press(key)
            await stage.pilot.pause(0.05)
        await on(stage, screen)
        await open_emergency(stage)
        await stage.press("escape")
        await on(stage, screen)


async def test_while_a_filter_is_typed_it_is_a_letter(open_app: Open) -> None:
    async with open_app() as stage:
        for keys in (("slash",), ("escape", "enter", "slash")):
            await stage.press(*keys, "exclamation_mark")
            await stage.shows("/ !▏")


async def test_d_leads_to_the_tree_and_back(open_app: Open) -> None:
    async with open_app() as stage:
        await open_emergency(stage)
        await stage.press("d")
        await on(stage, "Decide")
        await stage.press("exclamation_mark", "d", "escape")
        await stage.shows("! Emergency")
        assert [type(one).__name__ for one in stage.app.screen_stack] == ["Dashboard", "Emergency"]


async def test_the_footer_always_has_it(open_app: Open, desk: ScriptedDesk) -> None:
    long = "the schema's head could not be read, and what is not known is never taken for fine"
    desk.layered = {"prompt": long, "all": f"{long} at all"}
    async with open_app() as stage:
        for width in (60, 80, 120):
            await stage.pilot.resize_terminal(width, 24)
            await stage.until(lambda width=width: len(stage.text.split("\n")[-1]) <= width, "redrawn")
            await stage.shows("? help  q quit")
            await stage.shows("  ! ")
        await stage.shows("! emergency")


def test_the_way_round_azure_stands_there_too() -> None:
    from screens.drawing.emergency import emergency
    from screens.drawing.text import plain
    from screens.drawing.view import View

    view = View(NOW, "pharmabot", snapshot=snapshot(), bypass="az afd route update --weight 0")
    rows = emergency(view, OPTIONS, "", "", (), 80, 24)
    assert any("Way round Azure: az afd route update --weight 0" in plain(row) for row in rows)
    typed = (replace(OPTIONS[0], typed=True),)
    rows = emergency(view, typed, "", "", (), 80, 24)
    assert any("the target's name typed" in plain(row) for row in rows)


def test_each_way_is_of_the_deed_that_it_says() -> None:
    assert [one.intent.deed for one in OPTIONS if one.intent] == [Deed.ROLL_BACK, Deed.ROLL_BACK, Deed.SWITCH_OFF]
    assert whole_plan().layer == "all"
