"""Pushes the revert of exactly the bad commits to a branch of its own: one push, never forced.

The commit was made while the plan was; it stands in the clone's object store and touches no working tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol, cast

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World

TRIES = 5
PACE_S = 2.0


class Remote(Protocol):
    """What pushing needs of the repository; each raises Failure."""

    async def resolve(self, name: str) -> str | None: ...
    async def on_remote(self, branch: str) -> str | None: ...


class Pusher(Protocol):
    """What writes; None where this console may not."""

    async def push(self, commit: str, branch: str) -> None: ...


class GitDoor(Protocol):
    @property
    def remote(self) -> Remote: ...

    @property
    def pusher(self) -> Pusher | None: ...


@dataclass(frozen=True, slots=True)
class PushRevert:
    """Expects no branch `branch`, and `serving` to serve; leaves the branch at `commit`.

    `commit` stands on `base`, which is what `serving` was made of: where another revision serves by now, the revert
    would take that one's changes back too.
    """

    kind: ClassVar[str] = "push_revert"
    base: str
    branch: str
    commit: str
    serving: str
    short: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> PushRevert:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"push the revert {self.commit[:9]} to {self.branch}"
        return StepRecord(self.kind, title, self.command, Risk.REVERSIBLE, True, asdict(self), makes=("pushed",))

    async def check(self, world: World) -> Finding:
        remote = cast(GitDoor, world.door("prompt")).remote
        state = await world.reader.code_state()
        newest = state.serving[0].name if state.serving else ""
        if newest != self.serving:
            return Finding(Ground.MOVED, f"{state.short(newest) or 'nobody'} serves meanwhile, not {self.short}")
        there = await remote.on_remote(self.branch)
        if there == self.commit:
            return Finding(Ground.REACHED, f"{self.branch} holds the revert already")
        if there is not None:
            return Finding(Ground.MOVED, f"{self.branch} exists already, at another commit ({there[:9]})")
        if await remote.resolve(self.commit) is None:
            return Finding(Ground.MOVED, f"the revert {self.commit[:9]} is not in this clone any more")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        pusher = cast(GitDoor, world.door("prompt")).pusher
        if pusher is None:
            raise Failure(FailureKind.NOT_ALLOWED, "this console cannot write: nothing was pushed")
        await pusher.push(self.commit, self.branch)
        world.tell(Kind.ACCEPTED, detail="accepted by the remote")

    async def verify(self, world: World) -> Result:
        """What the remote itself says of the branch, whatever the push said."""
        remote = cast(GitDoor, world.door("prompt")).remote
        said = ""
        for _ in range(TRIES):
            try:
                there = await remote.on_remote(self.branch)
            except Failure as failure:
                said = failure.sentence
            else:
                if there == self.commit:
                    return Result(End.DONE, f"{self.branch} is at {self.commit[:9]}")
                if there is not None:
                    return Result(End.FAILED, f"{self.branch} is at {there[:9]}, not at {self.commit[:9]}")
                said = f"the remote has no {self.branch}"
            await world.clock.sleep(PACE_S)
        return Result(End.UNKNOWN, f"whether the revert was pushed is not known: {said}")

    def invert(self) -> None:
        """A pushed branch is deleted by hand; nothing serves from it alone."""
        return None


STEP = PushRevert
