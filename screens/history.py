"""Incidents and their runs: choose a run to see how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.run import Run
from screens.action import bindings, items
from screens.actions import HISTORY
from screens.door import Desk
from screens.drawing.history import Past, history, ordered
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
        self.past = Past()
        self._trouble, self._message, self._cursor = "", "", 0

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_screen_resume(self) -> None:
        self.console.spawn(self._read())

    async def _read(self) -> None:
        self.past, self._trouble = await asyncio.to_thread(read_log, self._ask, self.past)
        self._move(self._cursor)

    def _ask(self) -> Past:
        return Past(self._desk.runs(), self._desk.incidents(), read=True)

    @property
    def _chosen(self) -> Run | None:
        runs = ordered(self.past)
        return runs[self._cursor] if self._cursor < len(runs) else None

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        now, keys = self.console.around.now(), items(HISTORY, len(self.past.runs))
        target, cursor = self._desk.target, self._cursor
        return history(target, self.past, self._trouble, cursor, now, keys, self._message, width, height)

    def _move(self, to: int) -> None:
        self._cursor = min(max(to, 0), max(len(self.past.runs) - 1, 0))
        self._say("")

    def _say(self, message: str) -> None:
        self._message = message
        for canvas in self.query(Canvas):
            canvas.paint()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_emergency(self) -> None:
        self.console.open_emergency()

    def action_open(self) -> None:
        if self._chosen is not None:
            self.console.watch_run(self._chosen.id)

    def action_export(self) -> None:
        self.console.spawn(self._export())

    async def _export(self) -> None:
        number = self._chosen.incident if self._chosen is not None else None
        incident = next((one for one in self.past.incidents if one.id == number), None)
        self._say(await self.console.export_postmortem(incident))

    def action_down(self) -> None:
        self._move(self._cursor + 1)

    def action_up(self) -> None:
        self._move(self._cursor - 1)

    def action_first(self) -> None:
        self._move(0)

    def action_last(self) -> None:
        self._move(len(self.past.runs))
