"""Every layer on the dashboard: what is seen of it, and the keys that take it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.bundle import APP_WIDE
from console.domain.change import Change, Changes, Suspect
from console.domain.intent import Deed, Intent
from console.domain.plan import Note
from console.domain.snapshot import Layer, LayerStatus
from tests.screens.conftest import Open
from tests.screens.layered import (
    CODE_CHANGE,
    PROMPT_CHANGE,
    ago,
    changes,
    five,
    golden,
    layers,
    ok,
    prompt_plan,
    schema,
    with_five,
)
from tests.screens.scripted_desk import ScriptedDesk, run, snapshot


@pytest.fixture
def desk() -> ScriptedDesk:
    return with_five(ScriptedDesk())


def screen_name(stage: object) -> str:
    return type(stage.app.screen).__name__  # type: ignore[attr-defined]


async def test_each_layer_says_what_serves_and_what_changed(open_app: Open) -> None:
    async with open_app(size=(120, 40)) as stage:
        for words in (
            "△ changed since known good 7a90 (marked by bob, 2 d ago)",
            "code △ v41→v42   prompt △ drug_info v6→v7   model =   embedding =   schema =",
            "1 prompt drug_info v6→v7: one minute before golden fell to 3/8, on both revisions alike",
            "drug_info  △ v7 for 12 min",
            "was v6 for 33 d",
            "2,113 calls since",
            "gpt-4o 2024-11-20",
            "pinned",
            "100 K/min",
            "retires 131 d",
            "△ upgrades itself",
            "△ retires 31 d",
            "text-embedding-3-small, 1536 → docs_v1  ✔ match",
            "98 % built",
            "recall 19/20 of docs_v1, 8 min ago",
            "head 4f2a91",
            "✔ fits what v42 needs",
            "backup 3 h ago ✔",
            "restorable since 13 Nov 14:12Z",
            "✗ golden 3/8, 1 min ago",
            "golden dose of ibuprofen: lacks 'mg'",
            "probe, 2 s ago",
        ):
            assert words in stage.text, words


async def test_a_layer_that_is_not_configured_has_no_panel_and_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = five(layers={"prompt": layers()["prompt"], "model": Layer(LayerStatus.ABSENT)})
    async with open_app() as stage:
        assert "Models" not in stage.text
        assert "Database" not in stage.text
        for absent in ("model –", "embedding –", "schema –"):
            assert absent in stage.text


async def test_an_error_stands_in_its_own_panel_and_the_others_live_on(open_app: Open, desk: ScriptedDesk) -> None:
    error = Layer(LayerStatus.ERROR, None, None, "the prompts' database does not answer (10 s)")
    async with open_app() as stage:
        desk.publish(five(layers=layers(prompt=error)))
        await stage.shows("✗ the prompts' database does not answer (10 s)")
        assert "gpt-4o 2024-11-20" in stage.text
        assert "prompt △ drug_info v6→v7 ?" in stage.text


async def test_stale_says_how_old(open_app: Open, desk: ScriptedDesk) -> None:
    stale = replace(layers()["schema"], status=LayerStatus.STALE, at=ago(minutes=9), error="it answers 503")
    async with open_app(size=(120, 40)) as stage:
        desk.publish(five(layers=layers(schema=stale)))
        await stage.shows("Database  stale 9 min")
        assert "✗ it answers 503" in stage.text
        assert "head 4f2a91" in stage.text


async def test_at_first_the_focus_is_on_the_first_suspect_so_r_takes_that_back(
    open_app: Open, desk: ScriptedDesk
) -> None:
    async with open_app() as stage:
        assert "› Prompts" in stage.text
        assert "r prompt→drug_info v6  R all→7a90" in stage.text
        await stage.press("r")
        await stage.until(lambda: screen_name(stage) == "Confirm", "the dialog")
        await stage.shows("Roll back prompt drug_info → v6")
        await stage.make_y_live()
        await stage.press("y")
        await stage.until(lambda: screen_name(stage) == "RunScreen", "the run")
    assert desk.intents == [Intent(layer="prompt")]
    assert desk.runners[0].went


async def test_after_any_key_the_focus_never_moves_by_itself(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = five(changes=Changes())
    async with open_app() as stage:
        assert "› Traffic" in stage.text
        await stage.press("j")
        desk.publish(five())
        await stage.shows("drug_info v6→v7")
        assert "› Traffic" in stage.text


async def test_the_focus_follows_the_ranking_until_that_rests_on_every_layer(
    open_app: Open, desk: ScriptedDesk
) -> None:
    first = Suspect(CODE_CHANGE, 1, 3.0, "the only one read so far")
    desk.shown = five(changes=changes(suspects=(first,), unread=("prompt",)))
    async with open_app() as stage:
        assert "› Traffic" in stage.text
        desk.publish(five())
        await stage.shows("› Prompts")


async def test_a_later_ranking_does_not_move_the_focus_again(open_app: Open, desk: ScriptedDesk) -> None:
    swapped = (replace(changes().suspects[1], rank=1), replace(changes().suspects[0], rank=2))
    async with open_app() as stage:
        assert "› Prompts" in stage.text
        desk.publish(five(changes=changes(suspects=swapped)))
        await stage.shows("1 code v41→v42")
        assert "› Prompts" in stage.text


async def test_tab_goes_round_the_panels_and_r_follows(open_app: Open) -> None:
    async with open_app(size=(120, 40)) as stage:
        for title, label in (
            ("› Models", "r: gpt4o-stable has not changed since 7a90"),
            ("› Embedding", "r: docs_v1 serves already"),
            ("› Database", "r: 4f2a91 is the head of 7a90 too"),
            ("› Signals", "r: signals are not rolled back: tab to a layer"),
            ("› Traffic", "r code→v41"),
            ("› Prompts", "r prompt→drug_info v6"),
        ):
            await stage.press("tab")
            await stage.shows(title)
            assert label in stage.text
        await stage.press("shift+tab")
        await stage.shows("› Traffic")


async def test_capital_r_takes_everything_back_in_one_plan(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app(size=(120, 40)) as stage:
        await stage.press("R")
        await stage.until(lambda: screen_name(stage) == "Confirm", "the dialog")
        for words in ("Roll everything back → 7a90", "golden 3/8", "golden 8/8", "migration 4f2a91 → 81bc02  lossy"):
            await stage.shows(words)
        await stage.shows("type pharmabot and enter")
    assert desk.intents[0] == Intent(layer="all")


async def test_when_nothing_changed_r_for_all_is_grey_and_says_so(open_app: Open, desk: ScriptedDesk) -> None:
    desk.layered.pop("all")
    async with open_app() as stage:
        assert "R: nothing changed" in stage.text
        await stage.press("R")
        await stage.shows("Roll everything back: nothing changed")
        assert screen_name(stage) == "Dashboard"


async def test_what_is_reconstructed_or_unobserved_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    from tests.screens.layered import GAP

    found = changes(gaps=(GAP,), unread=("schema",))
    found = replace(found, baseline=replace(found.baseline, reconstructed=True))
    desk.shown = five(changes=found)
    async with open_app(size=(120, 40)) as stage:
        assert "reconstructed, not observed; 22 min unobserved" in stage.text
        assert "not read: schema" in stage.text
        assert "schema ?" in stage.text


async def test_what_stands_above_all_revisions_is_a_mark_too_and_config_alone_is_called_config(
    open_app: Open, desk: ScriptedDesk
) -> None:
    wide = Suspect(Change(APP_WIDE, "secrets", "aa", "bb", ago(minutes=3), "carol"), 1, 9.0, "3 min before")
    config = Suspect(replace(CODE_CHANGE, config=True), 2, 1.0, "before")
    desk.shown = five(changes=changes(suspects=(wide, config)))
    async with open_app() as stage:
        assert "app-wide △ secrets" in stage.text
        assert "config △ v41→v42" in stage.text
        assert "1 app-wide secrets: 3 min before" in stage.text
        assert "› Traffic" in stage.text


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_however_long_a_change_is_every_layer_keeps_its_mark(
    open_app: Open, desk: ScriptedDesk, size: tuple[int, int]
) -> None:
    words = "gpt-4o 2024-08-06 Standard 30 NoAutoUpgrade with a filter"
    long = Change("model", "gpt4o-stable", "a", "b", ago(minutes=3), before_words=words, after_words=f"{words} x")
    first = Suspect(long, 1, 9.0, "3 min before")
    desk.shown = five(changes=changes(suspects=(first, *changes().suspects)))
    async with open_app(size=size) as stage:
        for mark in ("code △", "prompt △", "model △", "embedding =", "schema ="):
            assert mark in stage.text, mark


async def test_several_changes_of_one_layer_are_counted(open_app: Open, desk: ScriptedDesk) -> None:
    other = Suspect(replace(PROMPT_CHANGE, item="triage"), 3, 1.0, "long before")
    desk.shown = five(changes=changes(suspects=(*changes().suspects, other)))
    async with open_app() as stage:
        assert "prompt △ drug_info v6→v7 +1" in stage.text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 34), (120, 40)])
async def test_what_changed_is_seen_at_every_size(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(size=size) as stage:
        rows = stage.text.splitlines()
        assert rows[-1].startswith(" ? help  q quit  r prompt→drug_info v6  R all→7a90")
        assert all(len(row) <= size[0] for row in rows)
        for words in ("△ v7 for 12 min", "prompt △ drug_info", "✗ golden 3/8", "✔ match", "head 4f2a91", "gpt-4o"):
            assert words in stage.text, words


async def test_slash_filters_the_focused_panel_alone(open_app: Open) -> None:
    async with open_app(size=(120, 40)) as stage:
        await stage.press("slash", *"tri", "enter")
        await stage.until(lambda: "drug_info  △" not in stage.text, "filtered")
        assert "triage" in stage.text
        assert "v40" in stage.text
        await stage.press("escape")
        await stage.shows("drug_info  △")


async def test_m_marks_the_active_version_of_the_prompt(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("m")
        await stage.shows("Mark drug_info 7")
        await stage.press("b", "enter")
        await stage.until(lambda: bool(desk.marked), "marked")
    assert desk.marked == [("drug_info 7", False, "")]


async def test_deeds_of_a_layer_begin_with_a_plan_and_are_grey_where_it_is_not_configured(
    open_app: Open, desk: ScriptedDesk
) -> None:
    desk.deeds = {
        Deed.SHADOW: prompt_plan(layer="model", title="Deploy a shadow of gpt4o-stable"),
        Deed.BACK_UP: prompt_plan(layer="schema", title="Back up pharmabot-pg"),
        Deed.DROP_INDEX: prompt_plan(layer="embedding", title="Drop docs_v1"),
        Deed.REMOVE_SHADOW: "there is no shadow",
    }
    async with open_app(size=(120, 40)) as stage:
        await stage.press("tab")
        dashboard = stage.app.screen
        for do, words in (
            ("shadow", "Deploy a shadow of gpt4o-stable"),
            ("back_up", "Back up pharmabot-pg"),
        ):
            getattr(dashboard, f"action_{do}")()
            await stage.shows(words)
            await stage.press("escape")
        dashboard.action_remove_shadow()
        await stage.shows("Remove a shadow model: there is no shadow")
        dashboard.action_drop_index()
        await stage.shows("Drop this index: choose an index first (tab, j)")
        await stage.press("tab")
        dashboard.action_drop_index()
        await stage.shows("Drop docs_v1")
    assert [intent.item for intent in desk.intents if intent.deed == Deed.DROP_INDEX] == ["docs_v1"]
    assert [intent.item for intent in desk.intents if intent.deed == Deed.SHADOW] == ["gpt4o-stable"]


async def test_deeds_without_their_layer_say_so(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = snapshot()
    async with open_app() as stage:
        for do, words in (
            ("shadow", "Deploy a shadow model: models: not configured"),
            ("back_up", "Back the database up now: a database: not configured"),
            ("drop_index", "Drop this index: an index: not configured"),
            ("calls", "Which requests used this prompt?: prompts: not configured"),
        ):
            getattr(stage.app.screen, f"action_{do}")()
            await stage.shows(words)


async def test_the_calls_that_used_a_version_are_written_to_a_new_file(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        stage.app.screen.action_calls()
        await stage.shows("Which requests used this prompt?")
        await stage.press("backspace", "9", "enter")
        await stage.shows("drug_info has no version 9")
        await stage.press("backspace", "6", "enter")
        await stage.shows("wrote 2,113 calls to calls-pharmabot-drug_info-6.csv")
    assert [(item, version) for item, version, _ in desk.exported] == [("drug_info", "6")]


async def test_calls_that_cannot_be_written_say_why(open_app: Open, desk: ScriptedDesk) -> None:
    class NotLogged(Exception):
        sentence = "no call log is configured"

    desk.export_refuses = NotLogged()
    async with open_app(size=(120, 40)) as stage:
        stage.app.screen.action_calls()
        await stage.shows("a version, such as v7, v6, v5")
        await stage.press("enter")
        await stage.shows("not written: no call log is configured")


async def test_read_only_begins_nothing_in_any_layer(open_app: Open, desk: ScriptedDesk) -> None:
    desk.read_only = True
    async with open_app() as stage:
        await stage.press("r", "R")
        await stage.shows("read-only: no rollback from here")
        await stage.press("enter", "enter")
        await stage.shows("Choose: read-only: nothing is written from here")
    assert desk.runners == []


async def test_while_a_run_is_under_way_every_layer_waits(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: run(18)}
    async with open_app() as stage:
        assert "r R: run 18 is under way" in stage.text
        await stage.press("R")
        await stage.shows("Roll everything back: run 18 is under way")


async def test_a_diff_of_what_can_be_taken_back_stands_below_and_holds_nothing_up(
    open_app: Open, desk: ScriptedDesk
) -> None:
    from console.domain.plan import Passage

    long = Passage("drug_info v7 → v6", "\n".join(f"+line {number}" for number in range(60)))
    desk.layered["prompt"] = prompt_plan(passages=(long,))
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("space: more below")
        await stage.make_y_live()


async def test_the_texts_of_what_cannot_be_taken_back_are_paged_through_first(
    open_app: Open, desk: ScriptedDesk
) -> None:
    from console.domain.plan import Passage, Risk
    from tests.screens.layered import write

    long = Passage(
        "the down script", "\n".join(f"ALTER TABLE leaflets DROP COLUMN c{number};" for number in range(60))
    )
    desk.layered["prompt"] = prompt_plan(passages=(long,), steps=(write("run_down", "down", Risk.SLOW),))
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.until(lambda: "more lines below (space)" in stage.text, "unread lines")
        for _ in range(20):
            if "c59;" in stage.text:
                break
            await stage.press("space")
            await stage.pilot.pause()
        await stage.make_y_live()


async def test_what_only_seemed_beyond_taking_back_is_confirmed_by_a_key(open_app: Open, desk: ScriptedDesk) -> None:
    """A draft that has not read its script takes it for lossy; the fresh plan knows better."""
    from console.domain.plan import Risk
    from tests.screens.layered import write

    desk.layered["prompt"] = prompt_plan(steps=(write("run_down", "down", Risk.LOSSY),))
    desk.proposal_may_come.clear()
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("this cannot be taken back")
        desk.layered["prompt"] = prompt_plan()
        desk.proposal_may_come.set()
        await stage.make_y_live()


async def test_where_the_name_is_typed_a_long_text_is_paged_with_its_own_key(
    open_app: Open, desk: ScriptedDesk
) -> None:
    from console.domain.plan import Passage, Risk
    from tests.screens.layered import write

    long = Passage("the down script", "\n".join(f"DROP TABLE t{number};" for number in range(60)))
    desk.layered["prompt"] = prompt_plan(passages=(long,), steps=(write("run_down", "down", Risk.LOSSY),))
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("more lines below (pgdn, ↓)")
        for _ in range(20):
            await stage.press("pagedown")
        await stage.press(*"pharmabot")
        await stage.shows("enter  go")


async def test_checks_that_hold_are_counted_where_they_would_push_the_rest_from_sight_and_listed_below(
    open_app: Open, desk: ScriptedDesk
) -> None:
    held = tuple(
        Note(f"check {number} of what is written, which is a long sentence about it") for number in range(14)
    )
    desk.layered["prompt"] = prompt_plan(checked=(*held, Note("the last one failed", ok=False)))
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.shows("✔ and 12 more hold, listed below")
        await stage.shows("✗ the last one failed")
        await stage.make_y_live()
        for _ in range(12):
            await stage.press("space")
        await stage.shows("check 13 of what is written")


async def test_golden_words_stand_beside_now_and_then(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = five(golden=golden(8))
    async with open_app() as stage:
        assert "✔ golden 8/8" in stage.text
        await stage.press("r")
        await stage.shows("drug_info  v7   ✗ 5xx 21 %, golden 3/8")
        await stage.shows("drug_info  v6   golden 8/8")


async def test_heads_that_a_revision_lacks_are_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = five(layers=layers(schema=ok(schema(needs={"pharmabot--v42": "77aa"}))))
    async with open_app() as stage:
        assert "✗ v42 serves and needs 77aa" in stage.text


def test_the_calls_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    from screens.command_file import calls_file

    first = calls_file("pharmabot", "drug info/../x", "7", tmp_path)
    assert first.parent == tmp_path
    first.write_text("taken")
    assert calls_file("pharmabot", "drug info/../x", "7", tmp_path).name.endswith("-2.csv")
