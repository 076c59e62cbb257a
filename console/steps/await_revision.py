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
LEAST_DIGITS = 7


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
        title = f"the pipeline deploys {self.commit[:9]}, waited for at most {self.wait_s / 60:.0f} min"
        body = asdict(self)
        return StepRecord(self.kind, title, "", Risk.SLOW, False, body, makes=("ready",), needs=("pushed",))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written: the pipeline does."""

    async def verify(self, world: World) -> Result:
        started, told = world.clock.now(), ""
        ends = started + timedelta(seconds=self.wait_s)
        while world.clock.now() < ends:
            try:
                done, said = await self._look(world, await world.reader.code_state())
            except Failure as failure:
                done, said = None, f"cannot read Azure: {failure.sentence}"
            if done is not None:
                return done
            if said != told:
                told = said
                world.progress(said)
            await world.clock.sleep(PACE_S)
        waited = f"{self.wait_s:.0f} s" if self.wait_s < 120 else f"{self.wait_s / 60:.0f} min"
        return Result(End.FAILED, f"{told or 'Azure says nothing'} after {waited}; no traffic was moved")

    async def _look(self, world: World, state: CodeState) -> tuple[Result | None, str]:
        revision = holding(state, self.name, self.commit)
        if revision is None:
            return None, f"no revision holds {self.commit[:9]} yet"
        short, world.seen = state.short(revision.name), state
        if revision.condition is Condition.FAILED:
            why = revision.error or revision.running or revision.provisioning
            return Result(End.FAILED, f"{short} fails to start: {why}; no traffic was moved"), ""
        if revision.condition not in (Condition.READY, Condition.SCALED_TO_ZERO):
            return None, f"{short} is {revision.condition}"
        answer = await world.prober.ask_revision(revision)
        if right(answer):
            return Result(End.DONE, f"{short} holds it and answers in {answer.latency}"), ""
        if unreachable(answer) and revision.replicas > 0:
            return Result(End.DONE, f"{short} holds it and runs; it cannot be asked from here"), ""
        return None, f"{short} answers {answer.status or answer.error or 'nothing'}"

    def invert(self) -> None:
        return None


def holding(state: CodeState, name: str, commit: str) -> Revision | None:
    """The newest revision whose env `name` is that commit, in full or by its first digits."""
    for revision in state.revisions:
        said = dict(revision.env).get(name, "").strip().lower()
        if len(said) >= LEAST_DIGITS and commit.startswith(said):
            return revision
    return None


STEP = AwaitRevision
