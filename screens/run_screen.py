"""A run, live from its log: leaving it does not stop it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from screens.actions import RUN, bindings, items
from screens.door import Desk
from screens.drawing.run import run_screen
from screens.drawing.text import Line
from screens.reading import NOT_MEASURED, read_log
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

LOOK_S = 0.25


class RunScreen(Screen[None]):
    """Draws one run while its log grows."""

    BINDINGS = bindings(RUN)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk, run_id: int) -> None:
        super().__init__()
        self._desk, self._run_id = desk, run_id
        self.shown, self._message = read_log(lambda: desk.run(run_id), None)
        self._usual_s, _ = read_log(desk.usual_s, NOT_MEASURED)
        self._scrolled = 0

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        self._timer = self.set_interval(LOOK_S, self.look)

    def look(self) -> None:
        """Reads the log again; an ended run is read no more."""
        self.shown, trouble = read_log(lambda: self._desk.run(self._run_id), self.shown)
        self._message = trouble or self._message
        if self.shown is not None and self.shown.outcome is not None:
            self._timer.stop()
        self._paint()

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        now, usual = self.console.around.now(), self._usual_s
        return run_screen(
            self.shown, now, usual, items(RUN, self.shown), self._message, self._scrolled, width, height
        )

    def _paint(self) -> None:
        for canvas in self.query(Canvas):
            canvas.paint()

    def _say(self, message: str = "") -> None:
        self._message = message
        self._paint()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_stop(self) -> None:
        action = next(action for action in RUN if action.name == "stop")
        why_not = action.why_not(self.shown)
        if why_not is not None:
            self._say(f"Stop: {why_not}")
            return
        self._desk.stop(self._run_id)
        self.look()

    def action_write(self) -> None:
        if self.shown is not None and self.shown.plan is not None:
            self._say(self.console.write_command(self.shown.plan))

    def action_down(self) -> None:
        self._scrolled += 1
        self._say()

    def action_up(self) -> None:
        self._scrolled = max(self._scrolled - 1, 0)
        self._say()
