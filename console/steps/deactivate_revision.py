"""Stops a revision that carries no traffic any more, so that it consumes no queue and costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.following import by
from console.steps.step import End, Finding, Ground, Result, World

BOUND_S = 120.0
PACE_S = 0.5


@dataclass(frozen=True, slots=True)
class DeactivateRevision:
    """Expects `revision` active and without traffic; leaves it inactive. Activating it again takes it back."""

    kind: ClassVar[str] = "deactivate_revision"
    revision: str
    short: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> DeactivateRevision:
        return cls(**body)

    def record(self) -> StepRecord:
        return StepRecord(self.kind, f"deactivate {self.short}", self.command, Risk.REVERSIBLE, True, asdict(self))

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        found = state.find(self.revision)
        if found is None or not found.active:
            return Finding(Ground.REACHED, f"{self.short} is not active any more{by(state)}")
        if state.weight(self.revision) > 0:
            share = state.weight(self.revision)
            return Finding(Ground.MOVED, f"{self.short} carries {share} % of the traffic{by(state)}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        if world.actions is not None:
            await world.actions.deactivate(self.revision)
            world.tell(Kind.ACCEPTED, detail="accepted by Azure")

    async def verify(self, world: World) -> Result:
        ends = world.clock.now() + timedelta(seconds=BOUND_S)
        while world.clock.now() < ends:
            try:
                found = await world.reader.revision(self.revision)
            except Failure as failure:
                world.progress(f"cannot read Azure: {failure.sentence}")
            else:
                if found is None or not found.active:
                    world.tell(Kind.CONFIGURED, detail="read back: inactive")
                    return Result(End.DONE, "read back: inactive")
            await world.clock.sleep(PACE_S)
        return Result(End.UNKNOWN, f"{self.short} still reads active after {BOUND_S:.0f} s")

    def invert(self) -> None:
        """Activating it again is an act of its own."""
        return None


STEP = DeactivateRevision
