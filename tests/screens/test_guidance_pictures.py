"""Pictures of the emergency, of questions and of leaves."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from console.emergency import Option
from tests.screens.guided import OPTIONS, evidence
from tests.screens.layered import with_five
from tests.screens.scripted_desk import ScriptedDesk
from tests.screens.test_pictures import on, settle

SIZES = [(60, 20), (80, 24), (120, 40)]
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture(autouse=True)
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def desk() -> ScriptedDesk:
    made = with_five(ScriptedDesk())
    made.guide.known = evidence()
    why = "no way to switch the feature off is configured (kill_switch.command)"
    made.ways_out = (*OPTIONS[:2], Option(3, "switch the feature off", why_not=why))
    return made


async def goes(pilot: Pilot[Any], keys: str, screen: str) -> None:
    await settle(pilot, on("Dashboard"))
    await pilot.press(*keys.split())
    await settle(pilot, on(screen))


@every_size
def test_emergency(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await goes(pilot, "exclamation_mark", "Emergency")

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


@every_size
@pytest.mark.parametrize("keys", ["d", "d n 1"], ids=["first", "changed"])
def test_a_question(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int], keys: str) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await goes(pilot, keys, "Decide")

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


@every_size
@pytest.mark.parametrize("keys", ["d n 1 2 y", "d n 2 8 n"], ids=["prompt", "hold"])
def test_a_leaf(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int], keys: str) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await goes(pilot, keys, "AtLeaf")
        opened = 9 if "8" in keys else 5
        await settle(pilot, lambda app: len(desk.guide.cares) == opened)
        await settle(pilot, lambda app: len(app.screen._care) == opened)  # type: ignore[attr-defined]
        await pilot.press("2")
        await settle(pilot, lambda app: app.screen.state.ticks[1].done)  # type: ignore[attr-defined]

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


def test_an_incident_with_its_answers(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await goes(pilot, "d n 1 2 y", "AtLeaf")
        await settle(pilot, lambda app: len(app.screen._care) == 5)  # type: ignore[attr-defined]
        await pilot.press("escape", "i")
        await settle(pilot, on("Beginning"))

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)
