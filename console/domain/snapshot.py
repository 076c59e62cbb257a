"""Every layer's state at one moment, each with its own age or its own error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from console.domain.bundle import Bundle
from console.domain.change import Changes
from console.domain.code import CodeState
from console.domain.embedding import EmbeddingState
from console.domain.golden import GoldenResult
from console.domain.good import Choice, History
from console.domain.model import ModelState
from console.domain.prompt import PromptState
from console.domain.schema import SchemaState
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


ABSENT: Layer[Any] = Layer(LayerStatus.ABSENT)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What serves now, what it could go back to, how it is doing, and what changed since it was good.

    `layers` holds every layer but code, by name; one that is not configured is absent. `golden` is the newest result
    of the golden questions put to the service, None where there is none.
    """

    target: str
    environment: Environment
    at: datetime
    code: Layer[CodeState]
    signals: tuple[SignalReading, ...] = ()
    history: History = History()
    choice: Choice = Choice(None, "not read yet")
    identity: str | None = None
    layers: Mapping[str, Layer[Any]] = field(default_factory=dict)
    bundle: Bundle = Bundle(())
    changes: Changes = Changes()
    golden: GoldenResult | None = None

    def layer(self, name: str) -> Layer[Any]:
        """Any layer by its name; an absent one where it is not configured."""
        return self.code if name == "code" else self.layers.get(name, ABSENT)

    @property
    def prompt(self) -> Layer[PromptState]:
        return self.layer("prompt")

    @property
    def model(self) -> Layer[ModelState]:
        return self.layer("model")

    @property
    def embedding(self) -> Layer[EmbeddingState]:
        return self.layer("embedding")

    @property
    def schema(self) -> Layer[SchemaState]:
        return self.layer("schema")

    @property
    def breached(self) -> tuple[SignalReading, ...]:
        return tuple(reading for reading in self.signals if reading.state is SignalState.BREACHED)
