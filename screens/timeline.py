"""What changed when: one axis of time; a moment to restore the database to is picked here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.intent import Intent
from console.domain.run import Run
from screens.action import bindings, items
from screens.actions import TIMELINE
from screens.door import Desk, Observed
from screens.drawing.lanes import (
    Cursor,
    Timeline,
    first_cursor,
    in_lane,
    judged,
    moved,
    next_event,
    timeline,
    zoomed,
)
from screens.drawing.text import Line
from screens.drawing.timeline import cell_s, timeline_screen
from screens.reading import read_log
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

_RUNS = 200


class TimelineScreen(Screen[None]):
    """Draws what is known of time; the record is read in a thread."""

    BINDINGS = bindings(TIMELINE)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._runs: tuple[Run, ...] = ()
        self._observed: Sequence[Observed] = ()
        self._touched = False

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        self.known = self._known()
        self.cursor = first_cursor(self.known)
        self.console.spawn(self._read())

    def news_arrived(self) -> None:
        """A new snapshot: the cursor stays on its moment; what is untouched begins anew."""
        self.known = self._known()
        if not self._touched:
            self._show(first_cursor(self.known))
        else:
            self._show(replace(judged(self.known, self.cursor), message=self.cursor.message))

    async def _read(self) -> None:
        self._runs, said = await asyncio.to_thread(read_log, lambda: self._desk.runs(_RUNS), ())
        self._observed, _ = await asyncio.to_thread(read_log, self._desk.observed, ())
        if self.is_mounted:
            self.news_arrived()
            if said:
                self._say(said)

    def _known(self) -> Timeline:
        view = self.console.view
        return timeline(self._desk.snapshot, self._runs, view.incident, self._observed, self.console.around.now())

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        keys = items(TIMELINE, self.cursor)
        return timeline_screen(self.known, self.cursor, self.console.view, keys, width, height)

    def _show(self, cursor: Cursor) -> None:
        self.cursor = cursor
        for canvas in self.query(Canvas):
            canvas.paint()

    def _turn(self, cursor: Cursor) -> None:
        self._touched = True
        self._show(cursor)

    def _say(self, message: str) -> None:
        self._show(replace(self.cursor, message=message))

    def _step(self, cells: int) -> None:
        by = timedelta(seconds=cells * cell_s(self.cursor, self.size.width))
        self._turn(moved(self.known, self.cursor, self.cursor.at + by))

    def action_emergency(self) -> None:
        self.console.open_emergency()

    def action_left(self) -> None:
        self._step(-1)

    def action_right(self) -> None:
        self._step(1)

    def action_nearer(self) -> None:
        self._turn(zoomed(self.known, self.cursor, -1))

    def action_wider(self) -> None:
        self._turn(zoomed(self.known, self.cursor, 1))

    def action_event_before(self) -> None:
        self._turn(next_event(self.known, self.cursor, -1))

    def action_event_after(self) -> None:
        self._turn(next_event(self.known, self.cursor, 1))

    def action_down(self) -> None:
        self._turn(in_lane(self.known, self.cursor, 1))

    def action_up(self) -> None:
        self._turn(in_lane(self.known, self.cursor, -1))

    def action_restore(self) -> None:
        """A restore goes to a whole second before the bad change, never to one after it."""
        if self.cursor.why_not:
            self._say(f"Restore: {self.cursor.why_not}")
            return
        if self._desk.read_only:
            self._say("Restore: read-only: nothing is written from here")
            return
        at = self.cursor.at.replace(microsecond=0)
        intent = Intent(layer="schema", way="restore", at=f"{at:%Y-%m-%dT%H:%M:%SZ}")
        plan = self.console.draft(intent)
        if plan is not None:
            self.console.confirm(plan, intent)
        else:
            self._say(self.console.why_not(intent) or "no restore can be planned")

    def action_back(self) -> None:
        self.app.pop_screen()
