"""Brings an old revision back as a new one: a copy of its template, since single mode serves only the newest.

A copy takes the app's current secrets and ingress: those are the app's, not the revision's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.code import CodeState, Condition, Revision
from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.following import accept, by
from console.steps.ready_revision import right, unreachable
from console.steps.step import End, Finding, Ground, Result, World

DEADLINE_S = 300.0
PACE_S = 0.5


@dataclass(frozen=True, slots=True)
class NewRevision:
    """Expects `source` with this template and `latest` as the newest; leaves `target`, of the same image, serving."""

    kind: ClassVar[str] = "new_revision"
    app: str
    source: str
    source_short: str
    template: str
    image: str
    latest: str
    mode: str
    target: str
    short: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> NewRevision:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"copy {self.source_short} as {self.short}"
        makes, needs = ("turned", "code turned"), ("prompt turned", "model turned", "embedding turned")
        return StepRecord(self.kind, title, self.command, Risk.SLOW, True, asdict(self), True, makes, needs)

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        source = state.find(self.source)
        if state.find(self.target) is not None:
            return Finding(Ground.REACHED, f"{self.short} exists already{by(state)}")
        if source is None:
            return Finding(Ground.MOVED, f"{self.source_short} no longer exists")
        if source.template != self.template:
            return Finding(Ground.MOVED, f"{self.source_short} is not the revision that was shown")
        if state.latest != self.latest:
            return Finding(Ground.MOVED, f"{state.short(state.latest or '?')} was deployed meanwhile{by(state)}")
        if state.mode != self.mode:
            return Finding(Ground.MOVED, f"the app is in {state.mode} revision mode now{by(state)}")
        if state.provisioning.lower() == "inprogress":
            return Finding(Ground.UNFIT, f"Azure is still carrying out another change of {self.app}{by(state)}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        template = await world.reader.template(self.source)
        if template is None:
            raise Failure(FailureKind.NOT_FOUND, f"{self.source_short} no longer exists; nothing was sent")
        suffix = self.target.removeprefix(f"{self.app}--")
        if world.actions is not None:
            accept(world, await world.actions.new_revision({**template, "revisionSuffix": suffix}))

    async def verify(self, world: World) -> Result:
        """Waits until the copy carries the traffic and answers; compares its image, since copies were seen to err."""
        ends = world.clock.now() + timedelta(seconds=DEADLINE_S)
        told = ""
        while world.clock.now() < ends:
            result, detail = await self._look(world)
            if result is not None:
                return result
            if detail and detail != told:
                told = detail
                world.progress(detail)
            await world.clock.sleep(PACE_S)
        return Result(
            End.UNKNOWN, f"{self.short} did not serve within {DEADLINE_S:.0f} s: {told or 'Azure says nothing'}"
        )

    async def _look(self, world: World) -> tuple[Result | None, str]:
        try:
            state = await world.reader.code_state()
        except Failure as failure:
            return None, f"cannot read Azure: {failure.sentence}"
        copy = state.find(self.target)
        if copy is None:
            return None, f"{self.short} does not exist yet"
        if copy.image != self.image:
            return Result(End.FAILED, f"{self.short} runs {copy.image}, not {self.image} as {self.source_short}"), ""
        return await self._answering(world, state, copy)

    async def _answering(self, world: World, state: CodeState, copy: Revision) -> tuple[Result | None, str]:
        if copy.condition is Condition.FAILED:
            return Result(End.FAILED, f"{self.short} fails to start: {copy.error or copy.running}"), ""
        if copy.condition is not Condition.READY or state.weight(copy.name) < 100:
            return None, f"{self.short} is {copy.condition}"
        sample = await world.prober.ask_revision(copy)
        if not right(sample) and not unreachable(sample):
            return None, f"{self.short} answers {sample.status}"
        world.seen = state
        detail = f"{self.short} has the traffic, image as {self.source_short}"
        world.tell(Kind.CONFIGURED, detail=detail)
        return Result(End.DONE, detail), ""

    def invert(self) -> None:
        """A copy is left behind by copying once more; there is nothing to take back."""
        return None


STEP = NewRevision
