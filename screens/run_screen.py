"""A run, live from its log: leaving it does not stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from console.domain.run import Run
from console.domain.snapshot import LayerStatus, Snapshot
from screens.action import bindings, items
from screens.actions import RUN
from screens.door import Desk, Offer, sentence_of
from screens.drawing.run import Beside, run_screen
from screens.drawing.text import Line
from screens.reading import NOT_MEASURED, read_log
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

LOOK_S = 0.25
ATTEND_S = 1.0

_TAKEN_UP = "its runner was lost; another one looks what came of it, and sends nothing"
_WAS_TAKEN_UP = "its runner was lost; another one looked what came of it, and sent nothing"
_LOST_AGAIN = "its runner was lost, and whoever took it up too: what came of it is not known. Do not send it again"


def read_since(run: Run, snapshot: Snapshot) -> bool:
    """Whether the state was read after the run had ended, or cannot be read any more."""
    layer = snapshot.code
    if layer.status is not LayerStatus.OK or layer.at is None or run.confirmed_at is None:
        return True
    return layer.at >= run.confirmed_at + timedelta(seconds=run.ended_s or 0.0)


class RunScreen(Screen[None]):
    """Draws one run while its log grows; a run that lost its runner is taken up, which sends nothing."""

    BINDINGS = bindings(RUN)
    AUTO_FOCUS = None

    def __init__(self, desk: Desk, run_id: int, take_up: bool = False) -> None:
        super().__init__()
        self._desk, self._run_id = desk, run_id
        self._wanted_up = take_up
        self.shown, self._message = read_log(lambda: desk.taken_up(run_id), None)
        plan = self.shown.plan if self.shown is not None else None
        self._usual_s, _ = read_log(lambda: desk.usual_s(plan.layer if plan else "code"), NOT_MEASURED)
        self._scrolled = 0
        self._offers: Sequence[Offer] = ()
        self._lost_again, self._taking_up, self._tended_at = False, False, float("-inf")

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        self._timer = self.set_interval(LOOK_S, self.look)
        if self._wanted_up:
            self._take_up()
        self.look()

    def look(self) -> None:
        """Reads the log again; an ended run is read no more, but what is offered after it may still change."""
        self.shown, trouble = read_log(lambda: self._desk.taken_up(self._run_id), self.shown)
        self._message = trouble or self._message
        if self.shown is not None and self.shown.outcome is None:
            self._tend(self.shown)
        elif self.shown is not None and not self._taking_up:
            self._timer.pause()
            self._desk.refresh()
            self.news_arrived()
        self._paint()

    def news_arrived(self) -> None:
        """What is still to do after the run, once its end has been read back: no number changes under a finger."""
        run = self.shown
        if run is not None and run.outcome is not None and read_since(run, self._desk.snapshot):
            self._offers, _ = read_log(lambda: self._desk.offers(run), self._offers)
            self._paint()

    def _tend(self, run: Run) -> None:
        """Sees once a second whether the run still has a runner."""
        now = self.console.around.monotonic()
        if self._taking_up or now - self._tended_at < ATTEND_S:
            return
        self._tended_at = now
        attended, _ = read_log(lambda: self._desk.attended(run.id), True)
        if not attended:
            self._lost_again = run.id in self.console.taken_up
            self.console.taken_up.add(run.id)
            self._take_up()

    def _take_up(self) -> None:
        self._taking_up = True
        self.console.spawn(self._start_looking())

    async def _start_looking(self) -> None:
        try:
            await asyncio.to_thread(self._desk.take_up, self._run_id)
        except Exception as error:
            self._message = f"It cannot be taken up: {sentence_of(error)}"
        self._taking_up = False
        self._offers = ()
        self._timer.resume()

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        beside = Beside(tuple(offer.title for offer in self._offers), self._lost(), self._desk.bypass)
        return run_screen(
            self.shown,
            self.console.around.now(),
            self._usual_s,
            items(RUN, self.shown),
            self._message,
            self._scrolled,
            width,
            height,
            beside,
        )

    def _lost(self) -> str:
        """That the run lost its runner, if it did, and who looks after it."""
        if self._run_id not in self.console.taken_up:
            return ""
        if self.shown is not None and self.shown.outcome is not None:
            return _WAS_TAKEN_UP
        return _LOST_AGAIN if self._lost_again else _TAKEN_UP

    def _paint(self) -> None:
        for canvas in self.query(Canvas):
            canvas.paint()

    def _say(self, message: str = "") -> None:
        self._message = message
        self._paint()

    def _why_not(self, name: str) -> str | None:
        action = next(action for action in RUN if action.name == name)
        why_not = action.why_not(self.shown)
        if why_not is not None:
            self._say(f"{action.title}: {why_not}")
        return why_not

    def on_key(self, event: events.Key) -> None:
        """A digit begins what is offered under it."""
        if event.key.isdigit() and 0 < int(event.key) <= len(self._offers):
            event.stop()
            self._begin(self._offers[int(event.key) - 1])

    def _begin(self, offer: Offer) -> None:
        why_not = "read-only" if self._desk.read_only else self.console.why_not(offer.intent)
        plan = None if why_not else self.console.draft(offer.intent)
        if plan is None:
            self._say(f"Not now: {why_not or 'no plan can be made'}")
        else:
            self.console.confirm(plan, offer.intent)

    def action_offer(self) -> None:
        self._say("nothing is offered under that number")

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_emergency(self) -> None:
        self.console.open_emergency()

    def action_stop(self) -> None:
        if self._why_not("stop") is None:
            self._desk.stop(self._run_id)
            self.look()

    def action_take_up(self) -> None:
        if self._why_not("take_up") is None:
            self._say("another runner looks what came of it; it sends nothing")
            self._take_up()

    def action_write(self) -> None:
        if self.shown is not None and self.shown.plan is not None:
            self._say(self.console.write_command(self.shown.plan))

    def action_down(self) -> None:
        self._scrolled += 1
        self._say()

    def action_up(self) -> None:
        self._scrolled = max(self._scrolled - 1, 0)
        self._say()
