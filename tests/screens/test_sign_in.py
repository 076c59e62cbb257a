"""A device code inside the app, and the themes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.domain.snapshot import Layer, LayerStatus
from tests.screens.conftest import Open
from tests.screens.scripted_desk import NOW, ScriptedDesk, snapshot


@dataclass
class Code:
    user_code: str = "H7QX-ZZ2P"
    verification_uri: str = "https://microsoft.com/devicelogin"
    expires_on: datetime = NOW + timedelta(minutes=15)


def screen_name(stage: Any) -> str:
    return type(stage.app.screen).__name__


async def test_a_code_stands_above_everything_until_azure_has_answered(open_app: Open, desk: ScriptedDesk) -> None:
    desk.shown = snapshot(code=Layer(LayerStatus.ABSENT), identity=None)
    async with open_app() as stage:
        # When Azure wants a person to sign in
        desk.show_code(Code())

        # Then the address and the code are there, whole
        await stage.shows("H7QX-ZZ2P")
        assert "https://microsoft.com/devicelogin" in stage.text
        assert "03:27Z, 15 min from now" in stage.text

        # And a newer code takes its place
        desk.show_code(Code("BBBB-CCCC"))
        await stage.shows("BBBB-CCCC")
        assert "H7QX" not in stage.text

        # And it goes away by itself
        desk.publish(snapshot())
        await stage.shows("r code→v41")
        assert "sign in" not in stage.text


async def test_esc_hides_the_code_and_the_dashboard_goes_on_saying_it(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        desk.show_code(Code())
        await stage.shows("H7QX-ZZ2P")
        await stage.press("q", "y", "enter", "escape")
        await stage.shows("To sign in to Azure, open https://microsoft.com/devicelogin and enter the code")
        assert "H7QX-ZZ2P before 03:27Z." in stage.text
        assert "r code→v41" in stage.text
        desk.publish(snapshot(signals=()))
        await stage.until(lambda: "To sign in" not in stage.text, "signed in")


async def test_a_dialog_that_a_code_has_covered_must_be_seen_again(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        desk.show_code(Code())
        await stage.until(lambda: screen_name(stage) == "SignIn", "the code")
        await stage.press("y")
        assert not desk.runners[0].went
        await stage.press("escape")
        await stage.shows("y: waiting for your terminal")
        await stage.press("y")
        assert not desk.runners[0].went
        await stage.make_y_live()


async def test_a_code_that_comes_while_a_run_is_handed_over_does_not_stop_it(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as stage:
        await stage.open_dialog()
        await stage.make_y_live()
        go = desk.runners[0].go

        def slowly() -> None:
            desk.show_code(Code())
            go()

        monkeypatch.setattr(desk.runners[0], "go", slowly)
        await stage.press("y")
        await stage.until(lambda: desk.runners[0].went, "went")
        await stage.until(lambda: screen_name(stage) in ("RunScreen", "SignIn"), "the run")
        assert not any(type(screen).__name__ == "Confirm" for screen in stage.app.screen_stack)


async def test_the_palette_goes_through_the_themes(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with open_app() as stage:
        for words, theme in (
            ("theme: light", "console-light"),
            ("theme: the terminal's sixteen colours", "ansi-dark"),
            ("theme: dark", "console"),
        ):
            stage.app.screen.action_theme()
            await stage.shows(words)
            assert stage.app.theme == theme


async def test_no_color_wins_over_every_theme(
    build: Any, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = build(desk, look="light")
    async with app.run_test(size=(80, 24)):
        assert app.theme == "ansi-dark"
        assert app.next_theme() == "NO_COLOR is set: no theme has a colour"
        assert app.theme == "ansi-dark"
