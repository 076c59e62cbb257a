"""The emergency: three fast ways out on one screen, from what is known now; a digit opens the usual dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from screens import conditions
from screens.action import bindings, items
from screens.actions import EMERGENCY
from screens.door import WayOut, sentence_of
from screens.drawing.emergency import emergency
from screens.drawing.text import Line
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


class Emergency(Screen[None]):
    """Stands at once, before anything is read; a digit always means the same way out."""

    BINDINGS = bindings(EMERGENCY)
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.ways: Sequence[WayOut] = ()
        self._blocked = self._message = ""

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        self.view_changed()

    def on_screen_resume(self) -> None:
        self.console.tick()

    def view_changed(self) -> None:
        """Asks what each way would change by the latest snapshot; nothing is read for it."""
        self._blocked = self._why_blocked()
        for canvas in self.query(Canvas):
            canvas.paint()

    def _why_blocked(self) -> str:
        """Takes over the ways; why nothing can be done at all, or nothing."""
        view, desk = self.console.view, self.console.desk
        if desk is None:
            return view.trouble or "reading the state"
        try:
            self.ways = desk.emergency()
        except Exception as error:
            return sentence_of(error)
        if view.open_run is not None and not view.read_only:
            return f"run {view.open_run.id} is under way: enter watches it, and s stops it there"
        return conditions.no_writing(view, "nothing is written from here") or ""

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        keys = items(EMERGENCY, self.console.view)
        return emergency(self.console.view, self.ways, self._blocked, self._message, keys, width, height)

    def _say(self, message: str) -> None:
        self._message = message
        self.view_changed()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("1", "2", "3"):
            event.stop()
            event.prevent_default()
            self._choose(int(event.key))

    def action_choose(self) -> None:
        """The digits come by on_key, which knows which."""

    def _choose(self, number: int) -> None:
        self._say("")
        way = next((one for one in self.ways if one.number == number), None)
        if self._blocked or way is None or way.intent is None:
            self._say(f"{number}: {self._blocked or (way.why_not if way else 'reading the state')}")
            return
        plan = self.console.draft(way.intent)
        if plan is not None:
            self.console.confirm(plan, way.intent)
        else:
            self._say(f"{number}: {self.console.why_not(way.intent) or 'nothing can be planned'}")

    def action_watch(self) -> None:
        run = self.console.view.open_run
        if run is not None:
            self.console.watch_run(run.id)
        else:
            self._say("no run is under way")

    def action_decide(self) -> None:
        """The tree; where it stands beneath, back to it."""
        if type(self.app.screen_stack[-2]).__name__ in ("Decide", "AtLeaf"):
            self.app.pop_screen()
            return
        said = self.console.open_decide()
        if said:
            self._say(said)

    def action_back(self) -> None:
        self.app.pop_screen()
