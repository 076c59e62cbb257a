"""Looks into a restored server before anything is pointed at it: its head, and its rows beside those of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.steps.run_down import compared
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor


@dataclass(frozen=True, slots=True)
class SeeRestored:
    """Expects `head` in the database of server `name`, empty where none is known. `counts` are the rows of now.

    `host` is the address that the steps behind it count on, empty where none does.
    """

    kind: ClassVar[str] = "see_restored"
    name: str
    host: str
    head: str
    counts: tuple[tuple[str, int | None], ...]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SeeRestored:
        return cls(**{**body, "counts": tuple((str(table), rows) for table, rows in body["counts"])})

    def record(self) -> StepRecord:
        title = f"{self.name} holds head {self.head}" if self.head else f"look into {self.name}"
        return StepRecord(
            self.kind,
            title,
            "",
            Risk.REVERSIBLE,
            False,
            asdict(self),
            makes=("restored seen",),
            needs=("restored",),
        )

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        """A wrong head ends the run before anything is pointed there; not to get in is not known, and said so."""
        door = cast("SchemaDoor", world.door("schema"))
        server = await door.azure().server(self.name)
        if server is None or not server.fqdn:
            return Result(End.FAILED, "it has no address")
        if self.host and server.fqdn.lower() != self.host.lower():
            return Result(End.FAILED, f"it is at {server.fqdn}, not at {self.host}: nothing was pointed at it")
        try:
            async with door.restored(server.fqdn) as heads:
                found, rows = await heads.head(), compared(self.counts, await heads.counts())
        except Failure as failure:
            return self._unread(failure)
        shown = ", ".join(found.heads) or "no head"
        if self.head and found.heads != (self.head,):
            return Result(End.FAILED, f"it holds {shown}, not {self.head}: nothing was pointed at it")
        return Result(End.DONE, f"head {shown} read there{f'; {rows}' if rows else ''}")

    def _unread(self, failure: Failure) -> Result:
        """Where the service is pointed at it next, its answers prove what cannot be read from here."""
        closed = failure.kind in (FailureKind.UNREACHABLE, FailureKind.SIGN_IN)
        hint = "; firewall rules and DNS do not come along" if closed else ""
        end = End.SKIPPED if self.host else End.UNPROVEN
        return Result(end, f"not read from here: {failure.sentence}{hint}")

    def invert(self) -> None:
        return None


STEP = SeeRestored
