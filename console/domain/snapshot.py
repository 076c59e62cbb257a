"""Every layer's state at one moment, each with its own age or its own error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from console.domain.code import CodeState
from console.domain.good import Choice, History
from console.domain.signal import SignalReading, SignalState

T = TypeVar("T")


class Environment(StrEnum):
    PRODUCTION = "production"
    STAGING = "staging"
    REHEARSAL = "rehearsal"


class LayerStatus(StrEnum):
    OK = "ok"
    STALE = "stale"
    ERROR = "error"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Layer(Generic[T]):
    """One layer as last read: `state` may be older than `error`, and then the status is stale."""

    status: LayerStatus
    state: T | None = None
    at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What serves now, what it could go back to, and how it is doing."""

    target: str
    environment: Environment
    at: datetime
    code: Layer[CodeState]
    signals: tuple[SignalReading, ...] = ()
    history: History = History()
    choice: Choice = Choice(None, "not read yet")
    identity: str | None = None

    @property
    def breached(self) -> tuple[SignalReading, ...]:
        return tuple(reading for reading in self.signals if reading.state is SignalState.BREACHED)
