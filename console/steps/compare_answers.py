"""Puts the golden questions to a revision by its own address, and to the service, so that both can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.failure import Failure, FailureKind
from console.domain.golden import GoldenResult
from console.domain.plan import Risk, StepRecord
from console.steps.step import End, Finding, Ground, Result, World


@dataclass(frozen=True, slots=True)
class CompareAnswers:
    """Expects nothing and leaves nothing; `revision` is a full name, `short` what a person calls it.

    What it scores is told, and fails nothing: a comparison is what this is for.
    """

    kind: ClassVar[str] = "compare_answers"
    revision: str
    short: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> CompareAnswers:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"golden questions: {self.short} beside the service"
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self), needs=("ready",))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        """The service is asked first, then the revision: side by side they would compete for the same quota."""
        if world.examine is None:
            return Result(End.UNPROVEN, "answers: not measured (no golden questions)")
        made = await world.reader.revision(self.revision)
        if made is None:
            raise Failure(FailureKind.NOT_FOUND, f"{self.short} no longer exists")
        service = await world.examine(None)
        own = await world.examine(made)
        told = f"golden: {self.short} {_words(own)}, the service {_words(service)}"
        return Result(End.DONE if own is not None and own.measured else End.UNPROVEN, told)

    def invert(self) -> None:
        return None


def _words(result: GoldenResult | None) -> str:
    return result.words if result is not None else "not asked"


STEP = CompareAnswers
