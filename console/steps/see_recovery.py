"""Sees whether it helped: the signal that was over its limit comes back under it, or did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.plan import Breach, Risk, StepRecord
from console.domain.run import Kind
from console.domain.signal import Sample, failure_share, within
from console.steps.step import End, Finding, Ground, Result, World

BOUND_S = 120.0


@dataclass(frozen=True, slots=True)
class SeeRecovery:
    """Expects nothing; every breach must be seen back under its limit over at least its own number of samples."""

    kind: ClassVar[str] = "see_recovery"
    breaches: tuple[Breach, ...]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SeeRecovery:
        return cls(tuple(Breach.from_body(breach) for breach in body["breaches"]))

    def record(self) -> StepRecord:
        limits = ", ".join(f"{b.signal} within its {b.trigger.limit} {b.unit}" for b in self.breaches)
        title = f"recovered: {limits}" if limits else "recovered: no signal was over its limit"
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        if not self.breaches:
            return Result(End.SKIPPED, "no signal was over its limit before")
        state = await world.app()
        if state is None:
            return Result(End.UNPROVEN, "whether it helped is not known: Azure does not say where the app is")
        if world.proven_since is None:
            world.proven_since = world.clock.now()
            world.samples.clear()
        deadline = world.clock.now() + timedelta(seconds=BOUND_S)
        told = ""
        while True:
            worst, values = self._judge(world)
            if worst is None:
                world.tell(Kind.RECOVERED, detail=values)
                return Result(End.DONE, values)
            if world.clock.now() >= deadline:
                return self._too_late(world, values)
            if values != told:
                told = values
                world.progress(values)
            await world.clock.sleep(world.prober.every_s)
            world.samples.append(await world.prober.ask_app(state))

    def _too_late(self, world: World, values: str) -> Result:
        """Still over its limit is one thing, too few answers to say so another."""
        for breach in self.breaches:
            value, _ = failure_share(_recent(world, breach))
            if value is not None and breach.trigger.breached_by(value):
                return Result(End.FAILED, f"it did not help: still {values}")
        return Result(End.UNPROVEN, f"too few answers to say whether it helped: {values}")

    def _judge(self, world: World) -> tuple[Breach | None, str]:
        """The first breach that is not over yet, and every value in words."""
        worst: Breach | None = None
        words: list[str] = []
        for breach in self.breaches:
            value, count = failure_share(_recent(world, breach))
            words.append(_words(breach, value, count))
            if value is None or count < breach.trigger.min_count or breach.trigger.breached_by(value):
                worst = worst or breach
        return worst, ", ".join(words)

    def invert(self) -> None:
        return None


def _recent(world: World, breach: Breach) -> list[Sample]:
    """The samples since the proof within the trigger's window, or at least as many as the trigger wants."""
    since = world.proven_since
    samples = [sample for sample in world.samples if since is None or sample.at >= since]
    window = within(samples, world.clock.now(), breach.trigger.for_s)
    return window if len(window) >= breach.trigger.min_count else samples[-breach.trigger.min_count :]


def _words(breach: Breach, value: float | None, count: int) -> str:
    if value is None:
        return f"{breach.signal} was {breach.value:.0f} {breach.unit}, no answers yet"
    few = f" ({count} of {breach.trigger.min_count} samples)" if count < breach.trigger.min_count else ""
    return f"{breach.signal} {breach.value:.0f} → {value:.0f} {breach.unit}{few}"


STEP = SeeRecovery
