"""The dashboard: what serves, what changed, and the keys that do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from screens.actions import DASHBOARD, bindings, items
from screens.drawing.dashboard import Focus, dashboard
from screens.drawing.panels import panels
from screens.drawing.text import Line, short
from screens.drawing.view import View
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


class Dashboard(Screen[None]):
    """Draws the app's view. Every key that cannot work now says why instead."""

    BINDINGS = bindings(DASHBOARD)
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.focus_on = Focus()

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    @property
    def view(self) -> View:
        return self.console.view

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        return dashboard(self.view, self.focus_on, items(DASHBOARD, self.view), width, height)

    def paint(self) -> None:
        """Draws what changed."""
        self.focus_on = replace(self.focus_on, cursor=min(self.focus_on.cursor, max(len(self._names()) - 1, 0)))
        for canvas in self.query(Canvas):
            canvas.paint()

    def on_screen_resume(self) -> None:
        if self.console.desk is not None:
            self.console.desk.refresh()
        self.console.tick()

    def _names(self) -> tuple[str, ...]:
        return panels()[self.focus_on.panel].names(self.view, self.focus_on.filter)

    def _change(self, focus: Focus, message: str = "") -> None:
        self.focus_on = replace(focus, message=message)
        self.paint()

    def _say(self, message: str) -> None:
        self._change(self.focus_on, message)

    def _move(self, cursor: int) -> None:
        self._change(replace(self.focus_on, cursor=max(cursor, 0)))

    def _possible(self, name: str) -> bool:
        """Whether this action can be done now; where it cannot, the reason is said."""
        action = next(action for action in DASHBOARD if action.name == name)
        why_not = action.why_not(self.view)
        if why_not is not None:
            self._say(f"{action.title}: {why_not}")
        return why_not is None

    def on_key(self, event: events.Key) -> None:
        """While the filter is typed, keys are letters."""
        if not self.focus_on.filtering:
            return
        event.stop()
        focus = self.focus_on
        if event.key == "enter":
            self._change(replace(focus, filtering=False))
        elif event.key == "escape":
            self._change(replace(focus, filtering=False, filter=""))
        elif event.key == "backspace":
            self._change(replace(focus, filter=focus.filter[:-1], cursor=0))
        elif event.is_printable and event.character and len(focus.filter) < 40:
            self._change(replace(focus, filter=focus.filter + event.character, cursor=0))

    def action_roll_back(self) -> None:
        if self.view.open_run is not None and not self.view.read_only:
            self.console.watch_run(self.view.open_run.id)
        elif self._possible("roll_back") and self.view.draft is not None:
            self.console.confirm(self.view.draft, None)

    def action_open(self) -> None:
        if not self._possible("open"):
            return
        if self.view.open_run is not None:
            self.console.watch_run(self.view.open_run.id)
            return
        names = self._names()
        if names:
            self._choose(names[min(self.focus_on.cursor, len(names) - 1)])

    def _choose(self, revision: str) -> None:
        plan = self.console.draft(revision)
        if plan is not None:
            self.console.confirm(plan, revision)
            return
        serves = self.view.code is not None and self.view.code.weight(revision) == 100
        name = short(self.view.short(revision), 30)
        self._say(f"{name} has all the traffic already" if serves else f"no way to {name} can be planned now")

    def action_filter(self) -> None:
        self._change(replace(self.focus_on, filtering=True))

    def action_history(self) -> None:
        from screens.history import HistoryScreen

        if self.console.desk is not None:
            self.app.push_screen(HistoryScreen(self.console.desk))
        else:
            self._say("History: reading the state")

    def action_help(self) -> None:
        from screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_commands(self) -> None:
        self.console.open_palette()

    def action_write(self) -> None:
        if self._possible("write") and self.view.draft is not None:
            self._say(self.console.write_command(self.view.draft))

    def action_quit(self) -> None:
        self.app.exit(0)

    def action_down(self) -> None:
        self._move(self.focus_on.cursor + 1)

    def action_up(self) -> None:
        self._move(self.focus_on.cursor - 1)

    def action_first(self) -> None:
        self._move(0)

    def action_last(self) -> None:
        self._move(len(self._names()) - 1)

    def action_next_panel(self) -> None:
        layered = [index for index, panel in enumerate(panels()) if panel.layer is not None]
        later = [index for index in layered if index > self.focus_on.panel]
        chosen = later[0] if later else layered[0]
        only = "the only panel that can be rolled back" if chosen == self.focus_on.panel else ""
        self._change(replace(self.focus_on, panel=chosen), only)

    def action_back(self) -> None:
        self._change(replace(self.focus_on, filter="", filtering=False))
