"""Proves that a prompt serves: the service's own call log names the new version, and no longer the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.domain.proof import answers_needed
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World

if TYPE_CHECKING:
    from console.layers.prompt.door import PromptDoor

CALLS, CALLS_AGAIN = 3, 10
GRACE_S = 30.0
MOST_S = 900.0
PACE_S = 1.0
NEWEST = 500

Call = tuple[datetime | None, str]


@dataclass(frozen=True, slots=True)
class ProvePrompt:
    """Expects nothing; proven by three calls in a row that name `version` after every cache has had to read it anew.

    By ten where one named another even then, such as a call that was under way; and earlier than that by so many in
    a row that a replica which still holds the old one would have shown.
    """

    kind: ClassVar[str] = "prove_prompt"
    item: str
    name: str
    version: str
    former: tuple[str, ...]
    cache_ttl_s: float

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> ProvePrompt:
        return cls(**{**body, "former": tuple(body["former"])})

    def record(self) -> StepRecord:
        return StepRecord(
            self.kind,
            f"serving: the call log names {self.item} {_shown(self.version)}",
            "",
            Risk.REVERSIBLE,
            False,
            asdict(self),
            makes=("served", "proven"),
            needs=("turned",),
        )

    async def check(self, world: World) -> Finding:
        return Finding(Ground.HOLDS)

    async def apply(self, world: World) -> None:
        """Nothing is written."""

    async def verify(self, world: World) -> Result:
        door: PromptDoor = world.door("prompt")
        if door.calls is None:
            return Result(End.UNPROVEN, f"serving not proven: the call log is not configured; {self._caching}")
        started = world.clock.now()
        fresh = started + timedelta(seconds=self.cache_ttl_s)
        ends = started + timedelta(seconds=min(self.cache_ttl_s + GRACE_S, MOST_S))
        told, calls, trouble = "", tuple[Call, ...](), ""
        while True:
            try:
                calls, trouble = await door.calls.latest(self.name, started, NEWEST), ""
            except Failure as failure:
                trouble = failure.sentence
            now = world.clock.now()
            proof = self._proof(calls, fresh, now)
            if proof:
                world.tell(Kind.SERVING, detail=proof)
                return Result(End.DONE, proof)
            if now >= ends:
                return self._too_late(calls, fresh, trouble)
            words = trouble or self._words(calls, fresh, now)
            if words != told:
                told = words
                world.progress(words)
            await world.clock.sleep(PACE_S)

    def _proof(self, calls: Sequence[Call], fresh: datetime, now: datetime) -> str:
        """How the calls prove it; empty while they do not."""
        row = next((place for place, call in enumerate(calls) if not self._right(call[1])), len(calls))
        if row >= answers_needed(100):
            return f"{row} calls in a row name {_shown(self.version)}"
        late = [version for at, version in calls if at is not None and at >= fresh]
        row = min(row, len(late))
        if now >= fresh and row >= (CALLS if row == len(late) else CALLS_AGAIN):
            return f"{row} calls in a row name {_shown(self.version)}{self._after}"
        return ""

    def _too_late(self, calls: Sequence[Call], fresh: datetime, trouble: str) -> Result:
        """A wrong version is one thing, too few calls to say so another."""
        late = [version for at, version in calls if at is not None and at >= fresh]
        wrong = [version for version in late if not self._right(version)]
        if wrong and len(wrong) == len(late):
            still = f"{len(wrong)} of {len(late)} calls name {_shown(wrong[0]) or 'no version'}"
            return Result(End.FAILED, f"it does not serve: {still}{self._after}")
        if wrong:
            mixed = f"{len(wrong)} of {len(late)} calls do not name {_shown(self.version)}"
            return Result(End.UNPROVEN, f"serving not proven: {mixed}{self._after}")
        if trouble:
            return Result(End.UNPROVEN, f"serving not proven: {trouble}; {self._caching}")
        came = f"only {len(late)} calls came" if late else "no calls came"
        return Result(End.UNPROVEN, f"serving not proven: {came}{self._after}; {self._caching}")

    def _words(self, calls: Sequence[Call], fresh: datetime, now: datetime) -> str:
        right = sum(self._right(version) for _, version in calls)
        holds = f"; the cache may hold {self._old} until {fresh:%H:%M:%S}Z" if now < fresh else ""
        return f"{right} of {len(calls)} calls name {_shown(self.version)}{holds}"

    @property
    def _caching(self) -> str:
        return f"the cache may hold {self._old} for {self.cache_ttl_s:g} s"

    @property
    def _after(self) -> str:
        return f" after {self.cache_ttl_s:g} s, when no cache may hold the old one" if self.cache_ttl_s else ""

    @property
    def _old(self) -> str:
        return " and ".join(map(_shown, self.former)) or "the old text"

    def _right(self, version: str) -> bool:
        return version.removeprefix("v") == self.version.removeprefix("v")

    def invert(self) -> None:
        return None


def _shown(version: str) -> str:
    return f"v{version}" if version.isdecimal() else version


STEP = ProvePrompt
