"""The help: every key, from the definitions that bind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from screens.action import bindings, items
from screens.actions import HELP, help_groups
from screens.drawing.help import help_screen, without_console
from screens.drawing.text import Line
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


class HelpScreen(Screen[None]):
    """Every key of every screen."""

    BINDINGS = bindings(HELP)
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self._scrolled = self._furthest = 0

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        view = cast("ConsoleApp", self.app).view
        groups = [*without_console(view.script, view.bypass), *help_groups()]
        lines, self._furthest = help_screen(groups, self._scrolled, items(HELP, None), width, height)
        return lines

    def _move(self, by: int) -> None:
        self._scrolled = min(max(self._scrolled + by, 0), self._furthest)
        self.query_one(Canvas).paint()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_first(self) -> None:
        self._move(-self._furthest)

    def action_last(self) -> None:
        self._move(self._furthest)
