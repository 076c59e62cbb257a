"""Pictures of all five layers: the dashboard, the version picker, the timeline, and the dialogs over layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from console.domain.incident import Incident
from console.domain.snapshot import Layer, LayerStatus
from tests.screens.layered import (
    GAP,
    ago,
    changes,
    five,
    golden,
    indexes,
    layers,
    models,
    observed,
    ok,
    prompt,
    prompts,
    schema,
    whole_plan,
    with_five,
)
from tests.screens.scripted_desk import NOW, ScriptedDesk, verified
from tests.screens.test_pictures import on, settle

SIZES = [(60, 20), (80, 24), (100, 34), (120, 40)]


@pytest.fixture(autouse=True)
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def sized(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


every_size = pytest.mark.parametrize("size", SIZES, ids=sized)


async def dashboard(pilot: Pilot[Any]) -> None:
    await settle(pilot, on("Dashboard"))


@every_size
def test_five_layers(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]) -> None:
    assert snap_compare(build(with_five(desk)), terminal_size=size, run_before=dashboard)


@every_size
def test_layers_in_trouble(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]) -> None:
    """Errors, stale data, two active versions, an index that does not fit, two heads: each in its own panel."""
    two = prompts(prompts=(prompt("drug_info", 7, active=("7", "6")), prompt("triage", 3, active=())))
    stale = Layer(LayerStatus.STALE, models(), ago(minutes=9), "Azure answers 429 for the account: too many requests")
    other = indexes(embedders={"pharmabot--v42": "text-embedding-3-large"})
    heads = schema(heads=("4f2a91", "99ffaa"), needs={"pharmabot--v42": "77aa"})
    shown = layers(prompt=ok(two), model=stale, embedding=ok(other), schema=ok(heads))
    desk.began = [Incident(3, NOW, ago(minutes=11), "alice", "said by the operator")]
    unread = changes(unread=("model",))
    with_five(desk, five(layers=shown, changes=unread))
    assert snap_compare(build(desk), terminal_size=size, run_before=dashboard)


def test_a_layer_that_was_never_read_and_two_that_are_not_there(
    snap_compare: Any, build: Any, desk: ScriptedDesk
) -> None:
    error = Layer(LayerStatus.ERROR, None, None, "the prompts' database refuses the password of console (28P01)")
    found = changes(suspects=(), gaps=(GAP,), unread=("prompt",))
    found = replace(found, baseline=replace(found.baseline, reconstructed=True))
    absent = Layer(LayerStatus.ABSENT)
    shown = {"prompt": error, "model": absent, "embedding": absent, "schema": ok(schema(server=None))}
    with_five(desk, five(layers=shown, changes=found, golden=golden(8)))
    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=dashboard)


@every_size
def test_versions_of_a_prompt(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await dashboard(pilot)
        await pilot.press("enter")
        await settle(pilot, lambda app: on("Versions")(app) and len(app.screen._pane.lines) > 2)  # type: ignore[attr-defined]

    assert snap_compare(build(with_five(desk)), terminal_size=size, run_before=act)


def test_versions_side_by_side(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await dashboard(pilot)
        await pilot.press("enter", "d")
        await settle(pilot, lambda app: "│" in "".join(s.text for row in app.screen._pane.lines for s in row))  # type: ignore[attr-defined]

    assert snap_compare(build(with_five(desk)), terminal_size=(100, 34), run_before=act)


@every_size
def test_timeline(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int]) -> None:
    desk.began = [Incident(3, NOW, ago(minutes=11), "alice", "said by the operator")]
    desk.log = {17: verified(17, confirmed_at=ago(minutes=4))}
    desk.spans = observed()
    with_five(desk, five(changes=changes(gaps=(GAP,))))

    async def act(pilot: Pilot[Any]) -> None:
        await dashboard(pilot)
        await pilot.press("t")
        await settle(pilot, lambda app: on("TimelineScreen")(app) and len(app.screen._observed) == 2)  # type: ignore[attr-defined]

    assert snap_compare(build(desk), terminal_size=size, run_before=act)


@every_size
@pytest.mark.parametrize("key", ["r", "R"])
def test_confirm(snap_compare: Any, build: Any, desk: ScriptedDesk, size: tuple[int, int], key: str) -> None:
    desk.usual = (14.0, 12.0, 17.0, 14.0, 13.0)

    async def act(pilot: Pilot[Any]) -> None:
        await dashboard(pilot)
        await pilot.press(key)
        await settle(pilot, lambda app: on("Confirm")(app) and app.screen.facts.offered)  # type: ignore[attr-defined]

    assert snap_compare(build(with_five(desk)), terminal_size=size, run_before=act)


def test_a_run_over_several_layers(snap_compare: Any, build: Any, desk: ScriptedDesk) -> None:
    with_five(desk).log = {18: verified(18, plan=whole_plan())}

    async def act(pilot: Pilot[Any]) -> None:
        await dashboard(pilot)
        pilot.app.watch_run(18)  # type: ignore[attr-defined]
        await settle(pilot, on("RunScreen"))

    assert snap_compare(build(desk), terminal_size=(80, 24), run_before=act)
