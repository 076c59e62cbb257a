"""Whether it helped, by other sources than the probe: only what they tell of the time afterwards counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, cycle, repeat
from typing import Any

import pytest

from console.clock import LoopClock
from console.domain.code import CodeState
from console.domain.plan import Breach
from console.domain.run import Kind
from console.domain.signal import Sample, SignalReading, SignalState, Trigger
from console.simulator.loop import run_virtual
from console.steps import revive
from console.steps.see_recovery import SeeRecovery
from console.steps.step import End, Result, World
from tests.engine.played import START

APP = CodeState("app", "Multiple", "Succeeded", "Running", "app.example", True, (), (), None)
GOLDEN = Trigger("golden", None, 100.0, for_s=60, min_count=1)
FAILURES = Trigger("5xx", above=5, for_s=15, min_count=20)
THROTTLED = Trigger("429", above=5, for_s=60, min_count=30)

# A value of now, or of before the turn; none is no data.
Told = float | tuple[float, str] | None


class Service:
    identifies = True
    every_s = 0.25
    path = "/chat"

    def __init__(self, statuses: Iterator[int | None], clock: LoopClock) -> None:
        self._statuses, self._clock = statuses, clock

    async def ask_app(self, state: CodeState) -> Sample:
        return Sample(self._clock.now(), next(self._statuses))


def breach(trigger: Trigger, source: str, value: float | None, state: str) -> Breach:
    return Breach(trigger.signal, value, "%", trigger, state=state, source=source)


def see(
    told: Iterator[Told], *breaches: Breach, statuses: Iterator[int | None] | None = None
) -> tuple[Result, float, list[Kind]]:
    """The result, the seconds that it took, and what was told; the turn was at the very start."""
    kinds: list[Kind] = []

    async def measure(name: str) -> SignalReading:
        value = next(told)
        now = clock.now()
        if isinstance(value, tuple):
            value, now = value[0], START - timedelta(seconds=30)
        state = SignalState.NO_DATA if value is None else SignalState.OK
        return SignalReading(name, "", "%", value, 1, now, state, detail="dose" if value == 75 else "")

    async def play() -> tuple[Result, float]:
        nonlocal clock
        clock = LoopClock(START)
        world = World(
            None,
            Service(statuses or repeat(200), clock),
            clock,
            tell=lambda kind, **body: kinds.append(kind),
            seen=APP,
        )
        world.proven_since, world.measure = START, measure
        result = await revive(SeeRecovery(breaches).record()).verify(world)
        return result, (clock.now() - START).total_seconds()

    clock: Any = None
    result, took_s = run_virtual(play())
    return result, took_s, kinds


def test_answers_that_are_right_again_are_a_recovery() -> None:
    result, took_s, told = see(iter([75.0, 75.0, 100.0]), breach(GOLDEN, "golden", 75.0, "breached"))

    assert result == Result(End.DONE, "golden 75 → 100 %")
    assert Kind.RECOVERED in told
    assert took_s < 30


def test_answers_that_stay_wrong_did_not_help_and_name_what_is_wrong() -> None:
    result, took_s, told = see(repeat(75.0), breach(GOLDEN, "golden", 75.0, "breached"))

    assert result == Result(End.FAILED, "it did not help: still golden 75 → 75 % (dose)")
    assert Kind.RECOVERED not in told
    assert took_s < 120


def test_what_a_late_source_tells_of_the_time_before_proves_nothing() -> None:
    early = see(repeat((0.0, "before")), breach(THROTTLED, "azure-monitor", 20.0, "breached"))
    late = see(chain(repeat((0.0, "before"), 12), repeat(0.0)), breach(THROTTLED, "azure-monitor", 20.0, "breached"))

    assert early[0] == Result(End.UNPROVEN, "429 was not measured since: 429 20 → not measured since")
    assert 300 < early[1] < 600
    assert late[0].end is End.DONE
    assert late[1] == 180


@pytest.mark.parametrize("before", ["no data", "error"])
def test_what_told_nothing_before_and_tells_nothing_now_is_unproven_soon(before: str) -> None:
    result, took_s, told = see(repeat(None), breach(THROTTLED, "azure-monitor", None, before))

    assert result.end is End.UNPROVEN
    assert took_s <= 60
    assert Kind.RECOVERED not in told


def test_what_was_fine_before_is_not_waited_for() -> None:
    result, took_s, told = see(repeat(None), breach(THROTTLED, "azure-monitor", 0.0, "ok"))

    assert result == Result(End.DONE, "429 0 → not measured since")
    assert (took_s, told) == (0, [])


def test_what_was_fine_before_and_is_over_its_limit_afterwards_was_made_worse() -> None:
    result, _, _ = see(repeat(40.0), breach(THROTTLED, "prometheus", 0.0, "ok"))

    assert result.end is End.FAILED
    assert result.detail == "it made things worse: 429 0 → 40 %"


def test_all_signals_are_judged_side_by_side() -> None:
    both = (breach(FAILURES, "probe", 20.0, "breached"), breach(GOLDEN, "golden", 75.0, "breached"))

    good, _, _ = see(chain([75.0], repeat(100.0)), *both)
    wrong, _, _ = see(repeat(75.0), *both)
    failing, took_s, _ = see(
        repeat((0.0, "before")),
        both[0],
        breach(THROTTLED, "azure-monitor", 9.0, "breached"),
        statuses=cycle([200, 500]),
    )

    assert good == Result(End.DONE, "5xx 20 → 0 %, golden 75 → 100 %")
    assert wrong.end is End.FAILED
    assert wrong.detail.startswith("it did not help: still 5xx 20 → 0 %, golden 75 → 75 %")
    assert failing.end is End.FAILED
    assert took_s < 130


def test_a_number_without_a_limit_is_not_waited_for() -> None:
    shown = breach(Trigger("p95", None, None), "prometheus", None, "no data")

    result, took_s, _ = see(iter(()), shown)

    assert result == Result(End.SKIPPED, "no signal is configured")
    assert took_s == 0


def test_nothing_to_measure_with_is_never_a_success() -> None:
    async def play() -> Result:
        world = World(None, None, LoopClock(START), seen=APP)
        return await SeeRecovery((breach(GOLDEN, "golden", 75.0, "breached"),)).verify(world)

    assert run_virtual(play()).end is End.UNPROVEN


def test_it_comes_after_the_turn_and_after_who_serves_is_proven() -> None:
    record = SeeRecovery(()).record()

    assert (record.makes, record.needs) == (("proven",), ("turned", "served"))
