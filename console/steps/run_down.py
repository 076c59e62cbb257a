"""Takes the schema down: the script that was shown, in one transaction with bounded waits, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor

READ_BACK_S = 90.0
PACE_S = 1.0


@dataclass(frozen=True, slots=True)
class RunDown:
    """Expects the head `current`; leaves the head `target`. `counts` are the rows of some tables before.

    `lossy` says that the script may take data away; `tables` are those it names, whose holders it may wait for.
    """

    kind: ClassVar[str] = "run_down"
    place: str
    current: str
    target: str
    statements: tuple[str, ...]
    tables: tuple[str, ...]
    lossy: bool
    counts: tuple[tuple[str, int | None], ...]
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> RunDown:
        counts = tuple((str(table), rows) for table, rows in body["counts"])
        texts = {key: tuple(body[key]) for key in ("statements", "tables")}
        return cls(**{**body, **texts, "counts": counts})

    def record(self) -> StepRecord:
        title = f"schema → {self.target}: run the down script"
        risk = Risk.LOSSY if self.lossy else Risk.SLOW
        return StepRecord(
            self.kind,
            title,
            self.command,
            risk,
            True,
            asdict(self),
            True,
            makes=("turned", "schema turned"),
            needs=("code turned",),
        )

    async def check(self, world: World) -> Finding:
        if not self.statements:
            return Finding(Ground.UNFIT, "there is no script to run")
        heads = await self._heads(world)
        if heads == (self.target,):
            return Finding(Ground.REACHED, f"the head is {self.target} already")
        if heads != (self.current,):
            shown = ", ".join(heads) or "nothing"
            return Finding(Ground.MOVED, f"the head moved meanwhile: it is {shown}, not {self.current}")
        return Finding(Ground.HOLDS, f"the head is {self.current}, as you saw it")

    async def apply(self, world: World) -> None:
        down = _door(world).down
        if down is None:
            raise Failure(FailureKind.NOT_ALLOWED, f"{self.place} is read only here; nothing was sent")
        await down.run(self.statements, self.current, self.target, self.tables)
        world.tell(Kind.ACCEPTED, detail="the transaction was committed")

    async def verify(self, world: World) -> Result:
        """Reads the head back in a transaction of its own, and counts the rows again."""
        ends = world.clock.now() + timedelta(seconds=READ_BACK_S)
        told = "the database could not be read"
        while world.clock.now() < ends:
            try:
                heads = await self._heads(world)
            except Failure as failure:
                told = failure.sentence
                world.progress(f"cannot read the head: {told}")
            else:
                if not (world.unsure and heads == (self.current,)):
                    return await self._read_back(world, heads)
                told = f"its answer was lost, and the head is still {self.current}: it may yet take effect"
            await world.clock.sleep(PACE_S)
        return Result(End.UNKNOWN, f"the head was not read back within {READ_BACK_S:.0f} s: {told}")

    async def _read_back(self, world: World, heads: tuple[str, ...]) -> Result:
        if heads == (self.target,):
            after = await _door(world).counts()
            rows = compared(self.counts, after)
            gone = fewer(self.counts, after)
            if gone and not self.lossy:
                why = "though the script was read as dropping nothing: restore what is gone"
                return Result(
                    End.FAILED, f"head {self.target} read back, and rows are gone from {gone}, {why}; {rows}"
                )
            world.tell(Kind.CONFIGURED, detail=f"head {self.target} read back")
            return Result(End.DONE, f"head {self.target} read back{f'; {rows}' if rows else ''}")
        if heads == (self.current,):
            return Result(End.FAILED, f"the script did not take effect: the head is still {self.current}")
        return Result(End.FAILED, f"the head is {', '.join(heads) or 'nothing'}, not {self.target}")

    async def _heads(self, world: World) -> tuple[str, ...]:
        return (await _door(world).head()).heads

    def invert(self) -> None:
        """Going up again is the migration tool's work."""
        return None


def compared(before: tuple[tuple[str, int | None], ...], after: tuple[tuple[str, int | None], ...]) -> str:
    """`leaflets 240 → 240 rows`; a number that is not known is a question mark."""
    now = dict(after)
    shown = [f"{table} {_number(rows)} → {_number(now.get(table))} rows" for table, rows in before]
    return ", ".join(shown)


def fewer(before: tuple[tuple[str, int | None], ...], after: tuple[tuple[str, int | None], ...]) -> str:
    """The tables that hold fewer rows than before, as far as both numbers are known."""
    now = dict(after)
    counted = ((table, rows, now.get(table)) for table, rows in before)
    return ", ".join(table for table, was, has in counted if was is not None and has is not None and has < was)


def _number(rows: int | None) -> str:
    return "?" if rows is None else str(rows)


def _door(world: World) -> SchemaDoor:
    return cast("SchemaDoor", world.door("schema"))


STEP = RunDown
