"""A run: one execution of a plan, told by the events of its log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from console.domain.plan import Plan


class Outcome(StrEnum):
    """How a run ended; None while it has not."""

    VERIFIED = "verified"
    UNPROVEN = "unproven"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDONE = "undone"


class StepState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """The kinds of event in a run log, in the order in which a run meets them."""

    PREPARED = "prepared"
    READY = "ready"
    WAITING = "waiting"
    PLANNED = "planned"
    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"
    STARTED = "started"
    FENCED = "fenced"
    INTENT = "intent"
    ACCEPTED = "accepted"
    OPERATION = "operation"
    PROGRESS = "progress"
    CONFIGURED = "configured"
    SERVING = "serving"
    RECOVERED = "recovered"
    STEP_DONE = "step-done"
    STEP_FAILED = "step-failed"
    STEP_SKIPPED = "step-skipped"
    STEP_UNKNOWN = "step-unknown"
    STOPPING = "stopping"
    ADOPTED = "adopted"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Event:
    """One appended fact. `step` is the step's place in the plan, or None where it concerns the whole run."""

    run: int
    kind: Kind
    at: datetime
    step: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a run as it stands. Times are seconds since the confirmation."""

    title: str
    command: str
    state: StepState = StepState.PENDING
    detail: str = ""
    started_s: float | None = None
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its events tell it. The four times are seconds since the confirmation, None where not known."""

    id: int
    target: str
    plan: Plan | None = None
    prepared_at: datetime | None = None
    confirmed_at: datetime | None = None
    by: str = ""
    principal: str = ""
    ready: bool = False
    waiting: str = ""
    dismissed: bool = False
    stopping: bool = False
    fence: str = ""
    steps: tuple[StepView, ...] = ()
    outcome: Outcome | None = None
    note: str = ""
    ended_s: float | None = None
    accepted_s: float | None = None
    configured_s: float | None = None
    serving_s: float | None = None
    recovered_s: float | None = None
    incident: int | None = None
    failure: str = ""

    @property
    def next_step(self) -> int:
        """The first step that has not ended; the last one where all have."""
        ended = (StepState.DONE, StepState.SKIPPED)
        unended = (index for index, step in enumerate(self.steps) if step.state not in ended)
        return next(unended, max(len(self.steps) - 1, 0))

    @property
    def open(self) -> bool:
        """Confirmed and without an outcome."""
        return self.confirmed_at is not None and self.outcome is None


def fold(events: Iterable[Event]) -> Run | None:
    """The run that these events, in order, tell; None without any."""
    run: Run | None = None
    for event in events:
        run = _apply(run or Run(event.run, str(event.body.get("target", ""))), event)
    return run


def _apply(run: Run, event: Event) -> Run:
    body = event.body
    match event.kind:
        case Kind.PREPARED:
            return replace(run, target=str(body.get("target", "")), prepared_at=event.at)
        case Kind.READY:
            return replace(run, ready=True, waiting="", principal=str(body.get("principal", "")))
        case Kind.WAITING:
            return replace(run, waiting=str(body.get("why", "")))
        case Kind.PLANNED:
            plan = _plan(body)
            if plan is None:
                return run
            return replace(run, plan=plan, steps=tuple(StepView(s.title, s.command) for s in plan.steps))
        case Kind.DISMISSED:
            return replace(run, dismissed=True)
        case Kind.CONFIRMED:
            return replace(run, confirmed_at=event.at, by=str(body.get("by", "")), incident=body.get("incident"))
        case Kind.STOPPING:
            return replace(run, stopping=True)
        case Kind.OUTCOME:
            outcome, note = Outcome(str(body["outcome"])), str(body.get("note", ""))
            ended_s = run.ended_s if outcome is Outcome.UNDONE else _since(run, event)
            failure = str(body.get("failure", ""))
            return replace(run, outcome=outcome, note=note, ended_s=ended_s, failure=failure)
        case _:
            return _apply_step(run, event)


def _plan(body: Mapping[str, Any]) -> Plan | None:
    """The plan of an event; None where another version wrote one that cannot be read."""
    try:
        return Plan.from_json(str(body["plan"]))
    except (KeyError, TypeError, ValueError):
        return None


_ENDS = {
    Kind.STEP_DONE: StepState.DONE,
    Kind.STEP_FAILED: StepState.FAILED,
    Kind.STEP_SKIPPED: StepState.SKIPPED,
    Kind.STEP_UNKNOWN: StepState.UNKNOWN,
}


def _apply_step(run: Run, event: Event) -> Run:
    run = _time(run, event)
    if event.step is None or event.step >= len(run.steps):
        return run
    view = run.steps[event.step]
    detail = str(event.body.get("detail", view.detail))
    if event.kind is Kind.STARTED:
        view = replace(view, state=StepState.RUNNING, started_s=_since(run, event))
    elif event.kind in _ENDS:
        view = replace(view, state=_ENDS[event.kind], detail=detail, ended_s=_since(run, event))
    elif event.kind is not Kind.FENCED:
        view = replace(view, detail=detail)
    return replace(run, steps=(*run.steps[: event.step], view, *run.steps[event.step + 1 :]))


def _time(run: Run, event: Event) -> Run:
    since = _since(run, event)
    match event.kind:
        case Kind.FENCED:
            return replace(run, fence=run.fence or str(event.body.get("detail", "")))
        case Kind.ACCEPTED:
            return replace(run, accepted_s=since)
        case Kind.CONFIGURED:
            return replace(run, configured_s=since)
        case Kind.SERVING:
            return replace(run, serving_s=since)
        case Kind.RECOVERED:
            return replace(run, recovered_s=since)
        case _:
            return run


def _since(run: Run, event: Event) -> float | None:
    if run.confirmed_at is None:
        return None
    return round((event.at - run.confirmed_at).total_seconds(), 3)
