"""Sees whether it helped: each signal within its limit afterwards, whatever was known of it before."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from console.domain.plan import Breach, Risk, StepRecord
from console.domain.run import Kind
from console.domain.signal import Sample, SignalReading, SignalState, counted, failure_share, within
from console.steps.step import End, Finding, Ground, Result, World

BOUND_S = 120.0
SILENT = 24
# How long a source is given until it tells of the time afterwards: Azure Monitor is minutes late, and a query may
# look minutes back. One that told nothing before is not waited for as long.
BOUNDS_S = {"golden": 90.0, "azure-monitor": 420.0, "prometheus": 300.0, "http-json": 300.0}
UNTOLD_S = 30.0
PACE_S = 5.0
PACES_S = {"azure-monitor": 15.0, "golden": 8.0}


@dataclass(slots=True)
class _Progress:
    """What each signal is seen to be, told whenever it changes."""

    world: World
    words: dict[str, str]
    told: str = ""

    def say(self, name: str, words: str) -> None:
        self.words[name] = words

    def tell(self) -> None:
        if self.values != self.told:
            self.told = self.values
            self.world.progress(self.told)

    @property
    def values(self) -> str:
        return ", ".join(words for words in self.words.values() if words)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How one signal, or all of the probe's, came out; `worst` is the one that is over its limit."""

    end: End
    why: str = ""
    worst: Breach | None = None


@dataclass(frozen=True, slots=True)
class SeeRecovery:
    """Expects nothing; every signal that has a limit must be seen within it.

    The probe's are judged by at least as many samples as their trigger wants, every other by what its source tells of
    the time afterwards. One that was within its limit before is judged too, but never waited for.
    """

    kind: ClassVar[str] = "see_recovery"
    breaches: tuple[Breach, ...]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SeeRecovery:
        return cls(tuple(Breach.from_body(breach) for breach in body["breaches"]))

    @property
    def judged(self) -> tuple[Breach, ...]:
        """The signals that have a limit."""
        return tuple(breach for breach in self.breaches if breach.trigger.judges)

    def record(self) -> StepRecord:
        limits = ", ".join(f"{b.signal} within its {b.trigger.limit} {b.unit}".rstrip() for b in self.judged)
        title = f"recovered: {limits}" if limits else "recovered: no signal is configured"
        needs, makes = ("turned", "served"), ("proven",)
        return StepRecord(self.kind, title, "", Risk.REVERSIBLE, False, asdict(self), makes=makes, needs=needs)

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        if not self.judged:
            return Result(End.SKIPPED, "no signal is configured")
        if world.proven_since is None:
            world.proven_since = world.clock.now()
            world.samples.clear()
        progress = _Progress(world, {breach.signal: "" for breach in self.judged})
        probed = [breach for breach in self.judged if breach.source == "probe"]
        watching: list[Coroutine[Any, Any, _Seen]] = [_probe(world, probed, progress)] if probed else []
        for breach in self.judged:
            if breach.source != "probe":
                watching.append(_follow(world, breach, world.proven_since, progress))
        seen = await _until_one_failed(watching)
        return self._result(world, seen, progress.values)

    def _result(self, world: World, seen: Sequence[_Seen], values: str) -> Result:
        """Still over its limit is one thing, too little told to say so another."""
        for one in seen:
            if one.end is End.FAILED and one.worst is not None:
                verdict = _VERDICTS.get(one.worst.state, "it is over its limit:")
                return Result(End.FAILED, f"{verdict} {values}")
        unproven = [one.why for one in seen if one.end is End.UNPROVEN]
        if unproven:
            return Result(End.UNPROVEN, f"{unproven[0]}: {values}" if values else unproven[0])
        if any(breach.state != "ok" for breach in self.judged):
            world.tell(Kind.RECOVERED, detail=values)
        return Result(End.DONE, values)

    def invert(self) -> None:
        return None


_VERDICTS = {"breached": "it did not help: still", "ok": "it made things worse:"}


