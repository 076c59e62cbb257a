"""The decision tree, one question a screen: only a digit, y or n answers; a suggestion is never taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from screens.action import bindings, items
from screens.actions import DECIDE
from screens.door import Desk, Evidence, sentence_of
from screens.drawing.decide import Deciding, decide, place_of
from screens.drawing.text import Line
from screens.walking import Walking
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


class Unknown:
    """Evidence that could not be gathered."""

    suggested = None
    reason = ""

    def __init__(self, why: str) -> None:
        self.lines = (f"no evidence here: {why}",)


class Decide(Screen[None]):
    """Asks until there is nothing left to ask. Answers keep their keys while a question stands."""

    BINDINGS = bindings(DECIDE)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk, walking: Walking | None = None) -> None:
        super().__init__()
        self._desk, self._walking = desk, walking
        self._furthest, self._page = 0, 1
        self.state = Deciding()

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        """The tree is a small file, and the record a local one: both are read before the first picture."""
        if self._walking is None:
            try:
                self._walking = Walking(self._desk, self._desk.guide.tree(), self.console.spawn)
                self._walking.resume()
            except Exception as error:
                self._show(Deciding(trouble=sentence_of(error)))
                return
        self._ask()

    def on_screen_resume(self) -> None:
        self.view_changed()

    def view_changed(self) -> None:
        """A new snapshot: the evidence follows, the answers stay where they are."""
        if self.state.node is not None:
            self._show(replace(self.state, evidence=self._evidence()))

    def _ask(self, message: str = "") -> None:
        """Shows the question where the walk stands; at its end, the leaf."""
        walking = self._walking
        if walking is None:
            return
        now = walking.now
        if now.leaf is not None:
            from screens.leaf import AtLeaf

            self.app.switch_screen(AtLeaf(self._desk, walking))
            return
        said = message or walking.trouble or _taken_up(walking)
        self.state = Deciding(now.path, now.node, (), note=walking.note, message=said)
        self._show(replace(self.state, evidence=self._evidence()))

    def _evidence(self) -> Sequence[Evidence]:
        node = self.state.node
        try:
            return self._desk.guide.asked(node).evidence if node is not None else ()
        except Exception as error:
            return (Unknown(sentence_of(error)),)

    def _show(self, state: Deciding) -> None:
        self.state = state
        for canvas in self.query(Canvas):
            canvas.paint()

    def _say(self, message: str) -> None:
        self._show(replace(self.state, message=message))

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        drawn = decide(self.state, self.console.view, items(DECIDE, self.state), width, height)
        self._furthest, self._page = drawn.furthest, drawn.page
        return drawn.lines

    # Keys

    def on_key(self, event: events.Key) -> None:
        """A digit, y or n is an answer, and nothing else is."""
        node = self.state.node
        if not (event.key.isdigit() or event.key in ("y", "n")):
            return
        event.stop()
        event.prevent_default()
        place = place_of(node, event.key) if node is not None else None
        if node is None or place is None or self._walking is None:
            self._say(f"{event.key} is no answer here")
            return
        self._walking.answer(node.answers[place])
        self._ask()

    def action_answer(self) -> None:
        """The answers come by on_key, which knows which."""

    def action_accept(self) -> None:
        self._say("nothing is answered for you: press the answer's own key")

    def action_before(self) -> None:
        if self._walking is not None and self.state.path:
            self._walking.back()
            self._ask("the answer before is taken back")
        else:
            self._say("this is the first question; esc leaves")

    def action_anew(self) -> None:
        if self._walking is not None:
            self._walking.begin_anew()
            self._ask()

    def action_note(self) -> None:
        from screens.note import Note

        if self._walking is not None and self.state.node is not None:
            self.app.push_screen(Note(self._desk.target, self._walking.note), self._noted)

    def _noted(self, note: str | None) -> None:
        if note and self._walking is not None:
            self._walking.note = note.strip()
            self._show(replace(self.state, note=note.strip()))

    def action_emergency(self) -> None:
        self.console.open_emergency()

    def action_leave(self) -> None:
        self.app.pop_screen()

    def action_down(self) -> None:
        self._scroll(1)

    def action_up(self) -> None:
        self._scroll(-1)

    def action_further(self) -> None:
        self._scroll(self._page)

    def action_nearer(self) -> None:
        self._scroll(-self._page)

    def _scroll(self, by: int) -> None:
        to = min(max(min(self.state.offset, self._furthest) + by, 0), self._furthest)
        self._show(replace(self.state, offset=to))


def _taken_up(walking: Walking) -> str:
    """That the walk goes on where it was left, by whom and when."""
    last = walking.resumed
    return f"goes on where {last.by} left it at {last.at:%H:%M}Z; a asks anew" if last is not None else ""
