"""Where the command line enters the screens. Textual is imported only after the signals are taken care of."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.domain.snapshot import Snapshot
from screens.hangup import Hangup

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp
    from screens.door import DeskFactory

_NO_SCREEN = "This terminal (TERM={term}) cannot draw screens. Use: rollback-console status"


def run(desk_factory: DeskFactory, *, first: Snapshot | None, theme: str = "dark") -> int:
    """Runs the app until it is left; the exit code. `desk_factory` is called in a thread after the first paint.

    It is handed what shows a device code. `theme` is dark, light or ansi.
    """
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        print(_NO_SCREEN.format(term=term or "not set"), file=sys.stderr)
        return 2
    hangup = Hangup()
    hangup.block()
    app = _app(desk_factory, first, theme)
    hangup.watch(lambda: _ask_to_leave(app))
    app.run(mouse=False)
    with suppress(OSError):
        _last_words(app)
    return 128 + hangup.number if hangup.number is not None else (app.return_code or 0)


def _app(desk_factory: DeskFactory, first: Snapshot | None, theme: str) -> ConsoleApp:
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from console.record.place import state_folder
    from screens.console_app import ConsoleApp, Surroundings
    from screens.crash import write_report

    def report(error: BaseException) -> str:
        return write_report(error, state_folder(os.environ), datetime.now(UTC))

    return ConsoleApp(desk_factory, first, Surroundings(report=report), theme)


def _ask_to_leave(app: ConsoleApp) -> None:
    """From another thread, without waiting for a loop that may be blocked."""
    if app._loop is not None:
        app._loop.call_soon_threadsafe(app.exit, 0)


def _last_words(app: ConsoleApp) -> None:
    """What stays on the terminal: the newest run's state, and the command by hand."""
    from screens.drawing.run import ending

    if app.crash:
        print(app.crash, file=sys.stderr)
    plan, now = app.view.draft, datetime.now(UTC)
    for run in reversed(app.last_runs):
        print(ending(run, now))
        plan = run.plan or plan
    if plan is not None and plan.by_hand:
        print(f"By hand, {plan.title} ({plan.target}):\n{plan.by_hand}")
    if app.view.bypass:
        print(f"Way round Azure: {app.view.bypass}")
    sys.stdout.flush()
