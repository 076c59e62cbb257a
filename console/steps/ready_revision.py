"""Makes a revision ready to take traffic: activates it where needed, waits, and asks it on its own address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.code import Condition, Revision
from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.domain.signal import Sample
from console.steps.step import End, Finding, Ground, Result, World

WAIT_S = 180.0
PACE_S = 0.5


@dataclass(frozen=True, slots=True)
class ReadyRevision:
    """Expects `revision` with this template and activity; leaves it active and ready.

    `tolerate` lets a revision that answers wrongly pass, since a person typed so.
    """

    kind: ClassVar[str] = "ready_revision"
    revision: str
    short: str
    template: str
    active: bool
    command: str
    tolerate: bool = False

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ReadyRevision:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"{self.short} is ready" if self.active else f"activate {self.short}"
        command = "" if self.active else self.command
        return StepRecord(self.kind, title, command, Risk.REVERSIBLE, not self.active, asdict(self), makes=("ready",))

    async def check(self, world: World) -> Finding:
        found = await world.reader.revision(self.revision)
        if found is None:
            return Finding(Ground.MOVED, f"{self.short} no longer exists")
        if found.template != self.template:
            return Finding(Ground.MOVED, f"{self.short} is not the revision that was shown")
        if self.active and not found.active:
            return Finding(Ground.MOVED, f"{self.short} was deactivated meanwhile")
        if found.active and not self.active:
            return Finding(Ground.REACHED, f"{self.short} is active already")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        if not self.active and world.actions is not None:
            await world.actions.activate(self.revision)

    async def verify(self, world: World) -> Result:
        """Waits until Azure calls it active and it answers, or has replicas where it cannot be asked from here."""
        started = world.clock.now()
        deadline = started + timedelta(seconds=WAIT_S)
        detail = ""
        while world.clock.now() < deadline:
            result, told = await self._look(world)
            if result is not None:
                return _with_wait(result, (world.clock.now() - started).total_seconds())
            if told and told != detail:
                detail = told
                world.progress(told)
            await world.clock.sleep(PACE_S)
        return Result(End.FAILED, f"{self.short} did not become ready in {WAIT_S:.0f} s: {detail or 'inactive'}")

    async def _look(self, world: World) -> tuple[Result | None, str]:
        """One reading: the result where there is one, else what it waits for."""
        try:
            found = await world.reader.revision(self.revision)
        except Failure as failure:
            return None, f"cannot read Azure: {failure.sentence}"
        if found is None:
            return Result(End.FAILED, f"{self.short} vanished; no traffic was moved to it"), ""
        if not found.active:
            return None, ""
        ready, told = await self._ask(found, world)
        if ready:
            return Result(End.DONE, told), told
        if self.tolerate and found.condition is not Condition.STARTING:
            return Result(End.DONE, f"{told}; taken all the same, as you typed"), told
        return None, told

    async def _ask(self, found: Revision, world: World) -> tuple[bool, str]:
        if found.condition in (Condition.FAILED, Condition.STARTING):
            return False, f"Azure says {found.running or found.provisioning}"
        sample = await world.prober.ask_revision(found)
        if unreachable(sample):
            why = sample.error or f"it answers {sample.status}"
            if found.replicas > 0:
                return True, f"cannot be asked from here ({why}); {_running(found.replicas)}"
            return False, f"cannot be asked from here ({why}) and has no replicas yet"
        if right(sample):
            return True, f"answers {world.prober.path} in {sample.latency}"
        return False, f"answers {sample.status}"

    def invert(self) -> None:
        """Deactivating what was inactive before is a step of its own, offered afterwards."""
        return None


def _with_wait(result: Result, waited_s: float) -> Result:
    """The result, with how long it took to get there where a person would have noticed."""
    if result.end is not End.DONE or waited_s < 2:
        return result
    return Result(result.end, f"{result.detail}, {waited_s:.0f} s after it was asked to start")


def _running(replicas: int) -> str:
    return "1 replica runs" if replicas == 1 else f"{replicas} replicas run"


def unreachable(sample: Sample) -> bool:
    """Whether the answer says nothing about the revision: none at all, or an address rule's 401 or 403."""
    return sample.status is None or sample.status in (401, 403)


def right(sample: Sample) -> bool:
    """Whether the revision answered, and not with an error."""
    return sample.status is not None and sample.status < 400


STEP = ReadyRevision
