"""Switches the index in use: one transaction on the registry that locks its rows, looks again, and turns one flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from console.domain.embedding import EmbeddingState, Index
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.embedding.door import EmbeddingDoor


LOST_S = 30.0
PACE_S = 1.0


@dataclass(frozen=True, slots=True)
class SwitchIndex:
    """Expects exactly these indexes active, and `index` as its embedder and dimensions say; leaves it alone active.

    `lossy` says that documents would not be found afterwards. `turns` says that the goal serves with
    this write; where traffic moves too, that turns.
    """

    kind: ClassVar[str] = "switch_index"
    expects: tuple[str, ...]
    index: str
    embedder: str
    dimensions: int | None
    command: str
    turns: bool = True
    lossy: bool = False

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SwitchIndex:
        return cls(**{**body, "expects": tuple(body["expects"])})

    def record(self) -> StepRecord:
        return StepRecord(
            self.kind,
            f"index → {self.index}",
            self.command,
            Risk.LOSSY if self.lossy else Risk.REVERSIBLE,
            True,
            asdict(self),
            self.turns,
            makes=("turned", "embedding turned"),
            needs=("ready",),
        )

    @property
    def leaves(self) -> Index:
        return Index(self.index, self.embedder, self.dimensions, None, None, True)

    async def check(self, world: World) -> Finding:
        door: EmbeddingDoor = world.door("embedding")
        state = await door.observe(None)
        goal, active = state.find(self.index), _active(state)
        if goal is None:
            return Finding(Ground.MOVED, f"{self.index} is not registered any more")
        if (goal.embedder, goal.dimensions) != (self.embedder, self.dimensions) or goal.other_dimensions:
            return Finding(Ground.MOVED, f"{self.index} is not what was shown: it is {goal.stamp} now")
        if active == (self.index,):
            since = f" since {goal.activated_at:%H:%M:%S}Z" if goal.activated_at else ""
            return Finding(Ground.REACHED, f"{self.index} is the active index already{since}")
        if active != tuple(sorted(self.expects)):
            return Finding(Ground.MOVED, f"the registry moved meanwhile: active is {', '.join(active) or 'none'}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        door: EmbeddingDoor = world.door("embedding")
        await door.writing().switch(self.expects, self.leaves)
        world.tell(Kind.ACCEPTED, detail="committed")

    async def verify(self, world: World) -> Result:
        """Reads the registry back. A commit whose answer was lost may still be on its way."""
        door: EmbeddingDoor = world.door("embedding")
        ends = world.clock.now() + timedelta(seconds=LOST_S)
        active = _active(await door.observe(None))
        while world.unsure and active != (self.index,) and world.clock.now() < ends:
            await world.clock.sleep(PACE_S)
            active = _active(await door.observe(None))
        if active != (self.index,):
            told = f"read back: active is {', '.join(active) or 'none'}, not {self.index}"
            return Result(End.UNKNOWN if world.unsure else End.FAILED, told)
        detail = f"read back: {self.index} ({self.leaves.stamp}) is active"
        if self.turns:
            world.tell(Kind.CONFIGURED, detail=detail)
        return Result(End.DONE, detail)

    def invert(self) -> None:
        """The way back is planned afresh: the index that was left must still be what it was."""
        return None


def _active(state: EmbeddingState) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in state.indexes if one.active))


STEP = SwitchIndex
