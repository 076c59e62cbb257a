"""The version picker: every version of one item, the text of the chosen one against the active one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.intent import Intent
from console.domain.snapshot import Environment, Snapshot
from screens.action import bindings, items
from screens.actions import VERSIONS
from screens.door import Desk, sentence_of
from screens.drawing.text import Line, Span, Tone, line
from screens.drawing.version_list import Version, active, filtered, versions
from screens.drawing.versions import Pane, Picking, Surround, list_rows, picker
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

PAUSE_S = 0.12
KEPT = 32
_NO_INTENT_ITEM = ("embedding", "schema")


class Versions(Screen[None]):
    """Draws what is seen of the versions alone; texts are read on demand, and never hold a key up."""

    BINDINGS = bindings(VERSIONS)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk, layer: str, item: str) -> None:
        super().__init__()
        self._desk = desk
        self.picking = Picking(layer, item)
        self._pane = Pane()
        self._texts: dict[str, str] = {}
        self._turn = 0
        self._width, self._state = 80, object()
        self._take(desk.snapshot)

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        self._choose(self._first_choice())

    def on_resize(self, event: events.Resize) -> None:
        self._width = event.size.width
        self._compare()

    def news_arrived(self) -> None:
        """A new snapshot: the cursor stays on its version."""
        before = self.picking.chosen
        self._take(self._desk.snapshot)
        places = (place for place, index in enumerate(self.picking.found) if self.picking.versions[index] == before)
        self._show(replace(self.picking, cursor=next(places, self.picking.cursor)))

    def _take(self, snapshot: Snapshot) -> None:
        self._history, state = snapshot.history, snapshot.layer(self.picking.layer).state
        if state is not self._state:
            self._state = state
            known = versions(snapshot, self.picking.layer, self.picking.item)
            found = filtered(known, self.picking.filter)
            self.picking = replace(self.picking, versions=known, found=found, active=active(known))

    def _first_choice(self) -> int:
        """The version before the one that serves: most likely what is wanted."""
        serving = next((place for place, one in enumerate(self.picking.versions) if one.serves), -1)
        return min(serving + 1, max(len(self.picking.versions) - 1, 0))

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        desk = self._desk
        around = Surround(
            desk.target, desk.environment is Environment.PRODUCTION, self._history, self.console.around.now()
        )
        return picker(self.picking, self._pane, around, items(VERSIONS, self.picking), width, height)

    def _show(self, picking: Picking) -> None:
        self.picking = picking
        for canvas in self.query(Canvas):
            canvas.paint()

    def _choose(self, cursor: int) -> None:
        cursor = min(max(cursor, 0), max(len(self.picking.found) - 1, 0))
        self._show(replace(self.picking, cursor=cursor, offset=0, message="", refused=self._refused()))
        self._compare()

    def _refused(self) -> str:
        if self._desk.read_only:
            return "read-only: nothing is written from here"
        run = self.console.view.open_run
        return f"run {run.id} is under way" if run is not None else ""

    # The text of the chosen version

    def _compare(self) -> None:
        """Has the chosen text read and compared, in the background; a newer choice takes its place."""
        self._turn += 1
        chosen = self.picking.chosen
        if self.picking.has_text and chosen is not None and self.is_mounted:
            self.console.spawn(self._compared(self._turn, chosen, self.picking.active))

    async def _compared(self, turn: int, chosen: Version, serves: Version | None) -> None:
        wanted = [one for one in (serves, chosen) if one is not None]
        title = f"{serves.shown}, which serves → {chosen.shown}" if serves else chosen.shown
        if any(one.version not in self._texts for one in wanted):
            await asyncio.sleep(PAUSE_S)
            if turn != self._turn:
                return
            self._pane = Pane(title, [line("   ", Span("reading the text…", Tone.DIM))])
            self._show(self.picking)
        try:
            texts = [await self._text(one) for one in wanted]
        except Exception as error:
            self._shown(turn, Pane(title, [line("   ", Span(f"✗ {sentence_of(error)}", Tone.BAD))]))
            return
        self._shown(turn, Pane(title, await asyncio.to_thread(self._drawn(), texts)))

    def _drawn(self) -> Callable[[list[str]], list[Line]]:
        """How the texts are drawn now."""
        from screens.drawing.difference import plain_text, side_by_side, unified

        width, compared = self._width, side_by_side if self.picking.side else unified

        def drawn(texts: list[str]) -> list[Line]:
            same = len(texts) == 1 or self.picking.active == self.picking.chosen
            return plain_text(texts[-1], width) if same else compared(texts[0], texts[1], width)

        return drawn

    async def _text(self, one: Version) -> str:
        if one.version not in self._texts:
            text = await self._desk.passage(self.picking.layer, self.picking.item, one.version)
            while len(self._texts) >= KEPT:
                self._texts.pop(next(iter(self._texts)))
            self._texts[one.version] = text
        return self._texts[one.version]

    def _shown(self, turn: int, pane: Pane) -> None:
        if turn == self._turn and self.is_mounted:
            self._pane = pane
            self._show(self.picking)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """While the filter is typed, keys are letters."""
        picking = self.picking
        if not picking.filtering:
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self._show(replace(picking, filtering=False))
        elif event.key == "escape":
            self._filter("", False)
        elif event.key == "backspace":
            self._filter(picking.filter[:-1], True)
        elif event.is_printable and event.character and len(picking.filter) < 40:
            self._filter(picking.filter + event.character, True)

    def _filter(self, text: str, filtering: bool) -> None:
        found = filtered(self.picking.versions, text)
        self.picking = replace(self.picking, filter=text, filtering=filtering, found=found)
        self._choose(0)

    def action_back(self) -> None:
        if self.picking.filter:
            self._filter("", False)
        else:
            self.app.pop_screen()

    def action_emergency(self) -> None:
        self.console.open_emergency()

    def action_open(self) -> None:
        picking, chosen = self.picking, self.picking.chosen
        if picking.why_not or chosen is None:
            self._show(replace(picking, message=f"Choose: {picking.why_not}"))
            return
        item = None if picking.layer in _NO_INTENT_ITEM else picking.item
        intent = Intent(layer=picking.layer, item=item, to=chosen.version)
        plan = self.console.draft(intent)
        if plan is not None:
            self.console.confirm(plan, intent)
        else:
            self._show(replace(picking, message=self.console.why_not(intent) or "nothing can be planned"))

    def action_mark(self) -> None:
        from screens.mark import Mark

        chosen, item = self.picking.chosen, self.picking.item
        if chosen is not None:
            dialog = Mark(self._desk, chosen.key, f"{item} {chosen.shown}")
            self.app.push_screen(dialog, lambda said: self._show(replace(self.picking, message=said or "")))

    def action_filter(self) -> None:
        self._show(replace(self.picking, filtering=True))

    def action_diff(self) -> None:
        if self.picking.has_text:
            self.picking = replace(self.picking, side=not self.picking.side, offset=0)
            self._compare()
            self._show(self.picking)

    def action_further(self) -> None:
        self._scroll(1)

    def action_nearer(self) -> None:
        self._scroll(-1)

    def _scroll(self, pages: int) -> None:
        """By as many lines as are seen, less one."""
        seen = max(self.size.height - list_rows(self.picking, self.size.height) - 6, 1)
        furthest = max(len(self._pane.lines) - seen, 0)
        to = min(max(self.picking.offset + pages * seen, 0), furthest)
        self._show(replace(self.picking, offset=to))

    def action_down(self) -> None:
        self._choose(self.picking.cursor + 1)

    def action_up(self) -> None:
        self._choose(self.picking.cursor - 1)

    def action_first(self) -> None:
        self._choose(0)

    def action_last(self) -> None:
        self._choose(len(self.picking.found) - 1)
