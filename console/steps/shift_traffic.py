"""Moves the traffic: one PATCH of the whole array, followed until Azure reads back what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.code import CodeState, Condition
from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.domain.traffic import TrafficEntry, same
from console.steps.step import End, Finding, Ground, Operation, Result, World

DEADLINE_S = 120.0
PATIENCE_S = 30.0
PACE_S = 0.4


@dataclass(frozen=True, slots=True)
class ShiftTraffic:
    """Expects this mode and traffic array; leaves `leaves`, all of it on `target`."""

    kind: ClassVar[str] = "shift_traffic"
    app: str
    target: str
    short: str
    mode: str
    expects: tuple[TrafficEntry, ...]
    leaves: tuple[TrafficEntry, ...]
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ShiftTraffic:
        arrays = {key: tuple(TrafficEntry(**entry) for entry in body[key]) for key in ("expects", "leaves")}
        return cls(**{**body, **arrays})

    def record(self) -> StepRecord:
        title = f"traffic → {self.short} 100 %"
        return StepRecord(self.kind, title, self.command, Risk.REVERSIBLE, True, asdict(self))

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        if same(state.traffic, self.leaves):
            return Finding(Ground.REACHED, f"the traffic is on {self.short} already{_by(state)}")
        if state.mode != self.mode:
            return Finding(Ground.MOVED, f"the app went from {self.mode} to {state.mode} revision mode{_by(state)}")
        if not same(state.traffic, self.expects):
            return Finding(Ground.MOVED, f"the traffic moved meanwhile: {describe(state)}{_by(state)}")
        if state.provisioning.lower() == "inprogress":
            return Finding(Ground.UNFIT, f"Azure is still carrying out another change of {self.app}{_by(state)}")
        return self._fit(state)

    def _fit(self, state: CodeState) -> Finding:
        """Traffic never goes to a revision that cannot answer: Azure itself would accept that."""
        revision = state.find(self.target)
        if revision is None:
            return Finding(Ground.MOVED, f"{self.short} no longer exists")
        if revision.condition is Condition.INACTIVE:
            return Finding(Ground.MOVED, f"{self.short} is not active")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        if world.actions is None:
            return
        accepted = await world.actions.set_traffic(self.leaves)
        world.operation = accepted.operation
        world.tell(Kind.ACCEPTED, detail="accepted by Azure", request_id=accepted.request_id)
        if accepted.operation:
            world.tell(Kind.OPERATION, url=accepted.operation)

    async def verify(self, world: World) -> Result:
        """Reads the array back beside Azure's operation, whose word alone is neither success nor progress."""
        started = world.clock.now()
        told = ""
        while (elapsed := (world.clock.now() - started)) < timedelta(seconds=DEADLINE_S):
            state, operation = await self._look(world)
            if state is not None and same(state.traffic, self.leaves):
                settled = state.provisioning.lower() != "inprogress"
                if settled or elapsed >= timedelta(seconds=PATIENCE_S):
                    return self._configured(world, settled, state)
            elif operation is not None and operation.status.lower() in ("failed", "canceled"):
                return Result(End.FAILED, f"Azure says {operation.status}: {operation.error or 'no reason given'}")
            word = f"{operation.status} {operation.error}".strip() if operation else ""
            if word and word != told:
                told = word
                world.progress(f"Azure says {word}")
            await world.clock.sleep(PACE_S)
        return Result(End.UNKNOWN, f"not read back within {DEADLINE_S:.0f} s; Azure says {told or 'nothing'}")

    def _configured(self, world: World, settled: bool, state: CodeState) -> Result:
        detail = "weights read back"
        if state.provisioning.lower() == "failed":
            detail = "weights read back; Azure calls the app Failed, so only the answers can tell"
        elif not settled:
            detail = f"weights read back; Azure still says InProgress after {PATIENCE_S:.0f} s"
        world.seen = state
        world.tell(Kind.CONFIGURED, detail=detail)
        return Result(End.DONE, detail)

    async def _look(self, world: World) -> tuple[CodeState | None, Operation | None]:
        """The app as it reads now, and the operation's word; a read that fails is tried again at the next look."""
        try:
            state = await world.reader.code_state()
            operation = await world.reader.operation(world.operation) if world.operation else None
        except Failure as failure:
            world.progress(f"cannot read Azure: {failure.sentence}")
            return None, None
        return state, operation

    def invert(self) -> ShiftTraffic:
        """The array as it was. Undo is an explicit act; nothing calls this by itself."""
        serving = max(self.expects, key=lambda entry: entry.weight)
        target = serving.revision or self.target
        short = target.removeprefix(f"{self.app}--")
        return ShiftTraffic(self.app, target, short, self.mode, self.leaves, self.expects, "")


def describe(state: CodeState) -> str:
    """Who has how much, in words."""
    parts = [f"{state.short(name)} {weight} %" for name, weight in state.weights.items() if weight]
    return ", ".join(parts) or "nobody has any"


def _by(state: CodeState) -> str:
    if not state.modified_by or state.modified_at is None:
        return ""
    return f" (changed by {state.modified_by} at {state.modified_at:%H:%M:%S}Z)"


STEP = ShiftTraffic
