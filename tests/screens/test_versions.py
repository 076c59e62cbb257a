"""The version picker: every version, its text against the active one, and the plan that it begins."""

from __future__ import annotations

import time

import pytest

from console.domain.good import History, Mark
from console.domain.intent import Intent
from screens.drawing.difference import side_by_side, unified
from screens.drawing.text import plain, width_of
from screens.drawing.version_list import active, filtered, versions
from tests.screens.conftest import Open, Stage
from tests.screens.layered import five, layers, ok, prompt, prompts, with_five
from tests.screens.scripted_desk import NOW, ScriptedDesk


@pytest.fixture
def desk() -> ScriptedDesk:
    return with_five(ScriptedDesk())


async def pick(stage: Stage) -> None:
    await stage.press("enter")
    await stage.until(lambda: type(stage.app.screen).__name__ == "Versions", "the versions")


async def test_enter_on_a_prompt_shows_its_versions_and_the_text_against_the_active_one(open_app: Open) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.shows("- Never give a dose.")
        for words in (
            "Versions of prompt drug_info",
            "7, v7 serves",
            "● serves",
            "› v6",
            "v7, which serves → v6",
            "+ Always give the dose in mg.",
            "enter drug_info→v6",
        ):
            assert words in stage.text, words


async def test_enter_begins_the_plan_to_that_version(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.press("j", "enter")
        await stage.shows("Roll back prompt → drug_info 5")
        await stage.press("escape")
        await stage.shows("Versions of prompt")
    assert desk.intents == [Intent(layer="prompt", item="drug_info", to="5")]


async def test_the_one_that_serves_cannot_be_chosen(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.press("g", "enter")
        await stage.shows("Choose: it serves now")
    assert desk.intents == []


async def test_a_refusal_of_the_engine_is_said_here(open_app: Open, desk: ScriptedDesk) -> None:
    desk.layered["prompt"] = "version 6 is known bad (bob)"
    async with open_app() as stage:
        await pick(stage)
        await stage.press("enter")
        await stage.shows("version 6 is known bad (bob)")


async def test_d_toggles_side_by_side(open_app: Open) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.shows("+ Always")
        await stage.press("d")
        await stage.until(
            lambda: "- Never give a dose.  " in stage.text and "│ + Always" in stage.text, "two columns"
        )
        assert "d unified" in stage.text
        await stage.press("d")
        await stage.shows("d side by side")


async def test_a_text_that_does_not_come_holds_no_key_up(open_app: Open, desk: ScriptedDesk) -> None:
    desk.text_may_come.clear()
    async with open_app() as stage:
        await pick(stage)
        await stage.shows("reading the text…")
        await stage.press("j", "j", "k")
        assert "› v5" in stage.text
        desk.text_may_come.set()
        await stage.shows("+ the text of drug_info 5")


async def test_keys_held_down_read_only_where_they_stop(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.shows("+ Always")
        desk.asked_texts.clear()
        await stage.press("j", "j", "j", "j")
        await stage.shows("+ the text of drug_info 2")
    assert len(desk.asked_texts) < 4
    assert desk.asked_texts[-1] == "2"


async def test_a_text_that_cannot_be_read_says_why(open_app: Open, desk: ScriptedDesk) -> None:
    class Denied(Exception):
        sentence = "you may not read system_prompts"

    desk.texts["6"] = Denied()
    async with open_app() as stage:
        await pick(stage)
        await stage.shows("✗ you may not read system_prompts")
        await stage.press("j")
        await stage.shows("+ the text of drug_info 5")


async def test_the_filter_and_its_escape(open_app: Open) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.press("slash", *"note 3")
        await stage.shows("/ note 3▏")
        await stage.press("enter")
        await stage.shows("1 of 7, v7 serves")
        assert "› v3" in stage.text
        await stage.press("escape")
        await stage.shows("7, v7 serves")
        await stage.press("slash", *"zz", "enter")
        await stage.shows("no version matches the filter")
        await stage.press("enter")
        await stage.shows("Choose: nothing is chosen")
        await stage.press("escape", "escape")
        await stage.shows("Traffic")


async def test_a_long_text_scrolls(open_app: Open, desk: ScriptedDesk) -> None:
    desk.texts["7"] = "\n".join(f"line {number}" for number in range(80))
    desk.texts["6"] = "\n".join(f"other {number}" for number in range(80))
    async with open_app() as stage:
        await pick(stage)
        await stage.shows("more lines")
        for _ in range(30):
            await stage.press("space")
        await stage.shows("+ other 79")
        await stage.press("b")
        await stage.until(lambda: "other 79" not in stage.text, "back up")


async def test_marks_are_shown_and_made_here(open_app: Open, desk: ScriptedDesk) -> None:
    marks = {"drug_info 5": Mark("drug_info 5", False, "bob", NOW, "made doses up")}
    marks["drug_info 4"] = Mark("drug_info 4", True, "carol", NOW)
    desk.shown = five(history=History(marks))
    async with open_app(size=(120, 40)) as stage:
        await pick(stage)
        await stage.shows("✗ known bad: made doses up")
        assert "★ good: carol" in stage.text
        await stage.press("m", "g", "enter")
        await stage.shows("drug_info v6 is marked good")
    assert desk.marked == [("drug_info 6", True, "")]


@pytest.mark.parametrize(
    ("tabs", "title", "version", "wanted"),
    [
        (
            1,
            "Versions of deployment gpt4o-stable",
            "gpt-4o 2024-08-06",
            Intent(layer="model", item="gpt4o-stable", to="2024-08-06"),
        ),
        (2, "Versions of index docs_v1", "docs_v1", Intent(layer="embedding", to="docs_v2")),
        (3, "Versions of migration head", "81bc02", Intent(layer="schema", to="81bc02")),
    ],
)
async def test_the_other_layers_have_versions_too(
    open_app: Open, desk: ScriptedDesk, tabs: int, title: str, version: str, wanted: Intent
) -> None:
    from tests.screens.layered import prompt_plan

    desk.layered = {name: prompt_plan(layer=name) for name in ("model", "embedding", "schema")}
    async with open_app(size=(120, 40)) as stage:
        await stage.press(*["tab"] * tabs)
        await pick(stage)
        await stage.shows(title)
        assert version in stage.text
        if wanted.layer == "embedding":
            await stage.press("g")
        await stage.press("enter")
        await stage.until(lambda: bool(desk.intents), "a plan")
    assert desk.intents == [wanted]


async def test_news_leave_the_cursor_on_its_version(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await pick(stage)
        await stage.press("j")
        await stage.shows("› v5")
        newer = prompts(prompts=(prompt("drug_info", 8),))
        desk.publish(five(layers=layers(prompt=ok(newer))))
        await stage.shows("8, v8 serves")


def test_ten_thousand_versions_are_only_named() -> None:
    shown = five(layers=layers(prompt=ok(prompts(prompts=(prompt("drug_info", 10_000),)))))
    began = time.perf_counter()
    found = versions(shown, "prompt", "drug_info")
    assert len(found) == 10_000
    assert active(found) == found[0]
    assert len(filtered(found, "note 9999")) == 1
    assert time.perf_counter() - began < 1.0


async def test_ten_thousand_versions_of_five_hundred_prompts_answer_a_key_at_once(
    open_app: Open, desk: ScriptedDesk
) -> None:
    many = tuple(prompt(f"prompt_{number:03}", 20) for number in range(499))
    desk.shown = five(layers=layers(prompt=ok(prompts(prompts=(prompt("drug_info", 10_000), *many)))))
    async with open_app(size=(120, 40)) as stage:
        dashboard = stage.app.screen
        assert _worst(dashboard.action_down, dashboard.action_up) < 0.05
        await pick(stage)
        await stage.shows("10,000, v10000 serves")
        picker = stage.app.screen
        assert _worst(picker.action_down, picker.action_last, picker.action_first) < 0.05


def _worst(*actions: object) -> float:
    """The median of five, in seconds, of the slowest of these."""
    slowest = 0.0
    for action in actions:
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            action()  # type: ignore[operator]
            taken.append(time.perf_counter() - began)
        slowest = max(slowest, sorted(taken)[2])
    return slowest


def test_differences_keep_every_character_and_every_width() -> None:
    now, then = "a\tb\n" + "x" * 300 + "\nsame", "a\tc\nsame"
    for compared in (unified, side_by_side):
        rows = compared(now, then, 60)
        assert all(width_of(row) <= 60 for row in rows)
        assert "".join(plain(row) for row in rows).count("x") == 300
    assert "the texts are the same" in plain(unified("one", "one", 60)[0])
