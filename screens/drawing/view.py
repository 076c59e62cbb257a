"""What the dashboard knows, and whether two snapshots differ enough to be painted at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from console.domain.change import Changes, Suspect
from console.domain.code import CodeState, short_name
from console.domain.embedding import EmbeddingState
from console.domain.incident import Incident
from console.domain.model import ModelState
from console.domain.plan import Plan
from console.domain.prompt import PromptState
from console.domain.run import Run
from console.domain.signal import SignalReading
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot

STALE_AFTER_S = 30.0
_POINTS = 5.0


@dataclass(frozen=True, slots=True)
class View:
    """One moment. `trouble` is a sentence about the console itself; `connected` once the engine stands.

    `drafts` holds the plan of each layer, and of `all`, where there is one; `reasons` why there is none. `layer` is
    the focused panel's, None where that has nothing to roll back, and `chosen` the row under its cursor. `last_run`
    is the newest that was confirmed, `bypass` the team's way round Azure, `script` the path of the rollback by hand,
    `sign_in` how to sign in while that is wanted.
    """

    now: datetime
    target: str = ""
    environment: Environment | None = None
    snapshot: Snapshot | None = None
    drafts: Mapping[str, Plan] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    layer: str | None = "code"
    coordination: str = ""
    read_only: bool = False
    state_note: str = ""
    open_run: Run | None = None
    last_run: Run | None = None
    incident: Incident | None = None
    chosen: str | None = None
    bypass: str = ""
    script: str = ""
    sign_in: str = ""
    connected: bool = False
    trouble: str = ""

    @property
    def code(self) -> CodeState | None:
        return self.snapshot.code.state if self.snapshot else None

    @property
    def draft(self) -> Plan | None:
        """The code's plan."""
        return self.drafts.get("code")

    @property
    def focused(self) -> Plan | None:
        """The plan of the focused panel's layer: what `r` does."""
        return self.drafts.get(self.layer) if self.layer is not None else None

    @property
    def revision(self) -> str | None:
        """The revision under the cursor; None where another layer's row is chosen."""
        return self.chosen if self.layer == "code" else None

    @property
    def marked_as(self) -> str | None:
        """The name under which a mark knows what serves in the chosen row: `drug_info 7`."""
        prompts = self.snapshot.prompt.state if self.snapshot and self.layer == "prompt" else None
        prompt = prompts.find(self.chosen) if prompts and self.chosen else None
        return f"{prompt.item} {prompt.serves}" if prompt is not None and prompt.serves else None

    @property
    def changes(self) -> Changes:
        return self.snapshot.changes if self.snapshot else Changes()

    def suspect(self, layer: str, item: str | None = None) -> Suspect | None:
        """The best-ranked change of this layer, or of one item of it."""
        found = (one for one in self.changes.of(layer) if item is None or one.change.item == item)
        return min(found, key=lambda one: one.rank, default=None)

    @property
    def production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    def short(self, revision: str) -> str:
        """A revision's name without the app's."""
        return self.code.short(revision) if self.code else revision


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what is shown is: `live`, `stale`, `error`, `reading` or `absent`, and the age in seconds."""

    word: str
    age_s: float | None


def freshness(layer: Layer[Any], now: datetime) -> Freshness:
    """As the layer says, but what has not been read for a while is stale whoever calls it live."""
    age_s = (now - layer.at).total_seconds() if layer.at else None
    if layer.status is LayerStatus.OK:
        old = age_s is not None and age_s > STALE_AFTER_S
        return Freshness("stale" if old else "live", age_s)
    if layer.status is LayerStatus.ABSENT:
        return Freshness("absent", None)
    return Freshness("stale" if layer.state else "error", age_s)


def material(shown: Snapshot | None, fresh: Snapshot) -> bool:
    """Whether `fresh` says something that must not wait for the next tick of the ages."""
    if shown is None:
        return True
    if _at_rest(shown) != _at_rest(fresh) or len(shown.signals) != len(fresh.signals):
        return True
    return any(_moved(old, new) for old, new in zip(shown.signals, fresh.signals, strict=True))


def _at_rest(snapshot: Snapshot) -> Snapshot:
    """The snapshot without its ages, its signals, and what grows by itself."""
    code = replace(snapshot.code, at=None)
    layers = {name: _still(layer) for name, layer in snapshot.layers.items()}
    changes = replace(snapshot.changes, gaps=())
    golden = replace(snapshot.golden, at=datetime.min) if snapshot.golden else None
    return replace(snapshot, at=datetime.min, code=code, signals=(), layers=layers, changes=changes, golden=golden)


def _still(layer: Layer[Any]) -> Layer[Any]:
    """A layer without its ages, and without the calls, which count on all the time."""
    state = layer.state
    if isinstance(state, PromptState):
        state = replace(state, prompts=tuple(replace(prompt, calls=None) for prompt in state.prompts))
    elif isinstance(state, ModelState):
        state = replace(state, at=None)
    elif isinstance(state, EmbeddingState):
        state = replace(state, recall=tuple(replace(one, at=None) for one in state.recall))
    return replace(layer, at=None, state=state)


def _moved(old: SignalReading, new: SignalReading) -> bool:
    if (old.name, old.state, old.trigger) != (new.name, new.state, new.trigger):
        return True
    if old.value is None or new.value is None:
        return old.value is not new.value
    return abs(new.value - old.value) >= _POINTS


def plan_short(plan: Plan, revision: str) -> str:
    """A revision's name in a plan, without the app's."""
    return short_name(plan.app, revision)
