"""What every step is: a frozen record that can check its ground, act once, and see what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from console.clock import Clock
from console.domain.code import CodeState, Revision
from console.domain.failure import Failure, FailureKind
from console.domain.golden import GoldenResult
from console.domain.plan import StepRecord
from console.domain.run import Kind
from console.domain.signal import Sample, SignalReading
from console.domain.traffic import TrafficEntry

APP_S = 30.0


class Ground(StrEnum):
    """What a check found: as planned, moved by somebody else, already there, or not fit to go on."""

    HOLDS = "holds"
    MOVED = "moved"
    REACHED = "reached"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Finding:
    ground: Ground
    detail: str = ""


class End(StrEnum):
    """How a step came out; `UNPROVEN` is done, but nothing can show it."""

    DONE = "done"
    SKIPPED = "skipped"
    UNPROVEN = "unproven"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    end: End
    detail: str = ""


class Accepted(Protocol):
    """Azure's first answer to a write."""

    @property
    def operation(self) -> str: ...
    @property
    def request_id(self) -> str: ...


class Operation(Protocol):
    """A long-running operation as Azure tells it."""

    @property
    def status(self) -> str: ...
    @property
    def error(self) -> str: ...
    @property
    def running(self) -> bool: ...


class CodeReader(Protocol):
    """Reads of the code layer; each raises Failure."""

    async def principal(self) -> str: ...
    async def code_state(self) -> CodeState: ...
    async def revision(self, name: str) -> Revision | None: ...
    async def operation(self, url: str) -> Operation | None: ...
    async def template(self, revision: str) -> Mapping[str, Any] | None: ...
    async def azure_now(self) -> datetime: ...
    async def requests_since(self, at: datetime) -> Mapping[str, int]: ...


class CodeActions(Protocol):
    """Writes of the code layer; each sends once or raises Failure."""

    async def set_traffic(self, entries: Sequence[TrafficEntry]) -> Accepted: ...
    async def activate(self, revision: str) -> Accepted: ...
    async def deactivate(self, revision: str) -> Accepted: ...
    async def new_revision(self, template: Mapping[str, Any]) -> Accepted: ...
    async def set_mode(self, mode: str) -> Accepted: ...


class Prober(Protocol):
    """Asks the service; never raises."""

    @property
    def identifies(self) -> bool: ...
    @property
    def every_s(self) -> float: ...
    @property
    def path(self) -> str: ...
    async def ask_app(self, state: CodeState) -> Sample: ...
    async def ask_revision(self, revision: Revision) -> Sample: ...


Tell = Callable[..., None]
Measure = Callable[[str], Awaitable[SignalReading | None]]
Examine = Callable[[Revision | None], Awaitable[GoldenResult | None]]


@dataclass(slots=True)
class World:
    """What a step may touch. `tell(kind, **body)` appends to the run log; `operation` is the last one followed.

    `seen` is the app as it was last read, whose addresses outlive an Azure that falls silent. `doors` are the layers'
    doors by layer name, opened for writing; `measure(name)` reads one signal now; `examine(revision)` puts the golden
    questions to a revision, or to the service where it is None, and gives None where none are configured. `unsure`
    tells that the last write's answer was lost: it may still take effect, so that not seeing it proves nothing yet.
    """

    reader: CodeReader
    prober: Prober
    clock: Clock
    actions: CodeActions | None = None
    tell: Tell = lambda kind, **body: None
    samples: list[Sample] = field(default_factory=list)
    proven_since: datetime | None = None
    operation: str = ""
    seen: CodeState | None = None
    doors: Mapping[str, Any] = field(default_factory=dict)
    measure: Measure | None = None
    examine: Examine | None = None
    unsure: bool = False

    def door(self, layer: str) -> Any:
        """The layer's door, which the step casts to what it needs. Raises Failure where it is not configured."""
        if layer not in self.doors:
            raise Failure(FailureKind.REJECTED, f"the layer {layer} is not configured here; nothing was sent")
        return self.doors[layer]

    def progress(self, detail: str) -> None:
        self.tell(Kind.PROGRESS, detail=detail)

    async def app(self) -> CodeState | None:
        """The app as this run read it last, for its addresses; None where Azure has not told them within 30 s."""
        ends = self.clock.now() + timedelta(seconds=APP_S)
        while self.seen is None and self.clock.now() < ends:
            try:
                self.seen = await self.reader.code_state()
            except Failure as failure:
                self.progress(f"cannot read Azure: {failure.sentence}")
                await self.clock.sleep(1.0)
        return self.seen


class Step(Protocol):
    """One kind of write, or of proof. `check` never writes; `apply` sends once; `verify` only looks."""

    kind: ClassVar[str]

    def record(self) -> StepRecord: ...
    async def check(self, world: World) -> Finding: ...
    async def apply(self, world: World) -> None: ...
    async def verify(self, world: World) -> Result: ...
    def invert(self) -> Step | None: ...
