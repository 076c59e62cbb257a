"""Restores a PostgreSQL server as it was at one moment, to a new server; the old one keeps running, untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.restore import window
from console.domain.run import Kind
from console.steps.following import accept
from console.steps.queued import Seen, settled
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor


@dataclass(frozen=True, slots=True)
class RestoreServer:
    """Expects `source` (its `source_id`) with `at` in its window, and no server `name`; leaves that, Ready.

    `at` is RFC 3339; `network` is sent as the source has it.
    """

    kind: ClassVar[str] = "restore_server"
    source: str
    source_id: str
    name: str
    location: str
    at: str
    network: Mapping[str, str]
    wait_s: float
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> RestoreServer:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"restore {self.source} of {self.moment:%d %b %H:%M:%S}Z as {self.name}"
        return StepRecord(self.kind, title, self.command, Risk.LOSSY, True, asdict(self), makes=("restored",))

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)

    async def check(self, world: World) -> Finding:
        servers = _door(world).azure()
        source, found = await servers.server(self.source), await servers.server(self.name)
        if source is None or source.resource_id.lower() != self.source_id.lower():
            return Finding(Ground.MOVED, f"{self.source} no longer exists")
        if found is not None:
            return Finding(Ground.MOVED, f"there is a server {self.name} already")
        against = window(source, world.clock.now()).against(self.moment)
        if against:
            return Finding(Ground.MOVED, against)
        return Finding(Ground.HOLDS, f"{self.source} can be restored to that moment; {self.name} does not exist yet")

    async def apply(self, world: World) -> None:
        actions = _door(world).actions
        if actions is None:
            raise Failure(FailureKind.NOT_ALLOWED, f"{self.source} is read only here; nothing was sent")
        world.operation = ""
        accepted = await actions.restore(self.name, self.source_id, self.location, self.moment, self.network)
        accept(world, accepted)

    async def verify(self, world: World) -> Result:
        async def look() -> Seen:
            found = await _door(world).azure().server(self.name)
            if found is None:
                return Seen(told="being restored", there=False)
            if found.state.lower() == "ready" and found.fqdn:
                return Seen(done=f"Ready at {found.fqdn}")
            return Seen(told=f"the new server is {found.state or 'without a state'}")

        result = await settled(world, look, self.wait_s)
        if result.end is End.DONE:
            world.tell(Kind.CONFIGURED, detail=result.detail)
        return result

    def invert(self) -> None:
        """A server is deleted by a person, never by an undo."""
        return None


def _door(world: World) -> SchemaDoor:
    return cast("SchemaDoor", world.door("schema"))


STEP = RestoreServer
