"""Proves that index and embedder fit: read back from the registry, from the vectors' table and from who serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.embedding.door import EmbeddingDoor


@dataclass(frozen=True, slots=True)
class ProveEmbedding:
    """Expects nothing; `index` must be the one in use, built by `embedder`, which must be who asks it."""

    kind: ClassVar[str] = "prove_embedding"
    index: str
    embedder: str
    dimensions: int | None

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProveEmbedding:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"fits: {self.index} and who asks it, both {self.embedder or 'of an unknown embedder'}"
        makes, needs = ("proven",), ("turned",)
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self), makes=makes, needs=needs)

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        door: EmbeddingDoor = world.door("embedding")
        try:
            code = await world.reader.code_state()
            state = await door.observe(code)
        except Failure as failure:
            return Result(End.UNPROVEN, f"whether index and embedder fit is not known: {failure.sentence}")
        active = state.active
        if active is None or active.name != self.index:
            names = ", ".join(one.name for one in state.actives) or "none"
            return Result(End.FAILED, f"the index in use is {names}, not {self.index}")
        if (active.embedder, active.dimensions) != (self.embedder, self.dimensions):
            return Result(End.FAILED, f"{self.index} is {active.stamp} now, not as it was shown")
        if state.mismatch:
            return Result(End.FAILED, state.mismatch)
        holds = f" and holds {active.found_dimensions} dimensions" if active.found_dimensions else ""
        silent = [name for name in state.serving if not state.embedders.get(name)]
        if silent or not state.serving:
            whom = ", ".join(code.short(name) for name in silent) or "who serves"
            return Result(End.UNPROVEN, f"{self.index} is {active.stamp}{holds}; with what {whom} asks is not known")
        return Result(End.DONE, f"{self.index} is {active.stamp}{holds}; {self.embedder} asks it")

    def invert(self) -> None:
        return None


STEP = ProveEmbedding
