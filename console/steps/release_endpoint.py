"""Takes a virtual endpoint from a server, so that the restored one can have it: an address, and no data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.steps.following import accept
from console.steps.queued import Seen, settled
from console.steps.step import Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor

DEADLINE_S = 900.0
PACE_S = 4.0


@dataclass(frozen=True, slots=True)
class ReleaseEndpoint:
    """Expects virtual endpoint `name` on `server` with these members; leaves none of that name."""

    kind: ClassVar[str] = "release_endpoint"
    server: str
    name: str
    members: tuple[str, ...]
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ReleaseEndpoint:
        return cls(**{**body, "members": tuple(body["members"])})

    def record(self) -> StepRecord:
        title = f"take virtual endpoint {self.name} from {self.server}"
        return StepRecord(
            self.kind,
            title,
            self.command,
            Risk.SLOW,
            True,
            asdict(self),
            makes=("endpoint free",),
            needs=("restored seen",),
        )

    async def check(self, world: World) -> Finding:
        endpoints = await _door(world).azure().endpoints(self.server)
        found = next((one for one in endpoints if one.name == self.name), None)
        if found is None:
            return Finding(Ground.REACHED, f"{self.server} has no virtual endpoint {self.name} any more")
        if found.members != self.members:
            return Finding(Ground.MOVED, f"{self.name} leads to {', '.join(found.members) or 'nobody'} now")
        return Finding(Ground.HOLDS, f"{self.name} is on {self.server}, as you saw it")

    async def apply(self, world: World) -> None:
        actions = _door(world).actions
        if actions is None:
            raise Failure(FailureKind.NOT_ALLOWED, f"{self.server} is read only here; nothing was sent")
        world.operation = ""
        accept(world, await actions.release_endpoint(self.server, self.name))

    async def verify(self, world: World) -> Result:
        async def look() -> Seen:
            endpoints = await _door(world).azure().endpoints(self.server)
            there = any(one.name == self.name for one in endpoints)
            return Seen(told=f"{self.name} is still on {self.server}") if there else Seen(done=f"{self.name} is free")

        return await settled(world, look, DEADLINE_S, PACE_S)

    def invert(self) -> None:
        """Placing it again is a step of its own."""
        return None


def _door(world: World) -> SchemaDoor:
    return cast("SchemaDoor", world.door("schema"))


STEP = ReleaseEndpoint
