"""Proves who serves: answers in a row from the intended revision, by its own word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from console.domain.code import CodeState
from console.domain.plan import Risk, StepRecord
from console.domain.proof import Streak, answers_needed
from console.domain.run import Kind
from console.domain.signal import Sample
from console.steps.ready_revision import right
from console.steps.step import End, Finding, Ground, Result, World

TOGETHER = 6
BOUND_S = 120.0
UNIDENTIFIED = "configured; serving not proven: this service does not say which revision answers"


@dataclass(frozen=True, slots=True)
class ProveServing:
    """Expects nothing; `former_share` is the bad revision's share before, in percent."""

    kind: ClassVar[str] = "prove_serving"
    target: str
    short: str
    former_share: int

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProveServing:
        return cls(**body)

    @property
    def needed(self) -> int:
        return answers_needed(self.former_share)

    def record(self) -> StepRecord:
        title = f"serving: {self.needed} answers in a row from {self.short}"
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        if not world.prober.identifies:
            return Result(End.UNPROVEN, UNIDENTIFIED)
        state = await world.app()
        if state is None:
            return Result(End.UNPROVEN, "configured; serving not proven: Azure does not say where the app is")
        deadline = world.clock.now() + timedelta(seconds=BOUND_S)
        streak, told, last = Streak(self.needed), 0, ""
        since: datetime | None = None
        nameless = 0
        while world.clock.now() < deadline:
            for sample in await _batch(world, state, streak):
                last = self._other(sample) or last
                nameless = 0 if sample.revision else nameless + right(sample)
                streak = streak.after(self._is_right(sample))
                since = None if streak.length == 0 else since or sample.at
                if streak.proven:
                    world.proven_since = since
                    world.tell(Kind.SERVING, detail=f"{streak.length} answers in a row from {self.short}")
                    return Result(End.DONE, f"all {streak.length}")
            if nameless >= self.needed:
                return Result(End.UNPROVEN, UNIDENTIFIED)
            if streak.length // 10 != told:
                told = streak.length // 10
                world.progress(f"{streak.length} of {self.needed} in a row{f'; last other: {last}' if last else ''}")
            if streak.length == 0:
                await world.clock.sleep(min(world.prober.every_s, 1.0))
        return self._not_proven(world, last)

    def _not_proven(self, world: World, last: str) -> Result:
        if world.samples and not any(sample.answered for sample in world.samples[-self.needed :]):
            return Result(End.UNPROVEN, f"configured; serving not proven: it cannot be asked from here ({last})")
        return Result(
            End.FAILED, f"{self.short} did not answer {self.needed} times in a row in {BOUND_S:.0f} s: {last}"
        )

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


async def _batch(world: World, state: CodeState, streak: Streak) -> list[Sample]:
    """A few requests side by side, never more than the proof still needs."""
    size = min(TOGETHER, max(1, streak.needed - streak.length))
    samples = await asyncio.gather(*(world.prober.ask_app(state) for _ in range(size)))
    world.samples.extend(samples)
    return list(samples)


STEP = ProveServing
