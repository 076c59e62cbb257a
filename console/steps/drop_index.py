"""Drops an index that is not in use: its table and its row of the registry, in one transaction, for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.embedding.door import EmbeddingDoor


@dataclass(frozen=True, slots=True)
class DropIndex:
    """Expects `index` registered, not active and with this stamp; leaves neither row nor, with `table`, table."""

    kind: ClassVar[str] = "drop_index"
    index: str
    embedder: str
    dimensions: int | None
    table: bool
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> DropIndex:
        return cls(**body)

    def record(self) -> StepRecord:
        what = "" if self.table else " from the registry"
        title = f"drop {self.index}{what}"
        makes = ("turned", "embedding turned")
        return StepRecord(self.kind, title, self.command, Risk.IRREVERSIBLE, True, asdict(self), True, makes)

    async def check(self, world: World) -> Finding:
        door: EmbeddingDoor = world.door("embedding")
        state = await door.observe(await world.reader.code_state())
        found = state.find(self.index)
        if found is None:
            return Finding(Ground.REACHED, f"{self.index} is not registered any more")
        if found.active or found in state.actives:
            return Finding(Ground.MOVED, f"{self.index} is in use now")
        if (found.embedder, found.dimensions) != (self.embedder, self.dimensions):
            return Finding(Ground.MOVED, f"{self.index} is not what was shown: it is {found.stamp} now")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        door: EmbeddingDoor = world.door("embedding")
        await door.writing().drop(self.index, self.table)
        world.tell(Kind.ACCEPTED, detail="committed")

    async def verify(self, world: World) -> Result:
        door: EmbeddingDoor = world.door("embedding")
        state = await door.observe(None)
        if state.find(self.index) is not None:
            end = End.UNKNOWN if world.unsure else End.FAILED
            return Result(end, f"read back: {self.index} is still registered")
        if self.table and await door.reader.exists(self.index):
            return Result(End.FAILED, f"read back: the table of {self.index} still exists")
        world.tell(Kind.CONFIGURED, detail=f"{self.index} is gone")
        return Result(End.DONE, f"read back: {self.index} is gone")

    def invert(self) -> None:
        """What is dropped can only be built again."""
        return None


STEP = DropIndex
