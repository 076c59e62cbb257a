"""The proof of answers: asked again while caches may hold the old prompt, and no success by silence."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, cycle, repeat
from typing import Any

import pytest

from console.clock import LoopClock
from console.domain.code import CodeState, Revision
from console.domain.failure import Failure, FailureKind
from console.domain.golden import GoldenResult
from console.domain.run import Kind
from console.simulator.loop import run_virtual
from console.steps import revive
from console.steps.prove_answers import BOUND_S, ProveAnswers
from console.steps.step import End, Result, World
from tests.engine.played import START

V41 = Revision("bot--v41", True, "", "Running", "Provisioned", 1, "image", None, "")
APP = CodeState("bot", "Multiple", "Succeeded", "Running", "bot.example", True, (), (V41,), None)
DOSE = (("dose", "does not contain “400 mg”"),)


def right() -> GoldenResult:
    return GoldenResult(8, 8, START)


def wrong() -> GoldenResult:
    return GoldenResult(7, 8, START, failures=DOSE)


def silent() -> GoldenResult:
    return GoldenResult(0, 0, START, unasked=8, silence="no answer in time")


def prove(results: Iterable[GoldenResult | None], **fields: Any) -> tuple[Result, list[str], float, list[object]]:
    """The result, what was told meanwhile, the seconds it took, and who was asked."""
    told: list[str] = []
    asked: list[object] = []
    coming = iter(results)

    async def examine(revision: Revision | None) -> GoldenResult | None:
        asked.append(revision)
        return next(coming)

    def tell(kind: Kind, **body: str) -> None:
        if kind is Kind.PROGRESS:
            told.append(body["detail"])

    async def play() -> tuple[Result, float]:
        clock = LoopClock(START)
        world = World(None, None, clock, tell=tell, seen=APP, examine=examine)
        step = revive(ProveAnswers(**fields).record())
        began = clock.now()
        return await step.verify(world), (clock.now() - began).total_seconds()

    result, took_s = run_virtual(play())
    return result, told, took_s, asked


def test_all_right_at_once_is_a_proof_at_once() -> None:
    result, told, took_s, asked = prove([right()])

    assert result == Result(End.DONE, "golden 8/8")
    assert (told, took_s, asked) == ([], 0, [None])


def test_a_cache_that_holds_the_old_prompt_is_waited_out() -> None:
    result, told, took_s, _ = prove(chain([wrong(), wrong()], repeat(right())))

    assert result.end is End.DONE
    assert told[0] == "golden 7/8: dose"
    assert 0 < took_s <= BOUND_S


def test_one_good_exam_among_wrong_ones_is_no_proof() -> None:
    result, _, took_s, _ = prove(cycle([wrong(), right()]))

    assert result.end is End.FAILED
    assert took_s >= BOUND_S


def test_wrong_to_the_end_did_not_help() -> None:
    result, _, took_s, asked = prove(repeat(wrong()))

    assert result == Result(End.FAILED, "it did not help: golden 7/8: dose")
    assert BOUND_S <= took_s < 2 * BOUND_S
    assert len(asked) < 12


def test_silence_is_unproven_and_not_waited_out() -> None:
    result, _, took_s, _ = prove(repeat(silent()))

    assert result.end is End.UNPROVEN
    assert "not answered" in result.detail
    assert took_s < BOUND_S / 2


def test_a_part_that_is_never_answered_is_unproven() -> None:
    part = GoldenResult(6, 6, START, unasked=2, silence="no answer in time")

    result, _, _, _ = prove(repeat(part))

    assert result.end is End.UNPROVEN
    assert "6/8 (2 not answered)" in result.detail


def test_a_longer_lasting_cache_is_waited_for_as_long_as_the_plan_says() -> None:
    result, _, took_s, _ = prove(repeat(wrong()), within_s=300.0)

    assert result.end is End.FAILED
    assert took_s >= 300


def test_a_revision_is_asked_by_its_own_address() -> None:
    result, _, _, asked = prove([right()], whom="bot--v41", short="v41")

    assert result.end is End.DONE
    assert asked == [V41]


@pytest.mark.parametrize("examine", [None, "nothing", "failure"])
def test_what_cannot_be_examined_is_never_a_success(examine: str | None) -> None:
    async def examined(revision: Revision | None) -> GoldenResult | None:
        if examine == "failure":
            raise Failure(FailureKind.REJECTED, "golden.toml has one mistake:")
        return None

    async def play() -> Result:
        world = World(None, None, LoopClock(START), seen=APP, examine=examined if examine else None)
        return await ProveAnswers().verify(world)

    result = run_virtual(play())

    assert result.end is End.UNPROVEN
    assert result.detail.startswith("answers: not measured (")


def test_it_comes_after_whatever_turns_a_layer() -> None:
    record = ProveAnswers("bot--v41", "v41").record()

    assert (record.makes, record.needs, record.writes) == (("proven",), ("turned",), False)
    assert record.title == "answers of v41: all golden questions pass"
