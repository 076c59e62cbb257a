"""Whether it helped is judged by what is measured afterwards, whatever was known before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, repeat

import pytest

from console.clock import LoopClock
from console.domain.code import CodeState
from console.domain.plan import Breach
from console.domain.run import Kind
from console.domain.signal import Sample, Trigger
from console.simulator.loop import run_virtual
from console.steps.see_recovery import SeeRecovery
from console.steps.step import End, Result, World
from tests.engine.played import START

APP = CodeState("app", "Multiple", "Succeeded", "Running", "app.example", True, (), (), None)
LIMIT = Trigger("5xx", above=5, for_s=15, min_count=20)


class Service:
    """Answers with these statuses, one after the other; None is no answer."""

    identifies = True
    every_s = 0.25
    path = "/chat"

    def __init__(self, statuses: Iterator[int | None], clock: LoopClock) -> None:
        self._statuses = statuses
        self._clock = clock

    async def ask_app(self, state: CodeState) -> Sample:
        return Sample(self._clock.now(), next(self._statuses))


def see(
    before: str, value: float | None, statuses: Iterator[int | None], proof: Sequence[Sample] = ()
) -> tuple[Result, list[Kind]]:
    """The result for one signal that was `before`, with the samples of the proof, and what was told."""
    told: list[Kind] = []

    async def play() -> Result:
        clock = LoopClock(START)
        service = Service(statuses, clock)
        world = World(None, service, clock, tell=lambda kind, **body: told.append(kind), seen=APP)
        world.samples.extend(proof)
        world.proven_since = START if proof else None
        return await SeeRecovery((Breach("5xx", value, "%", LIMIT, state=before),)).verify(world)

    return run_virtual(play()), told


def test_a_signal_back_within_its_limit_is_a_recovery() -> None:
    result, told = see("breached", 21.0, repeat(200))

    assert result.end is End.DONE
    assert Kind.RECOVERED in told


@pytest.mark.parametrize("before", ["no data", "error", "breached"])
def test_errors_afterwards_are_a_failure_whatever_was_known_before(before: str) -> None:
    result, told = see(before, None, cycle([200, 500]))

    assert result.end is End.FAILED
    assert "5xx not measured → 5" in result.detail
    assert Kind.RECOVERED not in told


@pytest.mark.parametrize("before", ["no data", "error", "breached"])
def test_silence_afterwards_is_unproven_and_not_waited_out(before: str) -> None:
    result, told = see(before, None, repeat(None))

    assert result.end is End.UNPROVEN
    assert "no answers" in result.detail
    assert Kind.RECOVERED not in told


def test_what_was_unmeasured_and_is_fine_afterwards_is_said_with_both() -> None:
    result, _ = see("no data", None, repeat(200))

    assert result.end is End.DONE
    assert result.detail == "5xx not measured → 0 %"


def test_what_was_fine_before_and_fails_in_the_proof_itself_was_made_worse() -> None:
    failing = [Sample(START, 500) for _ in range(66)]

    result, told = see("ok", 0.0, repeat(500), failing)

    assert result.end is End.FAILED
    assert result.detail.startswith("it made things worse: 5xx 0 → 100 %")
    assert told.count(Kind.RECOVERED) == 0


def test_what_was_fine_before_is_not_waited_for_and_is_no_recovery() -> None:
    result, told = see("ok", 0.0, repeat(200))

    assert result.end is End.DONE
    assert told == []
