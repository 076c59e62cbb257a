"""The confirming dialog: it stands at once, and `y` lives only when the state is fresh, seen and still."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from console.domain.intent import Intent
from console.domain.plan import Plan
from screens.action import for_key
from screens.actions import CONFIRM
from screens.door import Desk, sentence_of
from screens.drawing.confirm import Circumstances, Dialog, dialog
from screens.drawing.text import Line
from screens.handover import NOTHING_SENT, Handover
from screens.outer_terminal import Way
from screens.readiness import Facts, Verdict, judge, why_typing
from screens.reading import NOT_MEASURED, read_log
from screens.seen import Sighting
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

LOOK_S = 0.1
_AGAIN_S = 2.0


class Confirm(ModalScreen[None]):
    """One plan, waiting for one key. Whatever happens before that key, nothing is sent."""

    AUTO_FOCUS = None
    DEFAULT_CSS = "Confirm { background: $background; }"

    def __init__(self, desk: Desk, draft: Plan, intent: Intent) -> None:
        super().__init__()
        self._desk, self._intent = desk, intent
        self._left = self._going = False
        self._turn = 0
        self._way: Way | None = None
        self._message, self._scrolled, self._seen_to = "", 0, 0
        self._furthest = self._page = 0
        self.facts = Facts(draft, 0.0, 0.0, 0.0)
        self._usual_s: tuple[float, ...] = ()

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def on_mount(self) -> None:
        now = self.console.around.monotonic()
        self.facts = replace(self.facts, now=now, opened_at=now, last_key_at=now)
        self._usual_s, _ = read_log(lambda: self._desk.usual_s(self.facts.plan.layer), NOT_MEASURED)
        self._sighting = Sighting(self._write, self.console.around.monotonic, self.console.around.choose_cell)
        self._handover = Handover(self._desk, self.console.spawn, self.look)
        self._handover.start()
        self.console.spawn(self._find_way())
        self.console.spawn(self._propose(self._turn))
        self.set_interval(LOOK_S, self.look)

    def on_unmount(self) -> None:
        self._left = True
        if self._way is not None:
            threading.Thread(target=self._way.restore, name="tmux-restore").start()

    def on_screen_resume(self) -> None:
        """What stood before it may have hidden it: it has to be seen again."""
        if self._way is not None:
            self._ask()

    def on_resize(self) -> None:
        """Another size is another picture."""
        if self._way is not None:
            self._scrolled = self._seen_to = 0
            self._ask()

    # What is waited for

    async def _find_way(self) -> None:
        way = await asyncio.to_thread(self.console.around.find_way)
        if self._left:
            await asyncio.to_thread(way.restore)
            return
        self._way = way
        if way.none:
            self._sighting.give_up()
        else:
            self._ask()

    def _ask(self) -> None:
        """Asks the terminal behind the last byte of the picture that is about to be painted."""
        self._sighting.forget()
        self._paint()
        self.call_after_refresh(self._send_question)

    def _send_question(self) -> None:
        if self._way is not None and not self._way.none and not self._left:
            self._sighting.ask(self.app.size.width, self.app.size.height, self._way.wrap)

    def _write(self, sequence: str) -> None:
        """Behind everything painted so far: the driver's writer is a queue, and the only way to the terminal."""
        driver = self.app._driver
        if driver is not None:
            driver.write(sequence)
            driver.flush()

    def terminal_answered(self, x: int, y: int) -> None:
        """A cursor position report."""
        self._sighting.answered(x, y)
        self.look()

    async def _propose(self, turn: int) -> None:
        """Reads afresh until it has an answer, for as long as the dialog stands and wants this way."""
        while turn == self._turn and not self._left:
            if await self._proposed(turn, self._intent):
                return
            await asyncio.sleep(_AGAIN_S)

    async def _proposed(self, turn: int, intent: Intent) -> bool:
        """One reading afresh; whether there is an answer. One for a way no longer wanted counts for nothing."""
        from console.plan import NothingToDo

        try:
            plan = await self._desk.propose(intent)
        except NothingToDo as error:
            if turn == self._turn:
                self._end(f"{error.sentence}: {NOTHING_SENT}")
        except Exception as error:
            if turn == self._turn:
                self.facts = replace(self.facts, unreachable=sentence_of(error))
                self.look()
            return False
        else:
            if turn == self._turn:
                self._arrived(plan)
        return True

    def _arrived(self, plan: Plan) -> None:
        """The fresh plan. Where it differs from what was shown, it has to be seen, and kept still, anew."""
        if self._left or self._going:
            return
        before = self.facts
        differs = plan != before.plan
        eased = before.plan.needs_typing and not plan.needs_typing and not before.typed
        typing = "" if eased else before.typing
        self.facts = replace(before, plan=plan, fresh=True, unreachable="", typing=typing)
        if differs:
            self.facts = replace(self.facts, last_key_at=self.console.around.monotonic(), typed="")
            self._scrolled = self._seen_to = 0
            self._ask()
        self.look()

    def _end(self, sentence: str) -> None:
        """From now on nothing can be confirmed here."""
        self.facts = replace(self.facts, over=self.facts.over or sentence)
        if not self._left:
            self._paint()

    # What is known now

    def look(self) -> None:
        """Looks at the clock, the runner and the terminal, and draws what changed."""
        if self._left or self._going or not self.is_mounted:
            return
        runner, waiting = self._handover.look()
        facts = replace(self.facts, runner=runner, waiting=waiting, over=self.facts.over or self._handover.over)
        facts = replace(facts, now=self.console.around.monotonic(), sight=self._sighting.sight)
        facts = replace(facts, offered=self._handover.offered == facts.plan)
        self.facts = replace(facts, typing=why_typing(facts))
        if facts.fresh and not facts.plan.refused and not facts.over:
            self._handover.offer(facts.plan)
        self._paint()

    def verdict(self) -> Verdict:
        """Whether the confirming key is live, and what it waits for."""
        return judge(self.facts)

    def _around(self) -> Circumstances:
        read = "state read just now" if self.facts.fresh else "from the last reading; reading afresh"
        return Circumstances(self._usual_s, self._desk.survives_logout, read, self._desk.bypass)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        drawn = self._dialog(width, height)
        self._furthest, self._page = drawn.furthest, drawn.page
        self._seen_to = max(self._seen_to, drawn.shown_to)
        unread = max(drawn.wanted - self._seen_to, 0)
        if unread != self.facts.unread:
            self.facts = replace(self.facts, unread=unread)
            drawn = self._dialog(width, height)
        return drawn.lines

    def _dialog(self, width: int, height: int) -> Dialog:
        facts = self.facts
        return dialog(
            facts.plan, self._around(), judge(facts), facts.typed, self._message, self._scrolled, width, height
        )

    def _paint(self) -> None:
        for canvas in self.query(Canvas):
            canvas.paint()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Every key comes here and goes nowhere else; each one makes `y` wait again."""
        event.stop()
        event.prevent_default()
        if self._going or self._left:
            return
        now = self.console.around.monotonic()
        still_since = max(self.facts.last_key_at, self.console.previous_key_at)
        self.facts = replace(self.facts, now=now, last_key_at=still_since, sight=self._sighting.sight)
        verdict = self.verdict()
        self._message = ""
        if verdict.typing and not verdict.dead:
            self._type(event, verdict)
        else:
            self._press(event.key, verdict)
        self.facts = replace(self.facts, last_key_at=now)
        self.look()

    def _press(self, key: str, verdict: Verdict) -> None:
        action = for_key(CONFIRM, key)
        if action is None:
            return
        if action.name == "go":
            if verdict.live:
                self._go()
            return
        if action.name == "way":
            self._choose_way(int(key) - 1)
            return
        getattr(self, f"action_{action.name}")()

    def _type(self, event: events.Key, verdict: Verdict) -> None:
        """The target's name, letter by letter: here `n`, `w` and `y` are letters."""
        if event.key == "escape":
            self.action_leave()
        elif event.key == "enter":
            if verdict.live:
                self._go()
        elif event.key == "backspace":
            self.facts = replace(self.facts, typed=self.facts.typed[:-1])
        elif event.key in ("down", "up", "tab", "pagedown"):
            self._press(event.key, verdict)
        elif event.is_printable and event.character:
            self.facts = replace(self.facts, typed=(self.facts.typed + event.character)[:200])

    def action_leave(self) -> None:
        """Nothing is sent; the runner ends."""
        self._left = True
        self._handover.leave()
        self.dismiss(None)

    def action_write(self) -> None:
        self._message = self.console.write_command(self.facts.plan)

    def action_down(self) -> None:
        self._scroll(min(self._scrolled + 1, self._furthest))

    def action_up(self) -> None:
        self._scroll(max(self._scrolled - 1, 0))

    def action_page(self) -> None:
        self._scroll(min(self._scrolled + self._page, self._furthest))

    def action_next_way(self) -> None:
        plan = self.facts.plan
        names = [way.name for way in plan.ways]
        if plan.way in names:
            self._choose_way((names.index(plan.way) + 1) % len(names))

    def _choose_way(self, index: int) -> None:
        """Another way to the same goal is another plan: everything that `y` waits for begins again."""
        plan = self.facts.plan
        if len(plan.ways) < 2 or index >= len(plan.ways) or plan.ways[index].name == plan.way:
            return
        to = plan.goal if plan.layer == "code" else self._intent.to
        intent = replace(self._intent, to=to, way=plan.ways[index].name)
        draft = self.console.draft(intent)
        if draft is None:
            self._message = f"no plan that way: {self.console.why_not(intent)}"
            return
        now = self.console.around.monotonic()
        self._intent, self._turn = intent, self._turn + 1
        self.facts = Facts(draft, now, now, now)
        self._scrolled = self._seen_to = 0
        self._ask()
        self.console.spawn(self._propose(self._turn))

    def _scroll(self, to: int) -> None:
        """What scrolls into sight has to be seen as well."""
        if to != self._scrolled:
            self._scrolled = to
            self._ask()

    def _go(self) -> None:
        self._going = True
        self.console.spawn(self._hand_over(self.facts.plan))

    async def _hand_over(self, plan: Plan) -> None:
        """The runner gets exactly the plan that was shown."""
        run_id = await self._handover.go(plan)
        self._going = False
        if run_id is None:
            self.look()
            return
        self._left = True
        self.console.hide_device_code()
        self.dismiss(None)
        self.console.watch_run(run_id)
