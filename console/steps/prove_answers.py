"""Proves that it answers well again: the golden questions, put to the service or to one revision until all pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.code import Revision
from console.domain.failure import Failure
from console.domain.golden import GoldenResult
from console.domain.plan import Risk, StepRecord
from console.steps.step import End, Finding, Ground, Result, World

BOUND_S = 90.0
MOST_S = 900.0
FIRST_PAUSE_S = 3.0
SILENT = 3


@dataclass(frozen=True, slots=True)
class ProveAnswers:
    """`whom` is the full name of a revision, asked by its own address; empty for the service. `short` is for people.

    It asks again for `within_s` seconds, since caches may hold the old prompt so long; the last result is told.
    """

    kind: ClassVar[str] = "prove_answers"
    whom: str = ""
    short: str = ""
    within_s: float = BOUND_S

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProveAnswers:
        return cls(**body)

    def record(self) -> StepRecord:
        whose = f" of {self.short or self.whom}" if self.whom else ""
        return StepRecord(
            self.kind,
            f"answers{whose}: all golden questions pass",
            "",
            Risk.REVERSIBLE,
            False,
            asdict(self),
            makes=("proven",),
            needs=("turned",),
        )

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        """Asks a few times. Once an answer was wrong all must pass twice running: not all replicas turn at once."""
        if world.examine is None:
            return Result(End.UNPROVEN, "answers: not measured (no golden questions)")
        try:
            revision = await self._revision(world)
            return await self._asked(world, revision)
        except Failure as failure:
            return Result(End.UNPROVEN, f"answers: not measured ({failure.sentence})")

    async def _revision(self, world: World) -> Revision | None:
        """Whom to ask; the app is read for its address."""
        state = await world.app()
        if not self.whom:
            return None
        known = state.find(self.whom) if state is not None else None
        return known or await world.reader.revision(self.whom)

    async def _asked(self, world: World, revision: Revision | None) -> Result:
        if self.whom and revision is None:
            return Result(End.UNPROVEN, f"answers: not measured ({self.short or self.whom} does not exist any more)")
        ends = world.clock.now() + timedelta(seconds=min(self.within_s, MOST_S))
        pause_s, wanted, perfect, silent = FIRST_PAUSE_S, 1, 0, 0
        while True:
            result = await self._examined(world, revision)
            if result is None:
                return Result(End.UNPROVEN, "answers: not measured (no golden questions)")
            perfect = perfect + 1 if result.perfect else 0
            silent = 0 if result.measured else silent + 1
            wanted = 2 if result.failures else wanted
            if perfect >= wanted:
                return Result(End.DONE, f"golden {result.words}")
            late = world.clock.now() >= ends and not perfect
            if late or silent >= SILENT:
                return _last(result)
            world.progress(told(result))
            await world.clock.sleep(pause_s)
            pause_s *= 1.5

    async def _examined(self, world: World, revision: Revision | None) -> GoldenResult | None:
        return await world.examine(revision) if world.examine is not None else None

    def invert(self) -> None:
        return None


def told(result: GoldenResult) -> str:
    """`golden 6/8: dose, interactions`, or why nothing was answered."""
    names = ", ".join(name for name, _ in result.failures) or result.silence
    return f"golden {result.words}: {names}" if names else f"golden {result.words}"


def _last(result: GoldenResult) -> Result:
    """A wrong answer is one thing, too few answers to say so another."""
    if result.failures:
        return Result(End.FAILED, f"it did not help: {told(result)}")
    return Result(End.UNPROVEN, f"answers: not proven: {told(result)}")


STEP = ProveAnswers
