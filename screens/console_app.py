"""The app: holds what is known, keeps it fresh, and opens the screens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Run
from console.domain.snapshot import Snapshot
from screens.command_file import write_command
from screens.dashboard import Dashboard
from screens.door import Desk, DeskFactory, sentence_of
from screens.drawing.view import View, material
from screens.outer_terminal import Way, find_way
from screens.palette import Palette, commands
from screens.seen import Cell, random_cell
from screens.theme import CONSOLE_THEME

if TYPE_CHECKING:
    from screens.confirm import Confirm

TICK_S = 10.0


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


class ConsoleApp(App[int]):
    """The rollback console on a terminal. It decides nothing: the desk observes, plans and runs."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]
    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { background: $background; }"

    def __init__(
        self, desk_factory: DeskFactory, first: Snapshot | None, surroundings: Surroundings | None = None
    ) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.around = surroundings or Surroundings()
        self.desk: Desk | None = None
        self.previous_key_at = self._last_key_at = float("-inf")
        self.watched: set[int] = set()
        self.last_runs: tuple[Run, ...] = ()
        self.view = View(self.around.now(), snapshot=first)
        if first is not None:
            self.view = replace(self.view, target=first.target, environment=first.environment)
        self.crash = ""
        self._factory = desk_factory
        self._latest = first
        self._tasks: set[asyncio.Task[None]] = set()
        self.register_theme(CONSOLE_THEME)
        self.theme = "ansi-dark" if self.no_color else CONSOLE_THEME.name

    def get_default_screen(self) -> Screen[Any]:
        return Dashboard()

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)
        self.call_after_refresh(lambda: self.spawn(self._connect()))

    async def on_event(self, event: events.Event) -> None:
        """Remembers when the key before this one came, whichever screen it was for."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.previous_key_at, self._last_key_at = self._last_key_at, self.around.monotonic()
        await super().on_event(event)

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
            self.desk = desk = await asyncio.to_thread(self._factory)
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
        if material(self.view.snapshot, snapshot) or not self.view.connected:
            self.tick()

    def tick(self) -> None:
        """Takes over what is newest, ages included. Between ticks only what is material is painted."""
        self.show(self._newest())

    def _newest(self) -> View:
        view, desk = replace(self.view, now=self.around.now(), snapshot=self._latest), self.desk
        if desk is None or self._latest is None:
            return view
        view = replace(view, connected=True, draft=None, trouble="")
        try:
            view = replace(view, draft=desk.draft(), state_note=desk.state_note)
            return replace(view, open_run=next((run for run in desk.runs(5) if run.open), None))
        except Exception as error:
            return replace(view, trouble=f"Not everything could be read: {sentence_of(error)}")

    def draft(self, to: str) -> Plan | None:
        """The plan for this revision from what is known, or None where there is none."""
        try:
            return self.desk.draft(Intent(to=to)) if self.desk is not None else None
        except Exception as error:
            self.show(replace(self.view, trouble=f"No plan could be made: {sentence_of(error)}"))
            return None

    def show(self, view: View) -> None:
        """The dashboard's next picture; it is drawn when the dashboard is what is seen."""
        self.view = view
        if self.is_running and self.screen_stack and isinstance(self.screen, Dashboard):
            self.screen.paint()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return commands(screen)

    def open_palette(self) -> None:
        """Everything that can be done, by name."""
        self.push_screen(Palette())

    def confirm(self, plan: Plan, to: str | None) -> None:
        """Opens the dialog for this plan at once; what it needs is read while it stands."""
        from screens.confirm import Confirm

        assert self.desk is not None
        dialog: Confirm = Confirm(self.desk, plan, to)
        self.push_screen(dialog)

    def watch_run(self, run_id: int) -> None:
        """Shows a run, live while it is open."""
        from screens.run_screen import RunScreen

        assert self.desk is not None
        self.watched.add(run_id)
        self.push_screen(RunScreen(self.desk, run_id))

    def write_command(self, plan: Plan) -> str:
        """Writes the command by hand and offers it to the clipboard; a sentence that says what became of it."""
        self.copy_to_clipboard(plan.by_hand)
        try:
            path = write_command(plan, self.around.folder(), self.around.now())
        except OSError as error:
            return f"not written: {error.strerror or error}; offered to the clipboard, which may not get it"
        return f"wrote {path.name}; the clipboard may not have it"

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
