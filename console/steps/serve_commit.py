"""Gives the traffic to the revision that the pipeline made of a commit, and proves that it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.code import CodeState
from console.domain.plan import Risk, StepRecord
from console.domain.traffic import TrafficEntry, pinned, same
from console.steps.await_revision import holding
from console.steps.prove_serving import ProveServing
from console.steps.shift_traffic import NEEDS, ShiftTraffic
from console.steps.step import End, Finding, Ground, Result, World


@dataclass(frozen=True, slots=True)
class ServeCommit:
    """Expects this mode and traffic array, and a revision of the commit; leaves it with all of the traffic.

    In single revision mode Azure moves the traffic by itself, and this only sees it.
    """

    kind: ClassVar[str] = "serve_commit"
    app: str
    name: str
    commit: str
    mode: str
    expects: tuple[TrafficEntry, ...]
    former_share: int
    named: bool
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ServeCommit:
        return cls(**{**body, "expects": tuple(TrafficEntry(**entry) for entry in body["expects"])})

    def record(self) -> StepRecord:
        title = f"traffic → the revision of {self.commit[:9]}, and answers in a row from it"
        makes, needs = ("turned", "prompt turned", "served"), NEEDS[:1]
        return StepRecord(self.kind, title, self.command, Risk.REVERSIBLE, True, asdict(self), True, makes, needs)

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        shift = self._shift(state)
        if shift is None:
            return Finding(Ground.MOVED, f"no revision holds {self.commit[:9]} any more")
        if state.mode.lower() == "single" and state.weight(shift.target) == 100:
            return Finding(Ground.REACHED, f"{shift.short} has the traffic: Azure moved it")
        moved = not same(state.traffic, self.expects) and not same(state.traffic, shift.leaves)
        if moved:
            return Finding(Ground.MOVED, "the traffic moved meanwhile")
        return await shift.check(world)

    async def apply(self, world: World) -> None:
        shift = self._shift(await world.reader.code_state())
        if shift is not None:
            await shift.apply(world)

    async def verify(self, world: World) -> Result:
        shift = self._shift(await world.reader.code_state())
        if shift is None:
            return Result(End.FAILED, f"no revision holds {self.commit[:9]} any more")
        moved = await shift.verify(world)
        if moved.end is not End.DONE:
            return moved
        return await ProveServing(shift.target, shift.short, self.former_share, self.named).verify(world)

    def _shift(self, state: CodeState) -> ShiftTraffic | None:
        """The move, now that the revision's name is known."""
        revision = holding(state, self.name, self.commit)
        if revision is None:
            return None
        leaves = pinned(self.expects, revision.name, state.latest, {one.name for one in state.revisions})
        short = state.short(revision.name)
        title = f"traffic → {short} 100 %"
        return ShiftTraffic(self.app, revision.name, short, self.mode, self.expects, leaves, self.command, title)

    def invert(self) -> None:
        return None


STEP = ServeCommit
