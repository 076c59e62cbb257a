"""Removes a deployment that this console made as a shadow; never another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.steps.following import accept
from console.steps.set_deployment import PACE_S, by, door, read_only, unsettled
from console.steps.step import End, Finding, Ground, Result, World

DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class RemoveDeployment:
    """Expects `name` tagged as a shadow and called by no revision with traffic; leaves nothing of it.

    `env` is the name under which a revision's env says what it calls; empty where that is not configured.
    """

    kind: ClassVar[str] = "remove_deployment"
    account: str
    name: str
    env: str
    etag: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> RemoveDeployment:
        return cls(**body)

    def record(self) -> StepRecord:
        return StepRecord(self.kind, f"remove {self.name}", self.command, Risk.SLOW, True, asdict(self))

    async def check(self, world: World) -> Finding:
        found = await door(world).reader.deployments()
        own = next((one for one in found if one.name.lower() == self.name.lower()), None)
        if own is None:
            return Finding(Ground.REACHED, f"{self.name} is gone already")
        if not own.shadow_of:
            return Finding(Ground.MOVED, f"{self.name} is not tagged as a shadow of this console's{by(own)}")
        if self.etag and own.etag and own.etag != self.etag:
            return Finding(Ground.MOVED, f"{self.name} was written meanwhile{by(own)}")
        caller = await self._caller(world)
        if caller:
            return Finding(Ground.MOVED, f"{caller} carries traffic and calls {self.name}")
        busy = unsettled(found)
        if busy:
            return Finding(Ground.UNFIT, f"another write on {self.account} is under way: {busy}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def _caller(self, world: World) -> str:
        """A revision that carries traffic and calls the deployment."""
        if not self.env:
            return ""
        state = await world.reader.code_state()
        callers = (one for one in state.serving if dict(one.env).get(self.env, "").lower() == self.name.lower())
        return next((state.short(one.name) for one in callers), "")

    async def apply(self, world: World) -> None:
        opened = door(world)
        if opened.actions is None:
            raise read_only()
        accept(world, await opened.actions.delete(self.name))

    async def verify(self, world: World) -> Result:
        ends = world.clock.now() + timedelta(seconds=DEADLINE_S)
        while world.clock.now() < ends:
            try:
                if await door(world).reader.deployment(self.name) is None:
                    return Result(End.DONE, f"read back: {self.name} is gone")
            except Failure as failure:
                world.progress(f"cannot read Azure: {failure.sentence}")
            await world.clock.sleep(PACE_S)
        return Result(End.UNKNOWN, f"{self.name} still reads after {DEADLINE_S:.0f} s")

    def invert(self) -> None:
        """A shadow that is wanted again is deployed again."""
        return None


STEP = RemoveDeployment
