"""Makes a deployment beside the others, small and tagged as ours, so that another model version can be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from console.domain.deploying import Shape, differences
from console.domain.plan import Risk, StepRecord
from console.steps.following import accept
from console.steps.set_deployment import by, door, read_only, settled_as, unsettled
from console.steps.step import Finding, Ground, Result, World


@dataclass(frozen=True, slots=True)
class CreateDeployment:
    """Expects no deployment `name`; leaves one as `leaves` says. `body` is the JSON that is sent."""

    kind: ClassVar[str] = "create_deployment"
    account: str
    name: str
    leaves: Shape
    body: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> CreateDeployment:
        return cls(**{**body, "leaves": Shape(**body["leaves"])})

    def record(self) -> StepRecord:
        title = f"deploy {self.name}: {self.leaves.runs}, capacity {self.leaves.capacity}"
        return StepRecord(self.kind, title, self.command, Risk.SLOW, True, asdict(self), makes=("deployed",))

    async def check(self, world: World) -> Finding:
        found = await door(world).reader.deployments()
        own = next((one for one in found if one.name.lower() == self.name.lower()), None)
        if own is not None:
            other = differences(own, self.leaves)
            ground = Ground.MOVED if other or not own.shadow_of else Ground.REACHED
            return Finding(ground, f"{self.name} exists already{': ' if other else ''}{'; '.join(other)}{by(own)}")
        busy = unsettled(found)
        if busy:
            return Finding(Ground.UNFIT, f"another write on {self.account} is under way: {busy}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        opened = door(world)
        if opened.actions is None:
            raise read_only()
        accept(world, await opened.actions.put(self.name, json.loads(self.body)))
        opened.took.add(self.name)

    async def verify(self, world: World) -> Result:
        return await settled_as(world, self.name, self.leaves)

    def invert(self) -> None:
        """Removing it is a plan of its own, which looks whether somebody calls it by then."""
        return None


STEP = CreateDeployment
