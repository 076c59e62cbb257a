"""Proves that the index finds what it should: the stored questions, with the vectors of the embedder that serves."""

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
class ProveRecall:
    """Expects nothing; of the questions at least the share `limit` must find a document, and no fewer than `before`.

    `before` is what was found before the switch, `was` in words; None where it could not be asked.
    """

    kind: ClassVar[str] = "prove_recall"
    index: str
    embedder: str
    limit: float
    before: float | None = None
    was: str = ""

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProveRecall:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"recall: {self.index} finds at least {self.limit * 100:.0f} % of the stored questions' documents"
        makes, needs = ("proven",), ("turned",)
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self), makes=makes, needs=needs)

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        door: EmbeddingDoor = world.door("embedding")
        try:
            recall = await door.recall(self.index, self.embedder)
        except (Failure, ValueError) as error:
            said = error.sentence if isinstance(error, Failure) else str(error)
            return Result(End.UNPROVEN, f"recall: not measured ({said})")
        if recall.share is None:
            return Result(End.UNPROVEN, f"recall: not measured (no question has a vector of {self.embedder})")
        before = f"{self.was} → " if self.was else ""
        missed = f": missed {', '.join(recall.missed[:5])}" if recall.missed else ""
        words = f"recall {before}{recall.words}{missed}"
        if recall.share < max(self.limit, self.before or 0.0):
            return Result(End.FAILED, f"it did not help: {words}")
        return Result(End.DONE, words)

    def invert(self) -> None:
        return None


STEP = ProveRecall
