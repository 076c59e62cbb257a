"""Changes the app's revision mode: a step of its own, never a side effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.plan import Risk, StepRecord
from console.steps.following import accept, by, read_back
from console.steps.step import End, Finding, Ground, Result, World


@dataclass(frozen=True, slots=True)
class SetMode:
    """Expects revision mode `expects`, leaves `leaves`: Azure's own words, Single or Multiple."""

    kind: ClassVar[str] = "set_mode"
    app: str
    expects: str
    leaves: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SetMode:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"revision mode {self.expects} → {self.leaves}"
        return StepRecord(self.kind, title, self.command, Risk.REVERSIBLE, True, asdict(self))

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        if state.mode == self.leaves:
            return Finding(Ground.REACHED, f"{self.app} is in {self.leaves} mode already{by(state)}")
        if state.mode != self.expects:
            return Finding(Ground.MOVED, f"the app is in {state.mode} revision mode now{by(state)}")
        if state.provisioning.lower() == "inprogress":
            return Finding(Ground.UNFIT, f"Azure is still carrying out another change of {self.app}{by(state)}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        if world.actions is not None:
            accept(world, await world.actions.set_mode(self.leaves))

    async def verify(self, world: World) -> Result:
        _, result = await read_back(world, lambda state: state.mode == self.leaves)
        return Result(result.end, f"mode {result.detail}") if result.end is End.DONE else result

    def invert(self) -> SetMode:
        return SetMode(self.app, self.leaves, self.expects, "")


STEP = SetMode
