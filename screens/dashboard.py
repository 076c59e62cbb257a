"""The dashboard: what serves, what changed, and the keys that do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.bundle import APP_WIDE
from console.domain.intent import ALL, Intent
from console.domain.signal import SignalState
from screens.action import Action, bindings, items
from screens.actions import DASHBOARD
from screens.drawing.dashboard import Focus, dashboard, present
from screens.drawing.panels import Panel, panel_named
from screens.drawing.text import Line
from screens.drawing.view import View
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


SETTLED_S = 30.0


def ranked_on_all(view: View) -> bool:
    """Whether every layer was read and every signal judged: what is ranked before may still move."""
    signals = view.snapshot.signals if view.snapshot else ()
    return not view.changes.unread and all(one.state is not SignalState.NO_DATA for one in signals)


class Dashboard(Screen[None]):
    """Draws the app's view. Every key that cannot work now says why instead."""

    BINDINGS = bindings(DASHBOARD)
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.focus_on = Focus()
        self._settled, self._placed_at = False, 0.0

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    @property
    def view(self) -> View:
        """What the app knows, the focused layer, and the row that is chosen here."""
        return self._seen(self._names())

    def _seen(self, names: Sequence[str]) -> View:
        chosen = names[min(self.focus_on.cursor, len(names) - 1)] if names else None
        return replace(self.console.view, chosen=chosen, layer=self._panel.layer)

    @property
    def _panel(self) -> Panel:
        return panel_named(self.focus_on.panel)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        view = self.view
        return dashboard(view, self.focus_on, items(DASHBOARD, view), width, height)

    def paint(self) -> None:
        """Draws what changed."""
        self._begin_at_suspect()
        self.focus_on = replace(self.focus_on, cursor=min(self.focus_on.cursor, max(len(self._names()) - 1, 0)))
        for canvas in self.query(Canvas):
            canvas.paint()

    def _begin_at_suspect(self) -> None:
        """The first suspect has the focus while no key has been pressed, until the ranking rests on everything."""
        view, now = self.console.view, self.console.around.monotonic()
        first = view.changes.first
        if self._settled or first is None or not view.connected:
            return
        self._placed_at = self._placed_at or now
        self._settled = ranked_on_all(view) or now - self._placed_at > SETTLED_S or not self.console.untouched
        layer = "code" if first.change.layer == APP_WIDE else first.change.layer
        panel = next((one for one in present(view) if one.layer == layer), None)
        if panel is not None and self.console.untouched and panel.name != self.focus_on.panel:
            self.focus_on = Focus(panel.name)

    def on_screen_resume(self) -> None:
        if self.console.desk is not None:
            self.console.desk.refresh()
        self.console.tick()

    def _names(self) -> tuple[str, ...]:
        return self._panel.names(self.console.view, self.focus_on.filter)

    def _change(self, focus: Focus, message: str = "") -> None:
        self.focus_on = replace(focus, message=message)
        self.paint()

    def _say(self, message: str) -> None:
        self._change(self.focus_on, message)

    def _move(self, cursor: int) -> None:
        self._change(replace(self.focus_on, cursor=max(cursor, 0)))

    def why_not(self, action: Action[View]) -> str:
        """Why this action cannot be done now, or nothing; where it begins with a plan, the engine is asked."""
        view = self.view
        said = action.why_not(view)
        if said is None and action.intent is not None:
            return self.console.why_not(action.intent(view))
        return said or ""

    def _possible(self, name: str) -> bool:
        """Whether this action can be done now; where it cannot, the reason is said."""
        action = _named(name)
        why_not = self.why_not(action)
        if why_not:
            self._say(f"{action.title}: {why_not}")
        return not why_not

    def _begin(self, name: str) -> None:
        """Opens the dialog for an action that begins with a plan."""
        action = _named(name)
        if not self._possible(name) or action.intent is None:
            return
        intent = action.intent(self.view)
        plan = self.console.draft(intent) if intent is not None else None
        if intent is not None and plan is not None:
            self.console.confirm(plan, intent)

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
        elif self._possible("roll_back"):
            self._confirm(self.view.layer)

    def action_roll_back_all(self) -> None:
        if self._possible("roll_back_all"):
            self._confirm(ALL)

    def _confirm(self, layer: str | None) -> None:
        plan = self.view.drafts.get(layer) if layer is not None else None
        if layer is not None and plan is not None:
            self.console.confirm(plan, Intent(layer=layer))

    def action_open(self) -> None:
        if not self._possible("open"):
            return
        if self.view.open_run is not None:
            self.console.watch_run(self.view.open_run.id)
            return
        view, desk = self.view, self.console.desk
        if view.revision is not None:
            self._choose(view.revision)
        elif view.chosen is not None and view.layer is not None and desk is not None:
            from screens.versions import Versions

            self.app.push_screen(Versions(desk, view.layer, view.chosen))

    def action_emergency(self) -> None:
        self.console.open_emergency()

    def action_decide(self) -> None:
        self._say(self.console.open_decide())

    def action_timeline(self) -> None:
        from screens.timeline import TimelineScreen

        if self._possible("timeline") and self.console.desk is not None:
            self.app.push_screen(TimelineScreen(self.console.desk))

    def _choose(self, revision: str) -> None:
        intent = Intent(to=revision)
        plan = self.console.draft(intent)
        if plan is not None:
            self.console.confirm(plan, intent)
        elif not self.console.view.trouble:
            self._say(self.console.why_not(intent))

    def action_undo(self) -> None:
        self._begin("undo")

    def action_deactivate(self) -> None:
        self._begin("deactivate")

    def action_unpin(self) -> None:
        self._begin("unpin")

    def action_back_up(self) -> None:
        self._begin("back_up")

    def action_shadow(self) -> None:
        self._begin("shadow")

    def action_remove_shadow(self) -> None:
        self._begin("remove_shadow")

    def action_drop_index(self) -> None:
        self._begin("drop_index")

    def action_calls(self) -> None:
        from screens.calls import Calls

        view = self.view
        item = view.chosen if view.layer == "prompt" else None
        if self._possible("calls") and view.snapshot is not None:
            self.app.push_screen(Calls(view.snapshot, item), self._said)

    def action_take_up(self) -> None:
        run = self.view.last_run
        if self._possible("take_up") and run is not None:
            self.console.watch_run(run.id, take_up=True)

    def action_mark(self) -> None:
        from screens.mark import Mark

        desk, view = self.console.desk, self.view
        marked = view.revision or view.marked_as
        if self._possible("mark") and desk is not None and marked is not None:
            self.app.push_screen(Mark(desk, marked, view.short(marked)), self._said)

    def action_incident(self) -> None:
        from screens.incident import Beginning

        desk = self.console.desk
        if self._possible("incident") and desk is not None:
            self.app.push_screen(Beginning(desk), self._said)

    def _said(self, sentence: str | None) -> None:
        """What came of a dialog."""
        self.console.tick()
        self._say(sentence or "")

    def action_export(self) -> None:
        if self._possible("export"):
            self.console.spawn(self._export())

    async def _export(self) -> None:
        self._say(await self.console.export_postmortem(self.view.incident))

    def action_theme(self) -> None:
        self._say(self.console.next_theme())

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
        plan = self.view.focused
        if self._possible("write") and plan is not None:
            self._say(self.console.write_command(plan))

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
        self._turn(1)

    def action_previous_panel(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """The next panel of those that are there; its own filter and row begin anew."""
        shown = [panel.name for panel in present(self.console.view)]
        place = shown.index(self.focus_on.panel) if self.focus_on.panel in shown else 0
        self._change(Focus(shown[(place + by) % len(shown)]))

    def action_back(self) -> None:
        self._change(replace(self.focus_on, filter="", filtering=False))


def _named(name: str) -> Action[View]:
    return next(action for action in DASHBOARD if action.name == name)
