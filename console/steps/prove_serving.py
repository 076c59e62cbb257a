"""Proves who serves: answers in a row from the intended revision, by its own word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from console.domain.code import CodeState
from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.domain.proof import Streak, answers_needed
from console.domain.run import Kind
from console.domain.signal import Sample
from console.steps.ready_revision import right
from console.steps.step import End, Finding, Ground, Result, World

TOGETHER = 6
BOUND_S = 120.0
SILENT = 24
COUNT_S = 300.0
COUNT_PACE_S = 10.0
UNIDENTIFIED = "configured; serving not proven: this service does not say which revision answers"


@dataclass(frozen=True, slots=True)
class ProveServing:
    """Expects nothing; `former_share` is the bad revision's share before, in percent.

    `named` says that the service is configured to name the revision that answers.
    """

    kind: ClassVar[str] = "prove_serving"
    target: str
    short: str
    former_share: int
    named: bool = True

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProveServing:
        return cls(**body)

    @property
    def needed(self) -> int:
        return answers_needed(self.former_share)

    def record(self) -> StepRecord:
        proof = f"{self.needed} answers in a row from {self.short}" if self.named else "by Azure's count of requests"
        title = f"serving: {proof}"
        body = asdict(self)
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, body, makes=("served",), needs=("turned",))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        """The service's own word where it gives one, else Azure's count of requests, minutes late."""
        state = await world.app()
        if state is None:
            return Result(End.UNPROVEN, "configured; serving not proven: Azure does not say where the app is")
        if not world.prober.identifies:
            return await self._counted(world, state, UNIDENTIFIED)
        result = await self._answered(world, state)
        return await self._counted(world, state, result.detail) if result.end is End.UNPROVEN else result

    async def _answered(self, world: World, state: CodeState) -> Result:
        deadline = world.clock.now() + timedelta(seconds=BOUND_S)
        streak, told, last = Streak(self.needed), 0, ""
        since: datetime | None = None
        nameless = silent = 0
        while world.clock.now() < deadline:
            for sample in await _batch(world, state, streak):
                last = self._other(sample) or last
                nameless = 0 if sample.revision else nameless + right(sample)
                silent = 0 if sample.answered else silent + 1
                streak = streak.after(self._is_right(sample))
                since = None if streak.length == 0 else since or sample.at
                if streak.proven:
                    world.proven_since = since
                    world.tell(Kind.SERVING, detail=f"{streak.length} answers in a row from {self.short}")
                    return Result(End.DONE, f"all {streak.length}")
            if nameless >= self.needed:
                return Result(End.UNPROVEN, UNIDENTIFIED)
            if silent >= SILENT:
                return Result(End.UNPROVEN, f"configured; serving not proven: it cannot be asked from here ({last})")
            if streak.length // 10 != told:
                told = streak.length // 10
                world.progress(f"{streak.length} of {self.needed} in a row{f'; last other: {last}' if last else ''}")
            if streak.length == 0:
                await world.clock.sleep(min(world.prober.every_s, 1.0))
        sentence = f"{self.short} did not answer {self.needed} times in a row in {BOUND_S:.0f} s: {last}"
        if await _still_running(world):
            return Result(End.UNKNOWN, f"{sentence}; Azure still carries the change out")
        return Result(End.FAILED, sentence)

    async def _counted(self, world: World, state: CodeState, otherwise: str) -> Result:
        """Azure's `Requests` metric of the whole minutes since now: only the target may have any.

        A few requests of our own go with it, so that there is something to count.
        """
        world.progress(f"{otherwise}; waiting for Azure's own count")
        ends, since = world.clock.now() + timedelta(seconds=COUNT_S), None
        while world.clock.now() < ends:
            try:
                since = since or await world.reader.azure_now()
                counts = await world.reader.requests_since(since)
            except Failure as failure:
                return Result(End.UNPROVEN, f"{otherwise} ({failure.sentence})")
            others = sum(count for name, count in counts.items() if name != self.target)
            if others:
                return Result(End.FAILED, f"Azure counts {others} requests to other revisions since")
            if counts.get(self.target, 0) >= self.needed:
                detail = f"Azure counts {counts[self.target]} requests to {self.short} and none to others"
                world.tell(Kind.SERVING, detail=detail)
                return Result(End.DONE, detail)
            for _ in range(2):
                await _batch(world, state, Streak(TOGETHER))
            await world.clock.sleep(COUNT_PACE_S)
        return Result(End.UNPROVEN, f"{otherwise}; Azure counted too few requests in {COUNT_S / 60:.0f} minutes")

    def _is_right(self, sample: Sample) -> bool:
        return sample.revision in (self.target, self.short)

    def _other(self, sample: Sample) -> str:
        """What a wrong answer says, for the screen."""
        if self._is_right(sample):
            return ""
        if sample.status is None:
            return sample.error or "no answer"
        return f"{sample.status} from {sample.revision or 'an unnamed revision'}"

    def invert(self) -> None:
        return None


async def _still_running(world: World) -> bool:
    """Whether the write that this proof is about is still under way, as far as Azure says."""
    try:
        operation = await world.reader.operation(world.operation) if world.operation else None
    except Failure:
        return True
    return operation is not None and operation.running


async def _batch(world: World, state: CodeState, streak: Streak) -> list[Sample]:
    """A few requests side by side, never more than the proof still needs."""
    size = min(TOGETHER, max(1, streak.needed - streak.length))
    samples = await asyncio.gather(*(world.prober.ask_app(state) for _ in range(size)))
    world.samples.extend(samples)
    return list(samples)


STEP = ProveServing
