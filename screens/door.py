"""The one door to the engine, as the screens use it: what `console.desk.Desk` is to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Run
from console.domain.snapshot import Environment, Snapshot


class Prepared(Protocol):
    """A runner that has started and waits for a go."""

    run_id: int

    def offer(self, plan: Plan) -> None:
        """Records exactly what is shown."""

    def go(self) -> None:
        """Hands the offered plan to the runner."""

    def dismiss(self) -> None:
        """Nothing will be sent; the runner ends."""

    @property
    def alive(self) -> bool: ...


class Desk(Protocol):
    """Everything a front end may ask for one target. Sentences of its exceptions are made to be shown."""

    target: str
    environment: Environment
    read_only: bool
    coordination: str
    survives_logout: str

    @property
    def state_note(self) -> str: ...

    @property
    def snapshot(self) -> Snapshot: ...

    def watch(self) -> AsyncIterator[Snapshot]: ...

    def refresh(self) -> None: ...

    def draft(self, intent: Intent = ...) -> Plan | None: ...

    async def propose(self, intent: Intent = ...) -> Plan: ...

    def prepare(self) -> Prepared: ...

    def run(self, run_id: int) -> Run | None: ...

    def runs(self, limit: int = 50) -> tuple[Run, ...]: ...

    def usual_s(self, layer: str = "code") -> tuple[float, ...]: ...

    def stop(self, run_id: int) -> None: ...

    async def close(self) -> None: ...


DeskFactory = Callable[[], Desk]


def sentence_of(error: Exception) -> str:
    """What an exception of the engine says to a person; an unexpected one is named and not quoted."""
    said = getattr(error, "sentence", None)
    return str(said) if said else f"the console stumbled over {type(error).__name__}"
