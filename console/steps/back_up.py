"""Makes a backup of a PostgreSQL server now, and waits until it is in the list."""

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

DEADLINE_S = 1800.0


@dataclass(frozen=True, slots=True)
class BackUp:
    """Expects `server` to be ready and no backup of that name; leaves one, completed."""

    kind: ClassVar[str] = "back_up"
    server: str
    name: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> BackUp:
        return cls(**body)

    def record(self) -> StepRecord:
        title = f"back up {self.server} as {self.name}"
        return StepRecord(self.kind, title, self.command, Risk.SLOW, True, asdict(self), makes=("backed up",))

    async def check(self, world: World) -> Finding:
        servers = _door(world).azure()
        found = await servers.server(self.server)
        if found is None:
            return Finding(Ground.MOVED, f"{self.server} no longer exists")
        if any(one.name == self.name for one in await servers.backups(self.server)):
            return Finding(Ground.REACHED, f"there is a backup {self.name} already")
        if found.state.lower() != "ready":
            return Finding(
                Ground.UNFIT, f"{self.server} is {found.state}: Azure backs up no server that is not Ready"
            )
        return Finding(Ground.HOLDS, f"{self.server} is Ready")

    async def apply(self, world: World) -> None:
        actions = _door(world).actions
        if actions is None:
            raise Failure(FailureKind.NOT_ALLOWED, f"{self.server} is read only here; nothing was sent")
        world.operation = ""
        accept(world, await actions.back_up(self.server, self.name))

    async def verify(self, world: World) -> Result:
        async def look() -> Seen:
            backups = await _door(world).azure().backups(self.server)
            found = next((one for one in backups if one.name == self.name), None)
            if found is None:
                return Seen(told="backing up", there=False)
            if found.completed is None:
                return Seen(told="the backup is being made")
            return Seen(done=f"{found.kind or 'backup'} {self.name} completed {found.completed:%H:%M:%S}Z")

        result = await settled(world, look, DEADLINE_S)
        if result.end is End.DONE:
            world.tell(Kind.CONFIGURED, detail=result.detail)
        return result

    def invert(self) -> None:
        """A backup harms nobody; it goes when its retention ends."""
        return None


def _door(world: World) -> SchemaDoor:
    return cast("SchemaDoor", world.door("schema"))


STEP = BackUp
