"""What every layer is: it observes its state, says what serves, and plans the way back; it never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.code import CodeState
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.snapshot import Snapshot
from console.layers.planning import Findings

if TYPE_CHECKING:
    import httpx

    from console.steps.step import CodeReader


@dataclass(frozen=True, slots=True)
class Tools:
    """What a layer may open its door with. `environment` resolves `env:NAME`; `credential` signs in to Azure.

    Where `writing` is false the door must not be able to write: whatever writes is not built.
    """

    target: str
    settings: TargetSettings
    clock: Clock
    arm: httpx.AsyncClient
    credential: Any
    environment: Mapping[str, str]
    writing: bool
    code: CodeReader


class Door(Protocol):
    """A layer's way to the outside: reads for observing and planning; steps find their own reads and writes there.

    Opening one does no I/O. `observe` and `look` raise Failure. `every_s` is the pace at which it is observed.
    """

    @property
    def every_s(self) -> float: ...

    async def observe(self, code: CodeState | None) -> Any:
        """The layer's state now; `code` is as it was last read, None where it was not yet."""
        ...

    async def look(self, snapshot: Snapshot, intent: Intent) -> Any:
        """What must be looked at for one plan alone, such as a version's text, locks or permissions."""
        ...

    async def close(self) -> None: ...


class LayerKind(Protocol):
    """A layer's module holds one of these, named LAYER."""

    name: str

    def configured(self, settings: TargetSettings) -> bool: ...

    def open(self, tools: Tools) -> Door: ...

    def facets(self, state: Any, code: CodeState | None) -> tuple[Facet, ...]:
        """What serves, for the bundle: pure."""
        ...

    def beside(self, state: Any, code: CodeState | None) -> Any:
        """The state together with what the code's revisions say: pure. Layers are read side by side with the code."""
        ...

    def trouble(self, state: Any, code: CodeState | None) -> str:
        """What the layer itself shows to be wrong, such as two versions that do not fit; empty where nothing is."""
        ...

    def plan(self, settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
        """The plan for what is wanted: pure. Raises NothingToDo."""
        ...
