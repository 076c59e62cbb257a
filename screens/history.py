"""Earlier runs: choose one to see how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.run import Run
from screens.actions import HISTORY, bindings, items
from screens.door import Desk
from screens.drawing.history import history
from screens.drawing.text import Line
from screens.reading import read_log
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


class HistoryScreen(Screen[None]):
    """The run log of this target, newest first."""

    BINDINGS = bindings(HISTORY)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._runs: tuple[Run, ...] | None = None
        self._trouble, self._cursor = "", 0

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_screen_resume(self) -> None:
        self.console.spawn(self._read())

    async def _read(self) -> None:
        self._runs, self._trouble = await asyncio.to_thread(read_log, self._desk.runs, self._runs or ())
        self._move(self._cursor)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        count = len(self._runs or ())
        now, keys = self.console.around.now(), items(HISTORY, count)
        return history(self._desk.target, self._runs, self._trouble, self._cursor, now, keys, width, height)

    def _move(self, to: int) -> None:
        self._cursor = min(max(to, 0), max(len(self._runs or ()) - 1, 0))
        for canvas in self.query(Canvas):
            canvas.paint()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_open(self) -> None:
        if self._runs:
            self.console.watch_run(self._runs[self._cursor].id)

    def action_down(self) -> None:
        self._move(self._cursor + 1)

    def action_up(self) -> None:
        self._move(self._cursor - 1)

    def action_first(self) -> None:
        self._move(0)

    def action_last(self) -> None:
        self._move(len(self._runs or ()))