async def _until_one_failed(watching: Sequence[Coroutine[Any, Any, _Seen]]) -> list[_Seen]:
    """What came of each; once one is seen to be over its limit the others are not waited for."""
    pending = {asyncio.ensure_future(one) for one in watching}
    seen: list[_Seen] = []
    try:
        while pending and not any(one.end is End.FAILED for one in seen):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            seen += [task.result() for task in done]
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    return seen


async def _probe(world: World, breaches: Sequence[Breach], progress: _Progress) -> _Seen:
    """Asks the service until the probe's signals are judged."""
    state = await world.app()
    if state is None:
        return _Seen(End.UNPROVEN, "whether it helped is not known: Azure does not say where the app is")
    deadline = world.clock.now() + timedelta(seconds=BOUND_S)
    while True:
        for breach in breaches:
            progress.say(breach.signal, _words(breach, _recent(world, breach)))
        if all(_is_over(breach, _recent(world, breach)) for breach in breaches):
            return _Seen(End.DONE)
        if world.clock.now() >= deadline or _silent(world):
            worst = next((breach for breach in breaches if _breached(breach, _recent(world, breach))), None)
            if worst is not None:
                return _Seen(End.FAILED, worst=worst)
            return _Seen(End.UNPROVEN, "too few answers to say whether it helped")
        progress.tell()
        await world.clock.sleep(world.prober.every_s)
        world.samples.append(await world.prober.ask_app(state))


async def _follow(world: World, breach: Breach, since: datetime, progress: _Progress) -> _Seen:
    """Reads one signal at its source until it is within its limit, or waiting on would tell nothing more."""
    started = world.clock.now()
    bound = timedelta(seconds=BOUNDS_S.get(breach.source, breach.trigger.for_s + 60.0))
    while True:
        reading = await world.measure(breach.signal) if world.measure is not None else None
        told = _told(reading, since)
        over = told is not None and breach.trigger.breached_by(told)
        progress.say(breach.signal, _read(breach, reading, told))
        if told is not None and not over:
            return _Seen(End.DONE)
        if told is None and breach.state == "ok":
            return _Seen(End.DONE)
        lasted = world.clock.now() - started
        if lasted >= bound and over:
            return _Seen(End.FAILED, worst=breach)
        patience = bound if breach.state == "breached" or over else min(bound, timedelta(seconds=UNTOLD_S))
        if lasted >= patience or reading is None:
            return _Seen(End.UNPROVEN, f"{breach.signal} was not measured since")
        progress.tell()
        await world.clock.sleep(PACES_S.get(breach.source, PACE_S))


def _told(reading: SignalReading | None, since: datetime) -> float | None:
    """What a source tells of the time since; None where it tells nothing of it yet."""
    if reading is None or reading.state not in (SignalState.OK, SignalState.BREACHED):
        return None
    return reading.value if reading.at is not None and reading.at >= since else None


def _read(breach: Breach, reading: SignalReading | None, told: float | None) -> str:
    """`golden 75 → 100 % (8/8)`."""
    detail = f" ({reading.detail})" if reading is not None and reading.detail else ""
    after = f"{_number(told, breach.unit)} {breach.unit}".rstrip() if told is not None else "not measured since"
    return f"{breach.signal} {_before(breach)} → {after}{detail}"


def _recent(world: World, breach: Breach) -> list[Sample]:
    """The samples since the proof within the trigger's window, or at least as many as the trigger wants."""
    since = world.proven_since
    samples = counted(sample for sample in world.samples if since is None or sample.at >= since)
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
    if not count:
        return f"{breach.signal} {_before(breach)} → not measured since"
    answered = any(sample.answered for sample in samples)
    after = f"{value:.0f} {breach.unit}" if value is not None and answered else "no answers"
    few = f" ({count} of {breach.trigger.min_count} samples)" if count < breach.trigger.min_count else ""
    return f"{breach.signal} {_before(breach)} → {after}{few}"


def _before(breach: Breach) -> str:
    return _number(breach.value, breach.unit) if breach.value is not None else "not measured"


def _number(value: float, unit: str) -> str:
    """Whole percents; anything else as exactly as it matters."""
    return f"{value:.0f}" if unit == "%" else f"{value:.3g}"


STEP = SeeRecovery
