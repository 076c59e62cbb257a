"""The one door to the engine, as the screens use it: what `console.desk.Desk` is to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from console.domain.bundle import Bundle
from console.domain.decision import Leaf, Node, Taken, Tree
from console.domain.incident import Answered, Care, Incident
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


class Offer(Protocol):
    """One thing that may be done next, in words, and the intent that begins it."""

    @property
    def title(self) -> str: ...

    @property
    def intent(self) -> Intent: ...


class WayOut(Protocol):
    """One of the fast ways out: `would_change` in words, or no intent and `why_not`; `stays` is what it leaves."""

    @property
    def number(self) -> int: ...

    @property
    def title(self) -> str: ...

    @property
    def would_change(self) -> str: ...

    @property
    def intent(self) -> Intent | None: ...

    @property
    def why_not(self) -> str: ...

    @property
    def stays(self) -> tuple[str, ...]: ...

    @property
    def typed(self) -> bool: ...


class Evidence(Protocol):
    """Lines to be read beside a question; where one of its answers is `suggested`, `reason` says why."""

    @property
    def lines(self) -> tuple[str, ...]: ...

    @property
    def suggested(self) -> str | None: ...

    @property
    def reason(self) -> str: ...


class Asked(Protocol):
    """A question with what is known beside it."""

    @property
    def evidence(self) -> Sequence[Evidence]: ...


class Meant(Protocol):
    """What a leaf wants done; or nothing, and why not."""

    @property
    def intent(self) -> Intent | None: ...

    @property
    def why_not(self) -> str: ...


class Filled(Protocol):
    """A runbook with the names of now; `missing` says of every placeholder that stays why it does."""

    @property
    def text(self) -> str: ...

    @property
    def missing(self) -> tuple[tuple[str, str], ...]: ...


class Guide(Protocol):
    """The decision tree, what was answered, and what is still to do. Sentences as with the desk."""

    @property
    def records(self) -> bool: ...

    def tree(self) -> Tree: ...

    def asked(self, node: Node) -> Asked: ...

    def meant(self, leaf: Leaf) -> Meant: ...

    def answer(self, taken: Taken, note: str = "") -> None:
        """Keeps one answer in the incident under way, which it opens where there is none."""

    def arrive(self, leaf: Leaf, path: Sequence[Taken] = (), note: str = "") -> None:
        """Keeps where a walk ended, and opens the leaf's aftercare."""

    def answers(self, incident: int) -> Sequence[Answered]: ...

    def aftercare(self, incident: int) -> Sequence[Care]: ...

    def settle(self, incident: int, number: int, done: bool = True) -> Care | None: ...


class DeviceCode(Protocol):
    """What a person enters where, and until when, so that this console is signed in."""

    @property
    def verification_uri(self) -> str: ...

    @property
    def user_code(self) -> str: ...

    @property
    def expires_on(self) -> datetime: ...


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

    @property
    def bypass(self) -> str: ...

    @property
    def script(self) -> Path | None: ...

    @property
    def incident(self) -> Incident | None: ...

    def incidents(self) -> tuple[Incident, ...]: ...

    def begin_incident(self, began: datetime, note: str = "") -> Incident: ...

    def mark(self, version: str, good: bool, reason: str = "") -> None: ...

    def draft(self, intent: Intent = ...) -> Plan | None: ...

    def why_not(self, intent: Intent = ...) -> str: ...

    async def propose(self, intent: Intent = ...) -> Plan: ...

    def prepare(self) -> Prepared: ...

    def run(self, run_id: int) -> Run | None: ...

    def runs(self, limit: int = 50) -> tuple[Run, ...]: ...

    def observed(self) -> Sequence[Observed]: ...

    async def passage(self, layer: str, item: str, version: str) -> str:
        """The text of one version, already cleaned; raises what has a sentence."""

    async def export_calls(self, item: str, version: str, path: Path) -> int:
        """Writes which calls used this version of a prompt to a new CSV file, 0600; how many there were."""

    def usual_s(self, layer: str = "code") -> tuple[float, ...]: ...

    def offers(self, run: Run) -> Sequence[Offer]: ...

    def emergency(self) -> Sequence[WayOut]: ...

    @property
    def guide(self) -> Guide: ...

    def runbook(self, leaf: Leaf, by_hand: str = "") -> Filled:
        """The leaf's runbook with the names of now; `by_hand` are the commands of the plan beside it."""

    def stop(self, run_id: int) -> None: ...

    def reconcile(self) -> tuple[int, ...]: ...

    def take_up(self, run_id: int) -> bool: ...

    def taken_up(self, run_id: int) -> Run | None: ...

    def attended(self, run_id: int) -> bool: ...

    async def close(self) -> None: ...


class Observed(Protocol):
    """A stretch of time in which one bundle was seen to serve."""

    @property
    def bundle(self) -> Bundle: ...

    @property
    def since(self) -> datetime: ...

    @property
    def until(self) -> datetime: ...


OnDeviceCode = Callable[[DeviceCode], None]
DeskFactory = Callable[[OnDeviceCode], Desk]


def sentence_of(error: Exception) -> str:
    """What an exception of the engine says to a person; an unexpected one is named and not quoted."""
    said = getattr(error, "sentence", None)
    return str(said) if said else f"the console stumbled over {type(error).__name__}"
