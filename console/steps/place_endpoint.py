"""Gives a virtual endpoint to a restored server: the host names stay, and so does the service's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.following import accept
from console.steps.queued import Seen, settled
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor

DEADLINE_S = 900.0
PACE_S = 4.0


@dataclass(frozen=True, slots=True)
class PlaceEndpoint:
    """Expects `server` without virtual endpoint `name`; leaves it there, with the host names that it had before."""

    kind: ClassVar[str] = "place_endpoint"
    server: str
    name: str
    hosts: tuple[str, ...]
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> PlaceEndpoint:
        return cls(**{**body, "hosts": tuple(body["hosts"])})

    def record(self) -> StepRecord:
        title = f"virtual endpoint {self.name} → {self.server}"
        return StepRecord(
            self.kind,
            title,
            self.command,
            Risk.LOSSY,
            True,
            asdict(self),
            True,
            makes=("turned", "schema turned"),
            needs=("restored seen", "endpoint free"),
        )

    async def check(self, world: World) -> Finding:
        servers = _door(world).azure()
        found = await servers.server(self.server)
        if found is None or found.state.lower() != "ready":
            return Finding(Ground.UNFIT, f"{self.server} is {found.state if found else 'not there'}, not Ready")
        if any(one.name == self.name for one in await servers.endpoints(self.server)):
            return Finding(Ground.REACHED, f"{self.server} has virtual endpoint {self.name} already")
        return Finding(Ground.HOLDS, f"{self.server} is Ready")

    async def apply(self, world: World) -> None:
        actions = _door(world).actions
        if actions is None:
            raise Failure(FailureKind.NOT_ALLOWED, f"{self.server} is read only here; nothing was sent")
        world.operation = ""
        accept(world, await actions.place_endpoint(self.server, self.name, (self.server,)))

    async def verify(self, world: World) -> Result:
        async def look() -> Seen:
            endpoints = await _door(world).azure().endpoints(self.server)
            found = next((one for one in endpoints if one.name == self.name), None)
            if found is None or self.server not in found.members:
                return Seen(told=f"{self.name} does not lead to {self.server} yet", there=False)
            return Seen(done=self._kept(found.hosts))

        result = await settled(world, look, DEADLINE_S, PACE_S)
        if result.end is End.DONE:
            world.tell(Kind.CONFIGURED, detail=result.detail)
        return result

    def _kept(self, hosts: tuple[str, ...]) -> str:
        missing = [host for host in self.hosts if host.lower() not in {one.lower() for one in hosts}]
        lost = f"; it answers at {', '.join(hosts)}, and no longer at {', '.join(missing)}" if missing else ""
        return f"{self.name} leads to {self.server}{lost}"

    def invert(self) -> None:
        return None


def _door(world: World) -> SchemaDoor:
    return cast("SchemaDoor", world.door("schema"))


STEP = PlaceEndpoint
