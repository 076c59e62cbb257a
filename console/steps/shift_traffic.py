"""Moves the traffic: one PATCH of the whole array, followed until Azure reads back what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.code import CodeState, Condition
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.domain.traffic import TrafficEntry, same
from console.steps.following import accept, by, read_back
from console.steps.step import End, Finding, Ground, Result, World

# The revision that gains must find the prompt, the model and the index that it knew.
NEEDS = ("ready", "prompt turned", "model turned", "embedding turned")


@dataclass(frozen=True, slots=True)
class ShiftTraffic:
    """Expects this mode and traffic array; leaves `leaves`. `target` is who gains, and must be able to answer.

    `turns` says that with this write the target serves; a label's move, or a first part of the traffic, does not.
    """

    kind: ClassVar[str] = "shift_traffic"
    app: str
    target: str
    short: str
    mode: str
    expects: tuple[TrafficEntry, ...]
    leaves: tuple[TrafficEntry, ...]
    command: str
    title: str
    turns: bool = True

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ShiftTraffic:
        arrays = {key: tuple(TrafficEntry(**entry) for entry in body[key]) for key in ("expects", "leaves")}
        return cls(**{**body, **arrays})

    def record(self) -> StepRecord:
        makes = ("turned", "code turned") if self.turns else ()
        body = asdict(self)
        return StepRecord(self.kind, self.title, self.command, Risk.REVERSIBLE, True, body, self.turns, makes, NEEDS)

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        if same(state.traffic, self.leaves):
            return Finding(Ground.REACHED, f"{self.title} is done already{by(state)}")
        if state.mode != self.mode:
            return Finding(Ground.MOVED, f"the app went from {self.mode} to {state.mode} revision mode{by(state)}")
        if not same(state.traffic, self.expects):
            return Finding(Ground.MOVED, f"the traffic moved meanwhile: {describe(state)}{by(state)}")
        if state.provisioning.lower() == "inprogress":
            return Finding(Ground.UNFIT, f"Azure is still carrying out another change of {self.app}{by(state)}")
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
        if world.actions is not None:
            accept(world, await world.actions.set_traffic(self.leaves))

    async def verify(self, world: World) -> Result:
        _, result = await read_back(world, lambda state: same(state.traffic, self.leaves))
        if result.end is End.DONE:
            result = Result(End.DONE, f"weights {result.detail}")
            if self.turns:
                world.tell(Kind.CONFIGURED, detail=result.detail)
        return result

    def invert(self) -> ShiftTraffic:
        """The array as it was. Undo is an explicit act; nothing calls this by itself."""
        serving = max(self.expects, key=lambda entry: entry.weight)
        target = serving.revision or self.target
        short = target.removeprefix(f"{self.app}--")
        title = f"traffic → {short} as before"
        return ShiftTraffic(self.app, target, short, self.mode, self.leaves, self.expects, "", title)


def describe(state: CodeState) -> str:
    """Who has how much, in words."""
    parts = [f"{state.short(name)} {weight} %" for name, weight in state.weights.items() if weight]
    return ", ".join(parts) or "nobody has any"


STEP = ShiftTraffic
