"""The app: holds what is known, keeps it fresh, and opens the screens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen

from console.domain.incident import Incident
from console.domain.intent import ALL, Intent
from console.domain.plan import Plan
from console.domain.run import Run
from console.domain.snapshot import LayerStatus, Snapshot
from screens.command_file import calls_file, write_command
from screens.dashboard import Dashboard
from screens.door import Desk, DeskFactory, DeviceCode, sentence_of
from screens.drawing.view import View, material
from screens.outer_terminal import Way, find_way
from screens.palette import Commands, Palette
from screens.postmortem_file import write_postmortem
from screens.reading import read_log
from screens.seen import Cell, random_cell
from screens.sign_in import SignIn, sentence
from screens.theme import DARK, LIGHT, LOOKS, look_named

if TYPE_CHECKING:
    from screens.confirm import Confirm

TICK_S = 10.0
FIRST_PAINT_S = 0.2


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _find_way() -> Way:
    return find_way(os.environ)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the app takes from the machine, so that a test can bring its own."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = monotonic
    choose_cell: Callable[[int, int], Cell] = random_cell
    find_way: Callable[[], Way] = _find_way
    folder: Callable[[], Path] = Path.cwd
    report: Callable[[BaseException], str] = lambda error: ""


def _drafted(desk: Desk, snapshot: Snapshot) -> tuple[dict[str, Plan], dict[str, str]]:
    """What `r` on each layer and `R` would do, by layer, or why they cannot; layers that are absent are left out."""
    drafts: dict[str, Plan] = {}
    reasons: dict[str, str] = {}
    for name in ("code", *snapshot.layers, ALL):
        if name not in ("code", ALL) and snapshot.layer(name).status is LayerStatus.ABSENT:
            continue
        plan = desk.draft(Intent(layer=name))
        if plan is not None:
            drafts[name] = plan
        else:
            reasons[name] = desk.why_not(Intent(layer=name))
    return drafts, reasons


class ConsoleApp(App[int]):
    """The rollback console on a terminal. It decides nothing: the desk observes, plans and runs."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]
    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar[set[Any]] = {Commands}
    CSS = "Screen { background: $background; }"

    def __init__(
        self,
        desk_factory: DeskFactory,
        first: Snapshot | None,
        surroundings: Surroundings | None = None,
        look: str = "dark",
    ) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.around = surroundings or Surroundings()
        self.desk: Desk | None = None
        self.previous_key_at = self._last_key_at = float("-inf")
        self.watched: set[int] = set()
        self.taken_up: set[int] = set()
        self.last_runs: tuple[Run, ...] = ()
        self.view = View(self.around.now(), snapshot=first)
        if first is not None:
            self.view = replace(self.view, target=first.target, environment=first.environment)
        self.crash = ""
        self._factory = desk_factory
        self._begun = False
        self._latest = first
        self._tasks: set[asyncio.Task[None]] = set()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self._look = look_named(look)
        self.theme = "ansi-dark" if self.no_color else self._look.theme

    def get_default_screen(self) -> Screen[Any]:
        return Dashboard()

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)
        self.call_after_refresh(self._begin)
        self.set_timer(FIRST_PAINT_S, self._begin)

    def _begin(self) -> None:
        """Once: after the first picture, or soon where a key covered the screen that was to be painted."""
        if not self._begun:
            self._begun = True
            self.spawn(self._connect())

    async def on_event(self, event: events.Event) -> None:
        """Remembers when the key before this one came, whichever screen it was for."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.previous_key_at, self._last_key_at = self._last_key_at, self.around.monotonic()
        await super().on_event(event)

    @property
    def untouched(self) -> bool:
        """Whether no key has been pressed yet."""
        return self._last_key_at == float("-inf")

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """A terminal's answer comes to the app alone; the dialog that asked is told."""
        answered = getattr(self.screen, "terminal_answered", None)
        if answered is not None:
            answered(event.x, event.y)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """A task that outlives the screen that wants it; what it raises ends the app with a report."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._handle_exception(error)

    async def _connect(self) -> None:
        """Builds the desk in a thread, since that imports much, then follows it."""
        try:
            self.desk = desk = await asyncio.to_thread(self._factory, self._device_code_came)
        except Exception as error:
            self.show(replace(self.view, trouble=f"The console cannot start its engine: {sentence_of(error)}"))
            return
        self._latest = self._latest or desk.snapshot
        self.view = replace(
            self.view,
            target=desk.target,
            environment=desk.environment,
            coordination=desk.coordination,
            read_only=desk.read_only,
        )
        self.tick()
        await self._follow(desk)

    def _device_code_came(self, code: DeviceCode) -> None:
        """From whichever thread: Azure wants a person to sign in."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.show_device_code, code)

    def show_device_code(self, code: DeviceCode) -> None:
        """Shows the code above everything; a newer one takes its place."""
        self.show(replace(self.view, sign_in=sentence(code)))
        shown = next((screen for screen in self.screen_stack if isinstance(screen, SignIn)), None)
        if shown is not None:
            shown.replace(code)
        else:
            self.push_screen(SignIn(code))

    def _signed_in(self) -> None:
        """Azure answered: no code is wanted any more."""
        self.view = replace(self.view, sign_in="")
        self.hide_device_code()

    def hide_device_code(self) -> None:
        """Uncovers what stands beneath the code."""
        if isinstance(self.screen, SignIn):
            self.pop_screen()

    async def _follow(self, desk: Desk) -> None:
        """Takes every snapshot, and begins again where the stream breaks."""
        while True:
            try:
                async for snapshot in desk.watch():
                    self._arrived(snapshot)
                return
            except Exception as error:
                self.show(replace(self.view, trouble=f"Watching stopped: {sentence_of(error)}. It begins again."))
                await asyncio.sleep(TICK_S)

    def _arrived(self, snapshot: Snapshot) -> None:
        self._latest = snapshot
        if self.view.sign_in and snapshot.code.status is LayerStatus.OK:
            self._signed_in()
        if material(self.view.snapshot, snapshot) or not self.view.connected:
            self.tick()
        news = getattr(self.screen, "news_arrived", None)
        if news is not None:
            news()

    def tick(self) -> None:
        """Takes over what is newest, ages included. Between ticks only what is material is painted."""
        self.show(self._newest())

    def _newest(self) -> View:
        view, desk = replace(self.view, now=self.around.now(), snapshot=self._latest), self.desk
        if desk is None or self._latest is None:
            return view
        view = replace(view, connected=True, drafts={}, reasons={}, trouble="")
        try:
            drafts, reasons = _drafted(desk, self._latest)
            view = replace(view, drafts=drafts, reasons=reasons, state_note=desk.state_note, bypass=desk.bypass)
            return replace(self._from_log(view, desk), script=str(desk.script or ""))
        except Exception as error:
            return replace(view, trouble=f"Not everything could be read: {sentence_of(error)}")

    def _from_log(self, view: View, desk: Desk) -> View:
        """What the run log tells; a run that lost its runner is taken up, which sends nothing."""
        runs = desk.runs(5)
        open_run = next((run for run in runs if run.open), None)
        if open_run is not None and not desk.attended(open_run.id):
            self.spawn(self._reconcile(desk))
        return replace(view, open_run=open_run, last_run=next(iter(runs), None), incident=desk.incident)

    async def _reconcile(self, desk: Desk) -> None:
        taken_up, _ = await asyncio.to_thread(read_log, desk.reconcile, ())
        self.taken_up.update(taken_up)

    def draft(self, intent: Intent) -> Plan | None:
        """The plan for what is wanted from what is known, or None where there is none."""
        try:
            return self.desk.draft(intent) if self.desk is not None else None
        except Exception as error:
            self.show(replace(self.view, trouble=f"No plan could be made: {sentence_of(error)}"))
            return None

    def why_not(self, intent: Intent | None) -> str:
        """Why what is wanted cannot be done now, or nothing."""
        if self.desk is None or intent is None:
            return "reading the state"
        try:
            return self.desk.why_not(intent)
        except Exception as error:
            return sentence_of(error)

    def show(self, view: View) -> None:
        """What is known from now on; the dashboard and the emergency are drawn from it while they are seen."""
        self.view = view
        if not self.is_running or not self.screen_stack:
            return
        if isinstance(self.screen, Dashboard):
            self.screen.paint()
        changed = getattr(self.screen, "view_changed", None)
        if changed is not None:
            changed()

    def open_palette(self) -> None:
        """Everything that can be done, by name."""
        self.push_screen(Palette())

    def open_emergency(self) -> None:
        """The three fast ways out, at once: nothing is read for them."""
        from screens.emergency import Emergency

        self.push_screen(Emergency())

    def open_decide(self) -> str:
        """The decision tree; a sentence where it cannot be opened yet."""
        from screens.decide import Decide

        if self.desk is None:
            return "Decide: reading the state"
        self.push_screen(Decide(self.desk))
        return ""

    def confirm(self, plan: Plan, intent: Intent) -> None:
        """Opens the dialog for this plan at once; what it needs is read while it stands."""
        from screens.confirm import Confirm

        assert self.desk is not None
        dialog: Confirm = Confirm(self.desk, plan, intent)
        self.push_screen(dialog)

    def watch_run(self, run_id: int, take_up: bool = False) -> None:
        """Shows a run, live while it is open; `take_up` has somebody look what came of it."""
        from screens.run_screen import RunScreen

        assert self.desk is not None
        self.watched.add(run_id)
        self.push_screen(RunScreen(self.desk, run_id, take_up))

    def write_command(self, plan: Plan) -> str:
        """Writes the command by hand and offers it to the clipboard; a sentence that says what became of it."""
        self.copy_to_clipboard(plan.by_hand)
        try:
            path = write_command(plan, self.around.folder(), self.around.now())
        except OSError as error:
            return f"not written: {error.strerror or error}; offered to the clipboard, which may not get it"
        return f"wrote {path.name}; the clipboard may not have it"

    async def export_postmortem(self, incident: Incident | None) -> str:
        """Writes the draft of a postmortem; a sentence that says where, or why not."""
        desk = self.desk
        if desk is None:
            return "Export: reading the state"
        try:
            path = await asyncio.to_thread(self._write_postmortem, desk, incident)
        except OSError as error:
            return f"not written: {error.strerror or error}"
        except Exception as error:
            return f"not written: {sentence_of(error)}"
        return f"wrote {path.name} in {path.parent}"

    async def export_calls(self, item: str, version: str) -> str:
        """Writes which calls used a version of a prompt; a sentence that says where, or why not."""
        if self.desk is None:
            return "Calls: reading the state"
        path = calls_file(self.desk.target, item, version, self.around.folder())
        try:
            count = await self.desk.export_calls(item, version, path)
        except OSError as error:
            return f"not written: {error.strerror or error}"
        except Exception as error:
            return f"not written: {sentence_of(error)}"
        return f"wrote {count:,} calls to {path.name}"

    def _write_postmortem(self, desk: Desk, incident: Incident | None) -> Path:
        from console.report.postmortem import draft

        chosen = incident or next(iter(desk.incidents()), None)
        lines = draft(desk.target, chosen, desk.runs(10_000), self.around.now())
        return write_postmortem(lines, desk.target, chosen, self.around.folder())

    def next_theme(self) -> str:
        """Dark, light, sixteen colours, and again; a sentence that says which."""
        if self.no_color:
            return "NO_COLOR is set: no theme has a colour"
        self._look = LOOKS[(LOOKS.index(self._look) + 1) % len(LOOKS)]
        self.theme = self._look.theme
        return f"theme: {self._look.title}"

    def _handle_exception(self, error: Exception) -> None:
        """No traceback, which could show a secret: a sentence, and a report without values."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.crash = self.around.report(error)
        self._close_messages_no_wait()

    async def on_unmount(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self.desk is not None:
            try:
                self.last_runs = tuple(run for run in self.desk.runs(5) if run.id in self.watched or run.open)
                await asyncio.wait_for(self.desk.close(), 1.0)
            except Exception as error:
                self.log.warning(f"closing the desk: {type(error).__name__}")
