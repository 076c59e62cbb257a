"""One plan over several layers stands in the order that its steps' own constraints give."""

from __future__ import annotations

import pytest

from console.domain.order import ordered
from console.domain.plan import Risk, StepRecord


def step(title: str, writes: bool = True, makes: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> StepRecord:
    return StepRecord("any", title, "", Risk.REVERSIBLE, writes, {"title": title}, False, makes, needs)


READY = step("ready", makes=("ready",))
SHIFT = step("shift", makes=("turned", "code turned"), needs=("ready", "prompt turned"))
FLIP = step("flip", makes=("turned", "prompt turned"))
SERVING = step("serving", False, makes=("served",), needs=("turned",))
NAMED = step("named", False, needs=("turned",))
RECOVERED = step("recovered", False, needs=("turned", "served"))
LABEL = step("label")


def titles(*chains: tuple[StepRecord, ...]) -> list[str]:
    return [record.title for record in ordered(chains)]


def test_every_write_comes_before_every_proof_and_a_shared_proof_is_taken_once() -> None:
    code = (READY, SHIFT, SERVING, RECOVERED, LABEL)
    prompt = (FLIP, NAMED, RECOVERED)
    assert titles(code, prompt) == ["ready", "flip", "shift", "serving", "named", "recovered", "label"]


def test_a_single_plan_keeps_its_order() -> None:
    assert titles((READY, SHIFT, SERVING, RECOVERED, LABEL)) == ["ready", "shift", "serving", "recovered", "label"]


def test_two_writes_that_look_alike_are_both_taken() -> None:
    assert titles((LABEL,), (LABEL,)) == ["label", "label"]


def test_constraints_that_contradict_each_other_are_said_to() -> None:
    first, second = step("first", makes=("a",), needs=("b",)), step("second", makes=("b",), needs=("a",))
    with pytest.raises(ValueError, match="first, second"):
        ordered([(first,), (second,)])
