"""Waits for the pipeline to deploy a commit: a revision that says it holds it, ready and answering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.code import CodeState, Condition, Revision
from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.steps.ready_revision import right, unreachable
from console.steps.step import End, Finding, Ground, Result, World

PACE_S = 2.0


@dataclass(frozen=True, slots=True)
class AwaitRevision:
    """Expects nothing; leaves a ready revision whose env `name` is `commit`. `wait_s` is how long that may take."""

    kind: ClassVar[str] = "await_revision"
    name: str
    commit: str
    wait_s: float

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> AwaitRevision:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"the pipeline deploys {self.commit[:9]}, at most {self.wait_s / 60:.0f} min"
        body = asdict(self)
        return StepRecord(self.kind, title, "", Risk.SLOW, False, body, makes=("ready",), needs=("pushed",))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written: the pipeline does."""

    async def verify(self, world: World) -> Result:
        ends, told = world.clock.now() + timedelta(seconds=self.wait_s), ""
        while world.clock.now() < ends:
            try:
                state = await world.reader.code_state()
                done, said = await self._look(world, state)
            except Failure as failure:
                done, said = None, f"cannot read Azure: {failure.sentence}"
            if done is not None:
                return done
            if said != told:
                told = said
                world.progress(said)
            await world.clock.sleep(PACE_S)
        return Result(
            End.FAILED, f"the pipeline did not deploy {self.commit[:9]} in time: {told}; traffic is untouched"
        )

    async def _look(self, world: World, state: CodeState) -> tuple[Result | None, str]:
        revision = holding(state, self.name, self.commit)
        if revision is None:
            return None, f"no revision holds {self.commit[:9]} yet"
        short = state.short(revision.name)
        if revision.condition is Condition.FAILED:
            return Result(End.FAILED, f"{short} fails to start: {revision.error or revision.running}"), ""
        if revision.condition is not Condition.READY:
            return None, f"{short} is {revision.condition}"
        answer = await world.prober.ask_revision(revision)
        if not right(answer) and not unreachable(answer):
            return None, f"{short} answers {answer.status}"
        return Result(End.DONE, f"{short} holds it and is ready"), ""

    def invert(self) -> None:
        return None


def holding(state: CodeState, name: str, commit: str) -> Revision | None:
    """The newest revision whose env `name` is that commit, in full or by its first digits."""
    for revision in state.revisions:
        said = dict(revision.env).get(name, "")
        if len(said) >= 7 and commit.startswith(said):
            return revision
    return None


STEP = AwaitRevision
