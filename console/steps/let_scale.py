"""Holds between two parts of a shift, until the target has scaled to what is coming, or a bound has passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.steps.ready_revision import right
from console.steps.step import End, Finding, Ground, Result, World

BOUND_S = 60.0
PACE_S = 1.0


@dataclass(frozen=True, slots=True)
class LetScale:
    """Expects nothing; waits for `replicas` replicas of `target`."""

    kind: ClassVar[str] = "let_scale"
    target: str
    short: str
    replicas: int

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> LetScale:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"{self.short} scales to {self.replicas} replicas"
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        """Enough replicas, or right answers all along; wrong answers end the run with part of the traffic moved."""
        ends, replicas, last = world.clock.now() + timedelta(seconds=BOUND_S), 0, False
        while world.clock.now() < ends:
            try:
                found = await world.reader.revision(self.target)
            except Failure:
                found = None
            if found is not None:
                if found.replicas != replicas:
                    replicas = found.replicas
                    world.progress(f"{replicas} of {self.replicas} replicas")
                last = right(await world.prober.ask_revision(found))
                if replicas >= self.replicas and last:
                    return Result(End.DONE, f"{replicas} replicas")
            await world.clock.sleep(PACE_S)
        if not last:
            return Result(
                End.FAILED, f"{self.short} does not answer rightly with part of the traffic; the rest was kept"
            )
        return Result(End.DONE, f"{replicas} replicas after {BOUND_S:.0f} s; going on, since it answers")

    def invert(self) -> None:
        return None


STEP = LetScale
