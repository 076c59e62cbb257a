"""Proves that the revision of a commit serves: answers in a row from it, once its name is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.plan import Risk, StepRecord
from console.domain.proof import answers_needed
from console.steps.await_revision import holding
from console.steps.prove_serving import ProveServing
from console.steps.step import End, Finding, Ground, Result, World


@dataclass(frozen=True, slots=True)
class ProveCommit:
    """Expects nothing. `former_share` is the bad revision's share before, in percent; `named` as for ProveServing."""

    kind: ClassVar[str] = "prove_commit"
    name: str
    commit: str
    former_share: int
    named: bool = True

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProveCommit:
        return cls(**body)

    def record(self) -> StepRecord:
        whose = f"the revision of {self.commit[:9]}"
        count = f"{answers_needed(self.former_share)} answers in a row from {whose}"
        title = f"serving: {count if self.named else 'by Azure’s count of requests'}"
        body = asdict(self)
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, body, makes=("served",), needs=("turned",))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        state = await world.app()
        revision = holding(state, self.name, self.commit) if state is not None else None
        if state is None or revision is None:
            state = await world.reader.code_state()
            revision = holding(state, self.name, self.commit)
        if revision is None:
            return Result(End.UNPROVEN, f"serving not proven: no revision holds {self.commit[:9]} any more")
        short = state.short(revision.name)
        return await ProveServing(revision.name, short, self.former_share, self.named).verify(world)

    def invert(self) -> None:
        return None


STEP = ProveCommit
