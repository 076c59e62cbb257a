"""Adds a secret to the app under a name that nothing uses yet: no revision notices, and none is made.

The value is taken from the runner's own environment when it is sent, and stands in no plan, record or error. Adding
or changing a secret makes no revision (https://learn.microsoft.com/azure/container-apps/manage-secrets).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.domain.plan import Risk, StepRecord
from console.steps.following import accept, read_back
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor


@dataclass(frozen=True, slots=True)
class AddSecret:
    """Expects the app's secrets to be exactly `others`; leaves `name` beside them, which leads to `server`."""

    kind: ClassVar[str] = "add_secret"
    app: str
    name: str
    others: tuple[str, ...]
    source: str
    server: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> AddSecret:
        return cls(**{**body, "others": tuple(body["others"])})

    def record(self) -> StepRecord:
        title = f"add secret {self.name} to {self.app}, from {self.source}"
        return StepRecord(
            self.kind,
            title,
            self.command,
            Risk.REVERSIBLE,
            True,
            asdict(self),
            makes=("secret there",),
            needs=("restored seen",),
        )

    async def check(self, world: World) -> Finding:
        door = _door(world)
        names = tuple(one.name for one in await door.secrets())
        if self.name in names:
            return Finding(Ground.MOVED, f"{self.app} has a secret {self.name} already: its value is not known here")
        if set(names) != set(self.others):
            return Finding(Ground.MOVED, f"the secrets of {self.app} changed meanwhile: {', '.join(names)}")
        if not door.has_value():
            return Finding(Ground.UNFIT, f"{self.source} is not set where this runs")
        server = await door.azure().server(self.server)
        if server is None or not server.fqdn:
            return Finding(Ground.UNFIT, f"{self.server} has no address yet")
        return Finding(Ground.HOLDS, f"{self.app} has no secret {self.name} yet")

    async def apply(self, world: World) -> None:
        door = _door(world)
        server = await door.azure().server(self.server)
        world.operation = ""
        accept(world, await door.add_secret(self.name, server.fqdn if server else ""))

    async def verify(self, world: World) -> Result:
        """Azure shows no value again: that the name is there, and that the others stayed, is all there is to see."""
        _, result = await read_back(world, lambda state: state.provisioning.lower() != "inprogress")
        names = {one.name for one in await _door(world).secrets()}
        gone = sorted(set(self.others) - names)
        if gone:
            return Result(End.FAILED, f"{self.app} has lost its secrets {', '.join(gone)}: set them again by hand")
        if self.name in names:
            return Result(End.DONE, f"{self.app} has secret {self.name}; its value is never read")
        return Result(
            End.FAILED if result.end is End.DONE else result.end, f"{self.name} is not there; {result.detail}"
        )

    def invert(self) -> None:
        """An unused secret harms nobody."""
        return None


def _door(world: World) -> SchemaDoor:
    return cast("SchemaDoor", world.door("schema"))


STEP = AddSecret
