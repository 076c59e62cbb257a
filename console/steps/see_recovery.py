"""Sees whether it helped: each signal within its limit afterwards, whatever was known of it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.plan import Breach, Risk, StepRecord
from console.domain.run import Kind
from console.domain.signal import Sample, failure_share, within
from console.steps.step import End, Finding, Ground, Result, World

BOUND_S = 120.0
SILENT = 24


@dataclass(frozen=True, slots=True)
class SeeRecovery:
    """Expects nothing; every signal must be seen within its limit over at least its own number of samples.

    One that was within it before is judged too, where there are samples enough, but never waited for.
    """

    kind: ClassVar[str] = "see_recovery"
    breaches: tuple[Breach, ...]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SeeRecovery:
        return cls(tuple(Breach.from_body(breach) for breach in body["breaches"]))

    def record(self) -> StepRecord:
        limits = ", ".join(f"{b.signal} within its {b.trigger.limit} {b.unit}" for b in self.breaches)
        title = f"recovered: {limits}" if limits else "recovered: no signal is configured"
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self))

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        if not self.breaches:
            return Result(End.SKIPPED, "no signal is configured")
        state = await world.app()
        if state is None:
            return Result(End.UNPROVEN, "whether it helped is not known: Azure does not say where the app is")
        if world.proven_since is None:
            world.proven_since = world.clock.now()
            world.samples.clear()
        deadline = world.clock.now() + timedelta(seconds=BOUND_S)
        told = ""
        while True:
            values = ", ".join(_words(breach, _recent(world, breach)) for breach in self.breaches)
            if all(_is_over(breach, _recent(world, breach)) for breach in self.breaches):
                return self._seen(world, values)
            if world.clock.now() >= deadline or _silent(world):
                return self._too_late(world, values)
            if values != told:
                told = values
                world.progress(values)
            await world.clock.sleep(world.prober.every_s)
            world.samples.append(await world.prober.ask_app(state))

    def _seen(self, world: World, values: str) -> Result:
        if any(breach.state != "ok" for breach in self.breaches):
            world.tell(Kind.RECOVERED, detail=values)
        return Result(End.DONE, values)

    def _too_late(self, world: World, values: str) -> Result:
        """Still over its limit is one thing, too few answers to say so another."""
        for breach in self.breaches:
            if _breached(breach, _recent(world, breach)):
                return Result(End.FAILED, f"{_VERDICTS.get(breach.state, 'it is over its limit:')} {values}")
        return Result(End.UNPROVEN, f"too few answers to say whether it helped: {values}")

    def invert(self) -> None:
        return None


_VERDICTS = {"breached": "it did not help: still", "ok": "it made things worse:"}


def _recent(world: World, breach: Breach) -> list[Sample]:
    """The samples since the proof within the trigger's window, or at least as many as the trigger wants."""
    since = world.proven_since
    samples = [sample for sample in world.samples if since is None or sample.at >= since]
    window = within(samples, world.clock.now(), breach.trigger.for_s)
    return window if len(window) >= breach.trigger.min_count else samples[-breach.trigger.min_count :]


def _enough(breach: Breach, samples: Sequence[Sample]) -> bool:
    return len(samples) >= breach.trigger.min_count and any(sample.answered for sample in samples)


def _breached(breach: Breach, samples: Sequence[Sample]) -> bool:
    value, _ = failure_share(samples)
    return _enough(breach, samples) and value is not None and breach.trigger.breached_by(value)


def _is_over(breach: Breach, samples: Sequence[Sample]) -> bool:
    """Whether nothing more is to be waited for: measured and within its limit, or fine before and not measurable."""
    if _enough(breach, samples):
        return not _breached(breach, samples)
    return breach.state == "ok"


def _silent(world: World) -> bool:
    """Whether the service has not answered at all for a while: waiting on would tell nothing more."""
    last = world.samples[-SILENT:]
    return len(last) >= SILENT and not any(sample.answered for sample in last)


def _words(breach: Breach, samples: Sequence[Sample]) -> str:
    value, count = failure_share(samples)
    before = f"{breach.value:.0f}" if breach.value is not None else "not measured"
    answered = any(sample.answered for sample in samples)
    after = f"{value:.0f} {breach.unit}" if value is not None and answered else "no answers"
    few = f" ({count} of {breach.trigger.min_count} samples)" if count < breach.trigger.min_count else ""
    return f"{breach.signal} {before} → {after}{few}"


STEP = SeeRecovery
