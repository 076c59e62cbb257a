"""Signals over time, in virtual time: paces, silence, how long over the limit, and Azure's late numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import pytest

from console.clock import LoopClock
from console.config.signal_settings import SignalSettings
from console.domain.failure import Failure, FailureKind
from console.domain.golden import GoldenResult
from console.domain.signal import SignalReading, SignalState, Trigger
from console.signals.board import Board
from console.signals.exams import Exams
from console.signals.sources.polled import Polled
from console.signals.sources.source import Measured
from console.simulator import scenarios, stage
from console.simulator.loop import run_virtual
from console.simulator.metrics import counted_model_call
from console.simulator.settings import Account
from console.simulator.stage import Stage
from console.simulator.transport import SimulatedTransport
from console.simulator.world import Fault
from console.target import open_clients
from tests.engine.played import START, settings

OK, BREACHED, NO_DATA, ERROR = SignalState.OK, SignalState.BREACHED, SignalState.NO_DATA, SignalState.ERROR

Told = float | None | Exception


class Source:
    """Tells these one after the other, then hangs for ever."""

    counted = False
    within_s = 5.0

    def __init__(self, told: Iterator[Told], clock: LoopClock, every_s: float, count: int = 1) -> None:
        self._told, self._clock, self.every_s, self._count = told, clock, every_s, count

    async def read(self) -> Measured:
        for one in self._told:
            if isinstance(one, Exception):
                raise one
            return Measured(self._clock.now(), one, self._count)
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        """Nothing is open."""


def watched(
    told: Sequence[Told] | Iterator[Told], after_s: Sequence[float], every_s: float = 10.0, **more: Any
) -> list[SignalReading]:
    """What the board says so many seconds after it began, with a limit of 5 for 30 s."""
    trigger = Trigger("x", **{"above": 5.0, "for_s": 30.0, "min_count": 30, **more})

    async def play() -> list[SignalReading]:
        clock = LoopClock(START)
        source = Source(iter(told), clock, every_s)
        signal = SignalSettings(name="x", source="http-json", url="http://x", pointer="", unit="s")
        board = Board([Polled(signal, trigger, source, clock)], _no_exams(clock), clock)
        running = asyncio.create_task(board.run())
        found = []
        for seconds in after_s:
            await clock.sleep(seconds - (clock.now() - START).total_seconds())
            found += board.readings(clock.now())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return found

    return run_virtual(play())


def _no_exams(clock: LoopClock) -> Exams:
    class Nobody:
        configured = False

    return Exams(settings(), Nobody(), None, clock)


def test_nothing_is_ok_before_it_was_read() -> None:
    (reading,) = watched([], [1])

    assert (reading.state, reading.value, reading.detail) == (NO_DATA, None, "not read yet")


def test_within_its_limit_it_is_ok_with_its_history() -> None:
    (reading,) = watched([1, 2, 3], [25])

    assert (reading.state, reading.value, reading.history) == (OK, 3.0, (1.0, 2.0, 3.0))
    assert reading.at == START + timedelta(seconds=20)


def test_over_its_limit_since_the_first_look_it_is_breached_at_once() -> None:
    (reading,) = watched([9], [1])

    assert (reading.state, reading.since) == (BREACHED, START)


def test_seen_within_its_limit_before_it_must_be_over_it_for_as_long_as_the_trigger_says() -> None:
    early, late = watched(chain([1], repeat(9)), [35, 45])

    assert (early.state, early.detail) == (OK, "over its limit for 20 of 30 s")
    assert (late.state, late.since) == (BREACHED, START + timedelta(seconds=10))


def test_a_pace_slower_than_the_triggers_time_judges_the_newest_reading() -> None:
    (reading,) = watched(chain([1], repeat(9)), [61], every_s=60.0)

    assert reading.state is BREACHED


def test_below_is_a_limit_too() -> None:
    (reading,) = watched([75], [1], above=None, below=100.0)

    assert reading.state is BREACHED


def test_without_a_limit_a_number_is_only_shown() -> None:
    (reading,) = watched([1e6], [1], above=None, below=None)

    assert (reading.state, reading.value) == (OK, 1e6)


def test_a_source_that_falls_silent_is_no_data_after_three_paces() -> None:
    fresh, stale = watched([1], [9, 60])

    assert fresh.state is OK
    assert (stale.state, stale.value) == (ERROR, None)
    assert stale.detail == "no answer within 5 s"


def test_what_was_not_read_for_three_paces_is_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Source, "within_s", 1000.0)

    (reading,) = watched([1], [50])

    assert (reading.state, reading.value) == (NO_DATA, None)
    assert reading.detail == "not read for 50 s; it was 1 s"


def test_a_breach_is_not_ended_by_silence() -> None:
    failing = Failure(FailureKind.UNREACHABLE, "it does not answer")

    before, silent, after = watched([9, failing, 9, 1], [5, 15, 25])
    (over,) = watched([9, failing, 9, 1], [35])

    assert (before.state, silent.state, after.state) == (BREACHED, ERROR, BREACHED)
    assert silent.detail == "it does not answer"
    assert {before.since, silent.since, after.since} == {START}
    assert (over.state, over.since) == (OK, None)


def test_a_source_that_stumbles_is_an_error_of_its_own() -> None:
    (reading,) = watched([KeyError("secret")], [1])

    assert (reading.state, reading.detail) == (ERROR, "it cannot be read (KeyError)")


def test_no_data_is_never_ok() -> None:
    (reading,) = watched(chain([1], repeat(None)), [15])

    assert (reading.state, reading.value) == (NO_DATA, None)


def test_a_source_on_demand_is_read_by_measuring_alone() -> None:
    (unasked,) = watched([1], [50], every_s=0.0)

    assert unasked.detail == "not read yet"


def test_one_reading_of_everything_is_not_held_up_by_its_slowest() -> None:
    async def play() -> tuple[float, tuple[SignalReading, ...]]:
        clock = LoopClock(START)
        slow, quick = Source(iter([]), clock, 10.0), Source(iter([1]), clock, 10.0)
        slow.within_s = 60.0
        signals = [SignalSettings(name=name, source="http-json", url="http://x", pointer="") for name in "ab"]
        polled = [
            Polled(one, Trigger(one.name), source, clock) for one, source in zip(signals, (slow, quick), strict=True)
        ]
        board = Board(polled, _no_exams(clock), clock)
        await board.once()
        return (clock.now() - START).total_seconds(), board.readings(clock.now())

    took_s, (slow, quick) = run_virtual(play())

    assert took_s == 15
    assert (slow.state, slow.detail) == (NO_DATA, "not read yet")
    assert quick.state is OK


def test_an_exam_that_cannot_be_held_is_a_result_that_says_why() -> None:
    class Broken:
        configured = True

        async def examine(self, state: object, revision: object) -> GoldenResult:
            raise Failure(FailureKind.REJECTED, "golden.toml has one mistake:\n  line 3: regex")

    async def nowhere() -> Any:
        raise Failure(FailureKind.UNREACHABLE, "Azure does not answer")

    async def play() -> list[GoldenResult | None]:
        clock = LoopClock(START)
        return [
            await Exams(settings(probe={"url": url}), Broken(), nowhere, clock).examine(None) for url in ("x", None)
        ]

    read, unread = run_virtual(play())

    assert read is not None
    assert (read.measured, read.silence) == (False, "golden.toml has one mistake:;   line 3: regex")
    assert unread is not None
    assert unread.silence == "Azure does not answer"


MODEL = {
    "model": {"account": "pharmabot-openai"},
    "signals": [{"name": "429", "source": "azure-monitor"}],
    "triggers": [{"signal": "429", "above": 5, "for_s": 120, "min_count": 30}],
}


def throttled(act: Callable[[Board, LoopClock, Stage], Awaitable[None]], **changes: Any) -> None:
    """A stage whose account has just answered 40 calls, 8 of them with 429."""

    async def play() -> None:
        clock = LoopClock(START)
        world = scenarios.build("bad-image", Account(), START)
        for status in [200] * 32 + [429] * 8:
            world = counted_model_call(world, "pharmabot-openai", "gpt4o-stable", status, START)
        staged = Stage(world, stage.LoopClock(START))
        clients = open_clients(
            settings(**{**MODEL, **changes}), clock, writing=False, transport=SimulatedTransport(staged)
        )
        assert clients.signals is not None
        await act(clients.signals, clock, staged)
        await clients.close()

    run_virtual(play())


def test_the_accounts_429s_are_told_minutes_late_and_said_so() -> None:
    async def act(board: Board, clock: LoopClock, staged: Stage) -> None:
        assert await told(board) == (NO_DATA, None)
        await clock.sleep(200)
        reading = await board.measure("429")
        assert reading is not None
        assert (reading.state, reading.value, reading.count) == (BREACHED, 20.0, 40)
        assert reading.detail == "of 03:12Z: Azure Monitor is minutes late"
        assert reading.at == START
        await clock.sleep(1200)
        assert await told(board) == (NO_DATA, "Azure Monitor counted nothing in the last 15 minutes")

    async def told(board: Board) -> tuple[SignalState, str | None]:
        reading = await board.measure("429")
        assert reading is not None
        return reading.state, reading.detail if "15 minutes" in reading.detail and reading.at != START else None

    throttled(act)


def test_any_metric_of_any_resource_is_a_number() -> None:
    account = Account()
    resource = (
        f"/subscriptions/{account.subscription}/resourceGroups/pharmabot-rg"
        "/providers/Microsoft.CognitiveServices/accounts/pharmabot-openai"
    )
    signal = {"name": "calls", "source": "azure-monitor", "metric": "AzureOpenAIRequests", "aggregation": "Total"}

    async def act(board: Board, clock: LoopClock, staged: Stage) -> None:
        await board.once()
        await clock.sleep(200)
        reading = await board.measure("calls")
        assert reading is not None
        assert (reading.state, reading.value) == (BREACHED, 40.0)

    triggers = [{"signal": "calls", "above": 39}]
    throttled(act, signals=[{**signal, "resource": resource}], triggers=triggers)


def test_metrics_that_may_not_be_read_are_an_error_with_azures_reason() -> None:
    async def act(board: Board, clock: LoopClock, staged: Stage) -> None:
        fault = Fault("forbidden", params={"action": "Microsoft.Insights/metrics/read"})
        staged.machine.world = replace(staged.world, faults=(*staged.world.faults, fault))
        reading = await board.measure("429")
        assert reading is not None
        assert reading.state is ERROR
        assert reading.detail.startswith("Not allowed: Microsoft.Insights/metrics/read on")

    throttled(act)
