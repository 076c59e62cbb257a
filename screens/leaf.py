"""A leaf of the decision tree: the runbook with the names of now, its plan one key away, and what is to do after."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.incident import Care
from console.domain.intent import Intent
from console.domain.plan import Plan
from screens import conditions
from screens.action import bindings, items
from screens.actions import LEAF
from screens.door import Desk, sentence_of
from screens.drawing.decide import digit
from screens.drawing.leaf import Standing, Tick, leaf_screen, ticks_of
from screens.drawing.text import Line
from screens.walking import Walking
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

NOTHING_WRITTEN = "nothing is written from here"


class AtLeaf(Screen[None]):
    """Where a walk ended. It plans from what is known now, and follows it."""

    BINDINGS = bindings(LEAF)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk, walking: Walking) -> None:
        super().__init__()
        self._desk, self._walking = desk, walking
        self._intent: Intent | None = None
        self._care: dict[str, Care] = {}
        self._furthest, self._page = 0, 1
        now = walking.now
        last = walking.resumed
        said = f"goes on where {last.by} left it at {last.at:%H:%M}Z; a asks anew" if last is not None else ""
        self.state = Standing(now, message=said, ticks=ticks_of(now.leaf) if now.leaf is not None else ())

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        self.view_changed()
        self._walking.arrive(self.state.leaf, self._look_after)

    def on_screen_resume(self) -> None:
        self.console.tick()
        self._look_after()

    def view_changed(self) -> None:
        """A new snapshot: the plan and the names in the runbook follow it."""
        plan, why_not = self._planned()
        self._show(replace(self.state, plan=plan, why_not=why_not))
        self.console.spawn(self._read_runbook(plan.by_hand if plan is not None else ""))

    def _planned(self) -> tuple[Plan | None, str]:
        """The plan that the leaf wants, from what is known; or why there is none, or why it may not run."""
        try:
            meant = self._desk.guide.meant(self.state.leaf)
        except Exception as error:
            return None, sentence_of(error)
        self._intent = meant.intent
        if meant.intent is None:
            return None, meant.why_not
        plan = self.console.draft(meant.intent)
        if plan is None:
            return None, self.console.why_not(meant.intent) or "nothing can be planned"
        return plan, conditions.no_writing(self.console.view, NOTHING_WRITTEN) or self.console.why_not(meant.intent)

    async def _read_runbook(self, by_hand: str) -> None:
        try:
            found = await asyncio.to_thread(self._desk.runbook, self.state.leaf, by_hand)
        except Exception as error:
            self._show(replace(self.state, runbook=None, unread=f"the runbook cannot be shown: {sentence_of(error)}"))
            return
        if self.state.runbook != found or self.state.unread:
            self._show(replace(self.state, runbook=found, unread=""))

    def _look_after(self) -> None:
        """What is ticked already, by whoever did it."""
        self.console.spawn(self._read_care())

    async def _read_care(self) -> None:
        try:
            told = await asyncio.to_thread(self._cared)
        except Exception as error:
            self._say(f"what is ticked cannot be read: {sentence_of(error)}")
            return
        self._care = {one.text: one for one in told if one.leaf == self.state.leaf.id}
        ticks = tuple(_ticked(tick, self._care.get(tick.text)) for tick in self.state.ticks)
        message = self._walking.trouble or self.state.message
        self._show(replace(self.state, ticks=ticks, message=message))

    def _cared(self) -> Sequence[Care]:
        incident = self._desk.incident
        return self._desk.guide.aftercare(incident.id) if incident is not None else ()

    def _show(self, state: Standing) -> None:
        self.state = state
        if not self.is_attached:
            return
        for canvas in self.query(Canvas):
            canvas.paint()

    def _say(self, message: str) -> None:
        self._show(replace(self.state, message=message))

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        drawn = leaf_screen(self.state, self.console.view, items(LEAF, self.state), width, height)
        self._furthest, self._page = drawn.furthest, drawn.page
        return drawn.lines

    # Keys

    def on_key(self, event: events.Key) -> None:
        """A digit ticks what stands under it, or takes the tick away."""
        if not event.key.isdigit():
            return
        event.stop()
        event.prevent_default()
        place = next((at for at in range(len(self.state.ticks)) if digit(at) == event.key), None)
        if place is None:
            self._say(f"nothing stands under {event.key}")
            return
        self._tick(place)

    def _tick(self, place: int) -> None:
        tick = self.state.ticks[place]
        care = self._care.get(tick.text)
        if care is not None:
            self.console.spawn(self._settle(care, not tick.done))
            return
        ticks = list(self.state.ticks)
        ticks[place] = replace(tick, done=not tick.done)
        said = self._walking.trouble or "not kept: it is not in the record yet"
        self._show(replace(self.state, ticks=tuple(ticks), message=f"ticked here only; {said}"))

    async def _settle(self, care: Care, done: bool) -> None:
        try:
            await asyncio.to_thread(self._desk.guide.settle, care.incident, care.number, done)
        except Exception as error:
            self._say(f"not kept: {sentence_of(error)}")
            return
        self._show(replace(self.state, message="done, kept in the incident" if done else "open again"))
        await self._read_care()

    def action_tick(self) -> None:
        """The digits come by on_key, which knows which."""

    def action_go(self) -> None:
        plan = self.state.plan
        why_not = self.state.no_plan
        if why_not is not None or plan is None or self._intent is None:
            self._say(f"No plan: {why_not}")
        else:
            self.console.confirm(plan, self._intent)

    def action_before(self) -> None:
        from screens.decide import Decide

        self._walking.back()
        self.app.switch_screen(Decide(self._desk, self._walking))

    def action_anew(self) -> None:
        from screens.decide import Decide

        self._walking.begin_anew()
        self.app.switch_screen(Decide(self._desk, self._walking))

    def action_note(self) -> None:
        from screens.note import Note

        self.app.push_screen(Note(self._desk.target), self._noted)

    def _noted(self, note: str | None) -> None:
        if note and note.strip():
            self._walking.add_note(self.state.leaf, note)
            self._say("the note is kept in the incident")

    def action_write(self) -> None:
        if self.state.plan is not None:
            self._say(self.console.write_command(self.state.plan))
        else:
            self._say(f"No command: {self.state.no_plan}")

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

    def action_first(self) -> None:
        self._scroll(-self._furthest)

    def action_last(self) -> None:
        self._scroll(self._furthest)

    def _scroll(self, by: int) -> None:
        to = min(max(min(self.state.offset, self._furthest) + by, 0), self._furthest)
        self._show(replace(self.state, offset=to))


def _ticked(tick: Tick, care: Care | None) -> Tick:
    """The tick as the record has it."""
    if care is None:
        return tick
    return replace(tick, done=care.done, by=care.by if care.done else "", at=care.at if care.done else None)
