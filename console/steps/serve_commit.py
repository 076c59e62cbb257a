"""Gives the traffic to the revision that the pipeline made of a commit: one PATCH, read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.code import CodeState, Revision
from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.domain.traffic import TrafficEntry, pinned, same
from console.steps.await_revision import holding
from console.steps.following import by, read_back
from console.steps.shift_traffic import ShiftTraffic, describe
from console.steps.step import End, Finding, Ground, Result, World

SINGLE = "single"


@dataclass(frozen=True, slots=True)
class ServeCommit:
    """Expects this mode and traffic array, `serving` to serve by it, and a revision whose env `name` is `commit`.

    Leaves that one with all of the traffic. In single revision mode Azure moves the traffic by itself, as it does
    where the array says `latest`: then nothing is sent.
    """

    kind: ClassVar[str] = "serve_commit"
    app: str
    name: str
    commit: str
    mode: str
    serving: tuple[str, ...]
    expects: tuple[TrafficEntry, ...]
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ServeCommit:
        expects = tuple(TrafficEntry(**entry) for entry in body["expects"])
        return cls(**{**body, "expects": expects, "serving": tuple(body["serving"])})

    def record(self) -> StepRecord:
        title = f"traffic → the revision of {self.commit[:9]}"
        makes, body = ("turned", "prompt turned"), asdict(self)
        needs = ("ready", "model turned", "embedding turned")
        return StepRecord(self.kind, title, self.command, Risk.REVERSIBLE, True, body, True, makes, needs)

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        revision = holding(state, self.name, self.commit)
        if revision is None:
            return Finding(Ground.MOVED, f"no revision holds {self.commit[:9]} any more{by(state)}")
        short = state.short(revision.name)
        if state.weight(revision.name) == 100:
            return Finding(Ground.REACHED, f"{short} has all the traffic already{by(state)}")
        if state.mode != self.mode:
            return Finding(Ground.MOVED, f"the app went from {self.mode} to {state.mode} revision mode{by(state)}")
        others = {one.name for one in state.serving} - {*self.serving, revision.name}
        if not same(state.traffic, self.expects) or others:
            return Finding(Ground.MOVED, f"the traffic moved meanwhile: {describe(state)}{by(state)}")
        if state.mode.lower() == SINGLE:
            return Finding(Ground.REACHED, f"Azure moves the traffic to {short} by itself")
        return await self._shift(state, revision).check(world)

    async def apply(self, world: World) -> None:
        state = await world.reader.code_state()
        revision = holding(state, self.name, self.commit)
        if revision is None:
            raise Failure(FailureKind.NOT_FOUND, f"no revision holds {self.commit[:9]} any more; nothing was sent")
        await self._shift(state, revision).apply(world)

    async def verify(self, world: World) -> Result:
        state, result = await read_back(world, self._serves)
        if result.end is not End.DONE:
            return result
        revision = holding(state, self.name, self.commit) if state is not None else None
        short = state.short(revision.name) if state is not None and revision is not None else self.commit[:9]
        world.tell(Kind.CONFIGURED, detail=f"{short} {result.detail}")
        return Result(End.DONE, f"{short} has all the traffic, {result.detail}")

    def _serves(self, state: CodeState) -> bool:
        revision = holding(state, self.name, self.commit)
        return revision is not None and state.weight(revision.name) == 100

    def _shift(self, state: CodeState, revision: Revision) -> ShiftTraffic:
        """The move, now that the revision's name is known."""
        leaves = pinned(state.traffic, revision.name, state.latest, {one.name for one in state.revisions})
        short = state.short(revision.name)
        title = f"traffic → {short} 100 %"
        return ShiftTraffic(self.app, revision.name, short, self.mode, self.expects, leaves, self.command, title)

    def invert(self) -> None:
        """The branch and its revision stay; a rollback of the code moves the traffic back."""
        return None


STEP = ServeCommit
