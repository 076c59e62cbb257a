"""What the plans of all layers have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from console.domain.golden import GoldenResult
from console.domain.observed import Span
from console.domain.plan import Breach
from console.domain.run import Outcome, Run
from console.domain.signal import Sample, SignalReading, SignalState, Trigger
from console.domain.snapshot import Snapshot


class NothingToDo(Exception):
    """There is nothing to go back to, or it serves already; `sentence` says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at for this plan alone: the target's answer, the permission, the last run, the one undone.

    `looked` holds what each layer's door looked at, by layer name; nothing while a plan is only drafted. `golden`
    holds the golden questions' results by full revision name, and the service's own under the empty name. `spans` are
    what was observed.
    """

    answer: Sample | None = None
    path: str = ""
    may_write: bool | None = None
    last: Run | None = None
    undone: Run | None = None
    looked: Mapping[str, Any] = field(default_factory=dict)
    golden: Mapping[str, GoldenResult] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()


def breaches(snapshot: Snapshot) -> tuple[Breach, ...]:
    """Every signal as it is now: the run must see each within its limit afterwards."""
    return tuple(breach(reading) for reading in snapshot.signals)


def breach(reading: SignalReading) -> Breach:
    since = reading.since.isoformat() if reading.since else ""
    trigger = reading.trigger or Trigger(reading.name)
    value = reading.value if reading.state in (SignalState.OK, SignalState.BREACHED) else None
    return Breach(reading.name, value, reading.unit, trigger, since, reading.state, reading.source)


def over(found: tuple[Breach, ...]) -> tuple[Breach, ...]:
    """Those that are over their limit now."""
    return tuple(one for one in found if one.state == SignalState.BREACHED)


def breached_since(snapshot: Snapshot, last: Run) -> bool:
    """Whether a signal is over its limit that is not merely still showing, in its window, what `last` has cured."""
    if last.outcome is not Outcome.VERIFIED or last.confirmed_at is None or last.ended_s is None:
        return bool(snapshot.breached)
    ended = last.confirmed_at + timedelta(seconds=last.ended_s)
    return any(_anew(one, snapshot.at, ended) for one in snapshot.breached)


def _anew(reading: SignalReading, now: datetime, ended: datetime) -> bool:
    window = timedelta(seconds=reading.trigger.for_s if reading.trigger else 0.0)
    return reading.since is None or reading.since > ended or now - ended > window


def unmeasured(snapshot: Snapshot) -> tuple[str, ...]:
    """Signals that say nothing yet: unmeasured is not fine."""
    silent = (SignalState.NO_DATA, SignalState.ERROR)
    return tuple(f"{one.name}: not measured ({one.detail})" for one in snapshot.signals if one.state in silent)


def answers(findings: Findings, configured: bool) -> tuple[str, ...]:
    """What is not known of the answers' quality."""
    if not configured:
        return ("answers: not measured (no golden questions)",)
    return () if any(result.measured for result in findings.golden.values()) else ("answers: not measured yet",)
