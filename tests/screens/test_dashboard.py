"""The dashboard's keys, and what it shows when things go wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.snapshot import Layer, LayerStatus
from screens.actions import CONFIRM, DASHBOARD, HELP, HISTORY, RUN, help_groups
from screens.palette import entries
from tests.screens.conftest import Open
from tests.screens.scripted_desk import (
    NOW,
    ScriptedDesk,
    breached,
    code_state,
    nothing_good,
    revision,
    run,
    snapshot,
    verified,
)


def screen_name(stage: object) -> str:
    return type(stage.app.screen).__name__  # type: ignore[attr-defined]


async def test_it_says_what_serves_what_changed_and_what_r_would_do(open_app: Open) -> None:
    async with open_app() as stage:
        for words in (
            "pharmabot  PRODUCTION  live 3 s ago",
            "only you, this machine",
            "△ changed since known good v41",
            "code △ v41→v42",
            "prompt –",
            "not configured",
            "multiple revisions",
            "✗ 5xx 21 %",
            "limit 5 %",
            "✗ Unhealthy",
            "★ marked",
            "○ inactive",
            "12 min",
            "r code→v41",
            "az containerapp ingress traffic set",
        ):
            assert words in stage.text, words


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_help_and_quit_are_never_clipped(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(size=size) as stage:
        assert stage.text.splitlines()[-1].startswith(" ? help  q quit  r code→v41")
        assert all(len(line) <= size[0] for line in stage.text.splitlines())


async def test_a_terminal_too_small_says_so_and_offers_the_command_line(open_app: Open) -> None:
    async with open_app(size=(50, 12)) as stage:
        assert "This terminal is 50x12; the console needs 60x20" in stage.text
        assert "status --json" in stage.text.replace("\n", " ")
        await stage.pilot.resize_terminal(80, 24)
        await stage.shows("r code→v41")


async def test_enter_on_a_row_confirms_a_rollback_to_that_revision(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("j", "j", "enter")
        await stage.shows("Roll back code → v40")


async def test_the_revision_that_has_all_the_traffic_cannot_be_chosen(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("g", "enter")
        await stage.shows("v42 has all the traffic already")
        assert screen_name(stage) == "Dashboard"


async def test_j_k_g_and_G_move_and_stay_inside(open_app: Open) -> None:
    async with open_app() as stage:
        for keys, row in (
            ("j", "› v41"),
            ("jjj", "› v40"),
            ("k", "› v41"),
            ("g", "› v42"),
            ("G", "› v40"),
            ("down", "› v40"),
        ):
            await stage.press(*([keys] if keys == "down" else keys))
            await stage.shows(row)


async def test_slash_filters_and_escape_clears(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("slash", "4", "1")
        await stage.shows("/ 41▏")
        await stage.until(lambda: "› v41" in stage.text and "v40 " not in stage.text, "filtered")
        await stage.press("q", "backspace", "enter", "enter")
        await stage.shows("Roll back code → v41")
        await stage.press("escape", "escape")
        await stage.until(lambda: "v40 " in stage.text, "everything again")


async def test_help_shows_every_key_and_goes_back(open_app: Open) -> None:
    async with open_app(size=(160, 200)) as stage:
        await stage.press("question_mark")
        await stage.shows("Confirming")
        for _, keys in help_groups():
            for key, said in keys:
                assert key in stage.text, key
                assert said in stage.text
        await stage.press("escape")
        await stage.shows("r code→v41")


async def test_a_long_help_scrolls(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("question_mark")
        await stage.shows("more lines")
        await stage.press("j", "G")
        await stage.shows("Symbols")
        await stage.press("k", "g", "q")
        await stage.shows("r code→v41")


async def test_history_lists_runs_and_opens_one(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {16: verified(16), 17: verified(17, by="bob")}
    async with open_app() as stage:
        await stage.press("h")
        await stage.shows("✔ verified")
        assert stage.text.index(" 17 ") < stage.text.index(" 16 ")
        await stage.press("j", "k", "G", "enter")
        await stage.shows("run 16, recorded")
        await stage.press("escape", "g", "enter")
        await stage.shows("run 17, recorded")
        await stage.press("escape", "escape")
        await stage.shows("? help")


async def test_an_empty_history_says_so(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("h")
        await stage.shows("no run has been confirmed here yet")
        await stage.press("enter")


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_has_only_our_commands(open_app: Open, key: str) -> None:
    async with open_app() as stage:
        await stage.press(key)
        await stage.until(lambda: screen_name(stage) == "Palette", "palette")
        shown = [entry.title for entry in entries(stage.app.screen_stack[0])]
        assert shown == [f"{a.title} ({a.shown_keys})" if a.keys else a.title for a in DASHBOARD if a.palette]
        await stage.press("escape")
        await stage.until(lambda: screen_name(stage) == "Dashboard", "dashboard")


async def test_a_palette_entry_does_what_its_key_does(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("colon")
        await stage.until(lambda: screen_name(stage) == "Palette", "palette")
        await stage.press(*"history")
        await stage.until(lambda: bool(stage.app.screen.query("CommandList").first().option_count), "found")
        await stage.press("enter")
        await stage.until(lambda: screen_name(stage) == "HistoryScreen", "history")


async def test_w_writes_the_command_for_its_owner_alone(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("w")
        await stage.shows("wrote rollback-pharmabot-by-hand.sh; the clipboard may not have it")
        path = Path(stage.folder / "rollback-pharmabot-by-hand.sh")
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text().endswith("pharmabot--v42=0\n")


async def test_q_leaves_and_escape_never_does(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("escape", "escape", "tab")
        await stage.shows("› Signals")
        await stage.press("r")
        await stage.shows("signals are not rolled back: tab to a layer")
        await stage.press("q")
        await stage.until(lambda: not stage.app.is_running, "left")
    assert desk.closed
    assert stage.app.return_code == 0


async def test_a_failed_reading_keeps_what_was_known_and_says_its_age(open_app: Open, desk: ScriptedDesk) -> None:
    stale = Layer(LayerStatus.STALE, code_state(), NOW - timedelta(seconds=40), "Azure answers 503: busy")
    async with open_app() as stage:
        desk.publish(snapshot(code=stale))
        await stage.shows("stale 40 s")
        assert "✗ Azure answers 503: busy" in stage.text
        assert "v41" in stage.text


async def test_what_was_never_read_shows_its_error_in_its_panel(open_app: Open, desk: ScriptedDesk) -> None:
    desk.drafted = None
    async with open_app() as stage:
        error = Layer(LayerStatus.ERROR, None, None, "403: you may not read pharmabot; ask for Reader")
        desk.publish(snapshot(code=error))
        await stage.shows("error, nothing read")
        assert "403: you may not read pharmabot; ask for Reader" in stage.text


async def test_without_a_good_version_r_is_grey_and_says_why(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = nothing_good()
    async with open_app() as stage:
        assert "r: v42 is the only revision that exists" in stage.text
        assert "no good version known" in stage.text
        await stage.press("r")
        await stage.shows("Roll back this layer: v42 is the only revision that exists")
        assert screen_name(stage) == "Dashboard"


async def test_a_run_that_is_under_way_is_shown_and_opened(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: run(18)}
    for key in ("enter", "r"):
        async with open_app() as stage:
            assert "● run 18: Rolling back code → v41, confirmed 9 s ago" in stage.text
            assert "enter to watch" in stage.text
            await stage.press(key)
            await stage.shows("Rolling back code → v41")
    assert desk.runners == []


async def test_a_desk_that_cannot_be_built_leaves_a_sentence(open_app: Open, build: object, clock: object) -> None:
    from screens.console_app import ConsoleApp, Surroundings

    class Mistake(Exception):
        sentence = "rollback.toml line 3: unknown key; did you mean target?"

    def broken(show_code: object) -> ScriptedDesk:
        raise Mistake

    app = ConsoleApp(broken, None, Surroundings(now=lambda: NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(100):
            await pilot.pause(0.01)
            if app.view.trouble:
                break
        assert "did you mean target?" in app.view.trouble
        await pilot.press("r", "enter", "w", "h", "question_mark", "escape", "q")


@pytest.mark.parametrize("action", [a for a in DASHBOARD if a.keys and a.name != "quit"], ids=lambda a: a.name)
async def test_read_only_no_action_reaches_the_runner(open_app: Open, desk: ScriptedDesk, action: object) -> None:
    desk.read_only = True
    async with open_app() as stage:
        assert "READ-ONLY" in stage.text
        await stage.press(action.keys[0])  # type: ignore[attr-defined]
        await stage.pilot.pause()
        await stage.press("y", "enter", "y")
        await stage.pilot.pause()
        assert desk.runners == []
        assert not any(type(screen).__name__ == "Confirm" for screen in stage.app.screen_stack)


async def test_a_new_age_alone_is_not_painted_before_the_tick(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        before = stage.app.view
        again = snapshot(signals=(breached(23.0),), at=NOW + timedelta(seconds=5))
        desk.publish(replace(again, code=replace(again.code, at=NOW)))
        await stage.until(lambda: stage.app._latest is desk.shown, "arrived")
        assert stage.app.view is before
        desk.publish(snapshot(signals=(breached(3.0),)))
        await stage.shows("✔ 5xx 3 %")


async def test_many_revisions_scroll_with_the_cursor(open_app: Open, desk: ScriptedDesk) -> None:
    rows = [revision(f"v{99 - index}", timedelta(hours=index + 1)) for index in range(60)]
    desk.shown = snapshot(code_state(*rows))
    async with open_app() as stage:
        await stage.press("G")
        await stage.shows("› v40")
        assert "az containerapp" in stage.text
        await stage.press("g")
        await stage.shows("› v99")


@pytest.mark.parametrize("actions", [DASHBOARD, CONFIRM, RUN, HISTORY, HELP])
def test_each_key_is_bound_once_and_explained(actions: tuple[object, ...]) -> None:
    keys = [key for action in actions for key in action.keys]  # type: ignore[attr-defined]
    assert len(keys) == len(set(keys))
    assert all(action.help and action.title for action in actions)  # type: ignore[attr-defined]


async def test_an_engine_that_stumbles_leaves_what_serves_on_the_screen(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("secret")

    async with open_app() as stage:
        monkeypatch.setattr(desk, "draft", broken)
        await stage.press("j", "enter")
        await stage.shows("No plan could be made: the console stumbled over TypeError")
        stage.app.tick()
        await stage.shows("Not everything could be read: the console stumbled over TypeError")
        assert "✗ Unhealthy" in stage.text
        assert "secret" not in stage.text
        monkeypatch.undo()
        stage.app.tick()
        await stage.until(lambda: "stumbled" not in stage.text, "well again")
