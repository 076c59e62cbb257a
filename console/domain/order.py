"""The order of a plan's steps, from the constraints that the steps themselves declare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from console.domain.plan import StepRecord


def ordered(chains: Iterable[Sequence[StepRecord]]) -> tuple[StepRecord, ...]:
    """All steps of several chains in one order: each chain keeps its own, and what a step needs comes before it.

    A step that stands in several chains is taken once. Where nothing decides, the earlier chain goes first. Raises
    ValueError where the constraints contradict each other.
    """
    steps: list[StepRecord] = []
    before: list[set[int]] = []
    for chain in chains:
        last: int | None = None
        for record in chain:
            place = _place(steps, record)
            if place == len(steps):
                steps.append(record)
                before.append(set())
            if last is not None and last != place:
                before[place].add(last)
            last = place
    for index, record in enumerate(steps):
        makers = (other for other, one in enumerate(steps) if set(one.makes) & set(record.needs))
        before[index].update(other for other in makers if other != index)
    return _sorted(steps, before)


def _place(steps: Sequence[StepRecord], record: StepRecord) -> int:
    """Where an equal step stands already, or the end; only what never writes is shared."""
    if not record.writes:
        for index, one in enumerate(steps):
            if one == record:
                return index
    return len(steps)


def _sorted(steps: Sequence[StepRecord], before: Sequence[set[int]]) -> tuple[StepRecord, ...]:
    left, done, order = set(range(len(steps))), set[int](), list[int]()
    while left:
        free = [index for index in sorted(left) if before[index] <= done]
        if not free:
            titles = ", ".join(steps[index].title for index in sorted(left))
            raise ValueError(f"the steps contradict each other: {titles}")
        order.append(free[0])
        done.add(free[0])
        left.remove(free[0])
    return tuple(steps[index] for index in order)
