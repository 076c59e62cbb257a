"""Pictures of the screens: what a person sees, kept so that a change is seen too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from console.domain.incident import Incident
from console.domain.intent import Deed, Intent
from console.domain.run import Outcome
from console.domain.snapshot import Layer, LayerStatus
from console.domain.traffic import TrafficEntry
from console.offers import Offer
from screens.console_app import ConsoleApp
from tests.screens.conftest import CELL, Clock
from tests.screens.scripted_desk import (
    NOW,
    ScriptedDesk,
    code_state,
    copy_or_switch,
    refused,
    run,
    snapshot,
    verified,
)

SIZES = [(80, 24), (120, 40)]
EVERY_SIZE = [(60, 20), *SIZES]
Act = Callable[[Pilot[Any]], Awaitable[None]]


@pytest.fixture(autouse=True)
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


async def settle(pilot: Pilot[Any], holds: Callable[[ConsoleApp], bool]) -> None:
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    for _ in range(200):
        if app.view.connected and holds(app):
            break
        await pilot.pause(0.01)
    await pilot.pause()


def on(name: str) -> Callable[[ConsoleApp], bool]:
    return lambda app: type(app.screen).__name__ == name


@pytest.fixture
def measured(desk: ScriptedDesk) -> ScriptedDesk:
    desk.usual = (14.0, 12.0, 17.0, 14.0, 13.0)
    return desk


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_dashboard(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_dashboard_with_a_run_under_way_and_stale_data(
    snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]
) -> None:
    stale = Layer(LayerStatus.STALE, code_state(), NOW - timedelta(seconds=40), "Azure answers 503: server busy")
    desk.shown, desk.log = snapshot(code=stale), {18: run(18)}

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_confirm_with_y_alive(
    snap_compare: Any, build: Any, measured: ScriptedDesk, clock: Clock, size: tuple[int, int]
) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("r")
        await settle(pilot, lambda app: on("Confirm")(app) and app.screen.facts.offered)  # type: ignore[attr-defined]
        pilot.app.post_message(events.CursorPosition(CELL[1] - 1, CELL[0] - 1))
        await pilot.pause()
        clock.monotonic_s += 1.0
        await settle(pilot, lambda app: app.screen.verdict().live)  # type: ignore[attr-defined]
        pilot.app.screen.look()  # type: ignore[attr-defined]

    assert snap_compare(build(measured), terminal_size=size, run_before=act)


def test_confirm_of_a_refused_plan(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    desk.fresh = refused("pharmabot is in single revision mode, where moving traffic does not hold")

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("r")
        await settle(pilot, lambda app: on("Confirm")(app) and app.screen.facts.fresh)  # type: ignore[attr-defined]

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)


def test_confirm_by_name(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    desk.fresh = refused("v41 answers 500 on its own address", overridable=True)

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("r")
        await settle(pilot, lambda app: on("Confirm")(app) and app.screen.facts.offered)  # type: ignore[attr-defined]
        await pilot.press(*"pharma")

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("ended", [False, True], ids=["under way", "verified"])
def test_run(snap_compare: Any, build: Any, measured: ScriptedDesk, size: tuple[int, int], ended: bool) -> None:
    measured.log = {18: verified(18) if ended else run(18)}

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        pilot.app.watch_run(18)  # type: ignore[attr-defined]
        await settle(pilot, on("RunScreen"))

    assert snap_compare(build(measured), terminal_size=size, run_before=act)


def test_history(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    desk.log = {
        16: verified(16, outcome=Outcome.FAILED, note="it did not help: still 19 %"),
        17: verified(17, by="bob"),
        18: run(18),
    }

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("h")
        await settle(pilot, lambda app: on("HistoryScreen")(app) and app.screen.past.read)  # type: ignore[attr-defined]

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)


def test_help(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("question_mark")
        await settle(pilot, on("HelpScreen"))

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)


def test_first_paint_before_anything_is_known(snap_compare: Any, build: Any) -> None:
    absent = snapshot(code=Layer(LayerStatus.ABSENT), signals=(), identity=None)

    class Never(ScriptedDesk):
        def runs(self, limit: int = 50) -> tuple[Any, ...]:
            return ()

    desk = Never(absent)
    desk.drafted = None

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))

    assert snap_compare(build(desk, first=absent), terminal_size=(80, 24), run_before=act)


def test_without_colour(snap_compare: Any, build: Any, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)


@pytest.fixture
def worst(desk: ScriptedDesk) -> ScriptedDesk:
    """Dead entries, an incident under way, a way round Azure and a script."""
    traffic = (
        TrafficEntry(80, "pharmabot--v42"),
        TrafficEntry(20, "pharmabot--v38"),
        TrafficEntry(0, "pharmabot--v41", label="blue"),
    )
    desk.shown = snapshot(code_state(traffic=traffic))
    desk.bypass, desk.script = "./gateway send-to pharmabot--v41.example.test", Path("/ops/rollback-pharmabot.sh")
    desk.began = [Incident(3, NOW, NOW - timedelta(minutes=10), "alice", "said by the operator", "chat answers 500")]
    return desk


def sized(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", EVERY_SIZE, ids=sized)
def test_dashboard_with_dead_entries(
    snap_compare: Any, build: Any, worst: ScriptedDesk, size: tuple[int, int]
) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))

    assert snap_compare(build(worst), terminal_size=size, run_before=act)


@pytest.mark.parametrize("look", ["light", "ansi"])
def test_other_themes(snap_compare: Any, build: Any, worst: ScriptedDesk, look: str) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))

    assert snap_compare(build(worst, look=look), terminal_size=(80, 24), run_before=act)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=sized)
def test_confirm_with_two_ways(snap_compare: Any, build: Any, worst: ScriptedDesk, size: tuple[int, int]) -> None:
    worst.drafted = worst.fresh = copy_or_switch()

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("r")
        await settle(pilot, lambda app: on("Confirm")(app) and app.screen.facts.offered)  # type: ignore[attr-defined]

    assert snap_compare(build(worst), terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=sized)
@pytest.mark.parametrize("outcome", [Outcome.VERIFIED, Outcome.UNKNOWN])
def test_run_with_what_is_still_to_do(
    snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int], outcome: Outcome
) -> None:
    stop = Offer("deactivate v42, which consumes servicebus:ingest", Intent(Deed.DEACTIVATE, to="pharmabot--v42"))
    back = Offer("undo run 18: the traffic goes back to v42", Intent(Deed.UNDO, run=18))
    desk.log, desk.offered_after = {18: verified(18, outcome=outcome)}, (stop, back)

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        pilot.app.watch_run(18)  # type: ignore[attr-defined]
        await settle(pilot, on("RunScreen"))

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=sized)
def test_when_did_it_begin(snap_compare: Any, build: Any, worst: ScriptedDesk, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, on("Dashboard"))
        await pilot.press("i")
        await settle(pilot, on("Beginning"))

    assert snap_compare(build(worst), terminal_size=size, run_before=act)
