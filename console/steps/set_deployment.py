"""Gives a model deployment another version, pinned: one PUT of all that it has, read back until Azure runs it.

Azure answers 201 at once and names no operation: the deployment itself is polled. A success has been told while the
old version went on serving (hashicorp/terraform-provider-azurerm issue 24516), so only what is read back counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar, Protocol, cast

from console.domain.deploying import Shape, differences, merged
from console.domain.failure import Failure, FailureKind
from console.domain.model import Deployment
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.following import accept
from console.steps.step import Accepted, End, Finding, Ground, Result, World

DEADLINE_S = 300.0
LINGER_S = 60.0
PACE_S = 2.0
FAILED = frozenset({"failed", "canceled"})


class Reads(Protocol):
    """Reads of the account; each raises Failure."""

    async def deployments(self) -> tuple[Deployment, ...]: ...
    async def deployment(self, name: str) -> Deployment | None: ...


class Writes(Protocol):
    """Writes of the account; each sends once or raises Failure."""

    async def put(self, name: str, body: Mapping[str, Any]) -> Accepted: ...
    async def delete(self, name: str) -> Accepted: ...


class Door(Protocol):
    """The model layer's door as its steps know it; `actions` is None where nothing may be written.

    `took` are the deployments whose write Azure has taken in this run.
    """

    @property
    def reader(self) -> Reads: ...
    @property
    def actions(self) -> Writes | None: ...
    @property
    def took(self) -> set[str]: ...


@dataclass(frozen=True, slots=True)
class SetDeployment:
    """Expects `name` as `expects` says, with this etag; leaves it as `leaves` says, and everything else as it is.

    It changes every revision that calls the deployment.
    """

    kind: ClassVar[str] = "set_deployment"
    account: str
    name: str
    expects: Shape
    leaves: Shape
    etag: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SetDeployment:
        shapes = {key: Shape(**body[key]) for key in ("expects", "leaves")}
        return cls(**{**body, **shapes})

    def record(self) -> StepRecord:
        title = f"{self.name} → {self.leaves.runs}, pinned (changes every revision)"
        makes = ("turned", "model turned")
        return StepRecord(self.kind, title, self.command, Risk.SLOW, True, asdict(self), True, makes)

    async def check(self, world: World) -> Finding:
        found = await door(world).reader.deployments()
        own = next((one for one in found if one.name.lower() == self.name.lower()), None)
        if own is None:
            return Finding(Ground.MOVED, f"{self.name} no longer exists")
        if not differences(own, self.leaves) and own.ready:
            return Finding(Ground.REACHED, f"{self.name} runs {own.runs}, pinned, already{by(own)}")
        busy = unsettled(found)
        if busy:
            return Finding(Ground.UNFIT, f"another write on {self.account} is under way: {busy}")
        return self._as_shown(own)

    def _as_shown(self, own: Deployment) -> Finding:
        moved = differences(own, self.expects)
        if moved:
            return Finding(Ground.MOVED, f"{self.name} changed meanwhile: {'; '.join(moved)}{by(own)}")
        if self.etag and own.etag and own.etag != self.etag:
            return Finding(Ground.MOVED, f"{self.name} was written meanwhile{by(own)}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        """What is sent is made of what is read right before: only that has everything which must be kept."""
        opened = door(world)
        if opened.actions is None:
            raise read_only()
        own = await opened.reader.deployment(self.name)
        if own is None:
            raise Failure(FailureKind.NOT_FOUND, f"{self.name} no longer exists; nothing was sent")
        fence = self._as_shown(own)
        if fence.ground is not Ground.HOLDS:
            raise Failure(FailureKind.CONFLICT, f"{fence.detail}; nothing was sent")
        try:
            body = merged(own, self.leaves)
        except ValueError as error:
            raise Failure(FailureKind.REJECTED, f"{error}; nothing was sent") from error
        accept(world, await opened.actions.put(self.name, body))
        opened.took.add(self.name)

    async def verify(self, world: World) -> Result:
        result = await settled_as(world, self.name, self.leaves, self.etag)
        if result.end is End.DONE:
            world.tell(Kind.CONFIGURED, detail=result.detail)
        return result

    def invert(self) -> SetDeployment:
        """The deployment as it was. Undo is an explicit act; nothing calls this by itself."""
        return SetDeployment(self.account, self.name, self.leaves, self.expects, "", "")


async def settled_as(world: World, name: str, leaves: Shape, etag: str = "") -> Result:
    """Waits until `name` has settled and is as `leaves` says; `etag` is the one before the write.

    A write arrived where Azure took it, or the etag is new; where it did and what was asked is not there a minute
    after Azure calls it settled, it failed.
    """
    ends = world.clock.now() + timedelta(seconds=DEADLINE_S)
    told, since = "Azure could not be read", None
    reader = door(world).reader
    while world.clock.now() < ends:
        try:
            own = await reader.deployment(name)
        except Failure as failure:
            world.progress(f"cannot read Azure: {failure.sentence}")
            await world.clock.sleep(PACE_S)
            continue
        words = _words(own, name)
        if words != told:
            told = words
            world.progress(told)
        if own is not None and own.settled:
            since = since or world.clock.now()
            arrived = name in door(world).took or bool(etag and own.etag and own.etag != etag)
            result = _judged(own, leaves, arrived, world.clock.now() - since)
            if result is not None:
                return result
        else:
            since = None
        await world.clock.sleep(PACE_S)
    return Result(End.UNKNOWN, f"{name} is not as asked after {DEADLINE_S:.0f} s; last read: {told}")


def _judged(own: Deployment, leaves: Shape, arrived: bool, settled: timedelta) -> Result | None:
    """What a settled deployment says; None where it is worth waiting."""
    wrong = differences(own, leaves)
    if own.ready and not wrong:
        size = f", capacity {own.capacity}" if own.capacity is not None else ""
        filtered = f", filter {own.filter}" if own.filter else ""
        pinned = ", pinned" if own.pinned else ""
        return Result(End.DONE, f"read back: {own.runs}{pinned}{size}{filtered}")
    if own.state.lower() in FAILED and arrived:
        return Result(End.FAILED, f"Azure calls {own.name} {own.state}; it says that {own.runs} is deployed")
    if settled < timedelta(seconds=LINGER_S):
        return None
    if arrived:
        return Result(End.FAILED, f"Azure says {own.state} for {own.name}, but {'; '.join(wrong)}")
    return None


def _words(own: Deployment | None, name: str) -> str:
    if own is None:
        return f"{name} does not exist"
    return f"{own.name} is {own.state or 'without a state'} with {own.runs}"


def unsettled(found: tuple[Deployment, ...]) -> str:
    """Which deployment is being written, in words: an account takes one write at a time."""
    return next((f"{one.name} is {one.state}{by(one)}" for one in found if not one.settled), "")


def by(own: Deployment) -> str:
    """Who wrote it last, and when, in brackets; nothing where Azure does not say."""
    if not own.modified_by or own.modified_at is None:
        return ""
    return f" (written by {own.modified_by} at {own.modified_at:%H:%M:%S}Z)"


def door(world: World) -> Door:
    return cast(Door, world.door("model"))


def read_only() -> Failure:
    return Failure(FailureKind.NOT_ALLOWED, "this console is read-only; nothing was sent")


STEP = SetDeployment
