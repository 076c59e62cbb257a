"""What the screens' tests share: a frozen clock, a scripted desk, and a way to wait without sleeping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from console.domain.snapshot import Snapshot
from screens.console_app import ConsoleApp, Surroundings
from screens.outer_terminal import DIRECT, Way
from screens.widgets.canvas import Canvas
from tests.screens.scripted_desk import NOW, ScriptedDesk

CELL = (5, 7)


@dataclass
class Clock:
    """Time that only a test moves."""

    monotonic_s: float = 1000.0
    wall: datetime = NOW

    def monotonic(self) -> float:
        return self.monotonic_s

    def now(self) -> datetime:
        return self.wall


@dataclass
class Stage:
    """A running app and everything around it."""

    app: ConsoleApp
    pilot: Pilot[int]
    desk: ScriptedDesk
    clock: Clock
    folder: Path

    @property
    def text(self) -> str:
        """What the terminal shows, line by line."""
        rows = (canvas.render_line(y) for canvas in self.app.screen.query(Canvas) for y in range(canvas.size.height))
        return "\n".join(row.text.rstrip() for row in rows)

    async def until(self, holds: Callable[[], bool], what: str = "") -> None:
        """Waits for `holds`; a second of nothing is a failure that shows the screen."""
        for _ in range(150):
            if holds():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"never: {what or holds}\n{self.text}")

    async def shows(self, words: str) -> None:
        await self.until(lambda: words in self.text, words)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)

    async def pass_time(self, seconds: float) -> None:
        """Moves the clock, and lets the dialog look at it."""
        self.clock.monotonic_s += seconds
        look = getattr(self.app.screen, "look", None)
        if look is not None:
            look()
        await self.pilot.pause()

    async def terminal_answers(self, row: int = CELL[0], column: int = CELL[1]) -> None:
        self.app.post_message(events.CursorPosition(column - 1, row - 1))
        await self.pilot.pause()

    async def open_dialog(self) -> None:
        await self.press("r")
        await self.until(lambda: type(self.app.screen).__name__ == "Confirm", "the dialog")

    async def make_y_live(self) -> None:
        """Brings about the three conditions."""
        await self.shows("waiting for your terminal")
        await self.terminal_answers()
        await self.pass_time(0.7)
        await self.shows("y  go")


Open = Callable[..., AbstractAsyncContextManager[Stage]]


@dataclass
class Asked:
    """What a terminal was asked."""

    ways: list[Way] = field(default_factory=list)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
def build(clock: Clock, tmp_path: Path) -> Callable[..., ConsoleApp]:
    """An app that is not running yet."""

    def make(desk: ScriptedDesk, way: Way = DIRECT, first: Snapshot | None = None, look: str = "dark") -> ConsoleApp:
        around = Surroundings(
            now=clock.now,
            monotonic=clock.monotonic,
            choose_cell=lambda width, height: CELL,
            find_way=lambda: way,
            folder=lambda: tmp_path,
        )

        def factory(show_code: Callable[[object], None]) -> ScriptedDesk:
            desk.show_code = show_code
            return desk

        return ConsoleApp(factory, first, around, look)

    return make


@pytest.fixture
def open_app(build: Callable[..., ConsoleApp], desk: ScriptedDesk, clock: Clock, tmp_path: Path) -> Open:
    """Opens the app on the scripted desk, connected."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (80, 24), way: Way = DIRECT) -> AsyncIterator[Stage]:
        app = build(desk, way)
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, desk, clock, tmp_path)
            await stage.until(lambda: app.view.connected, "connected")
            await pilot.pause()
            yield stage

    return opened
