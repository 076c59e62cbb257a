"""A plan: ordered steps to another bundle, with everything a person should see before confirming."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from console.domain.intent import Way
from console.domain.signal import Trigger


class Risk(StrEnum):
    """What taking a step may cost."""

    REVERSIBLE = "reversible"
    SLOW = "slow"
    LOSSY = "lossy"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step as data: its kind names the module under `console.steps`, `body` are its fields.

    `turns` marks the write after which the goal serves. `makes` and `needs` are words for what it brings about and
    what must have been brought about before: within one plan, a step comes after every step that makes what it needs.
    """

    kind: str
    title: str
    command: str
    risk: Risk
    writes: bool
    body: Mapping[str, Any]
    turns: bool = False
    makes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> StepRecord:
        words = {key: tuple(body.get(key, ())) for key in ("makes", "needs")}
        return cls(**{**body, **words, "risk": Risk(body["risk"])})


@dataclass(frozen=True, slots=True)
class Turn:
    """What one item of a layer goes from and to, in words; `now` and `then` say how each is known to do."""

    layer: str
    item: str
    before: str
    after: str
    now: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that a person reads whole before confirming, such as a diff or a script. It is remote text, cleaned."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Shift:
    """One revision's share before and after, in percent; `state` is a word, `condition` ours."""

    revision: str
    before: int
    after: int
    state: str


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the confirmation: a check that held, or something that is not known."""

    text: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the plan may not run; `overridable` by typing the target's name."""

    sentence: str
    overridable: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A signal as it was when the plan was made: the run must see it within its limit afterwards.

    `value` is None where it had not been measured; `state` is a signal state, `since` when a breach was first seen.
    """

    signal: str
    value: float | None
    unit: str
    trigger: Trigger
    since: str = ""
    state: str = "breached"
    source: str = "probe"

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Breach:
        return cls(**{**body, "trigger": Trigger(**body["trigger"])})


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done to `target`: pure data, stored before it is confirmed and compared by `digest`.

    `layer` is one layer's name, or `all`. `origin` are the versions it leaves and `goal` the one it goes to, by the
    names under which marks know them: a revision's full name, or `item version`. `golden` tells what each scored.
    """

    target: str
    environment: str
    layer: str
    app: str
    origin: tuple[str, ...]
    goal: str
    grade: str
    reason: str
    steps: tuple[StepRecord, ...]
    title: str = ""
    deed: str = "roll back"
    way: str = ""
    ways: tuple[Way, ...] = ()
    differences: tuple[str, ...] = ()
    undoes: int | None = None
    shifts: tuple[Shift, ...] = ()
    checked: tuple[Note, ...] = ()
    unknown: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    breaches: tuple[Breach, ...] = ()
    by_hand: str = ""
    turns: tuple[Turn, ...] = ()
    passages: tuple[Passage, ...] = ()
    golden: tuple[tuple[str, str], ...] = ()

    @property
    def risk(self) -> Risk:
        """The worst risk of its steps."""
        return max((step.risk for step in self.steps), key=list(Risk).index, default=Risk.REVERSIBLE)

    @property
    def needs_typing(self) -> bool:
        """Lossy and irreversible steps, and overridden refusals, want the target's name typed."""
        risky = any(step.risk in (Risk.LOSSY, Risk.IRREVERSIBLE) for step in self.steps)
        return risky or bool(self.refusals)

    @property
    def refused(self) -> Refusal | None:
        """The first refusal that nothing overrides."""
        return next((refusal for refusal in self.refusals if not refusal.overridable), None)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """Identity of exactly what was shown, 64 hexadecimal digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        body = json.loads(text)
        tuples: dict[str, Any] = {
            "origin": tuple(body["origin"]),
            "steps": tuple(StepRecord.from_body(step) for step in body["steps"]),
            "shifts": tuple(Shift(**shift) for shift in body["shifts"]),
            "checked": tuple(Note(**note) for note in body["checked"]),
            "refusals": tuple(Refusal(**refusal) for refusal in body["refusals"]),
            "ways": tuple(Way(**way) for way in body["ways"]),
            "breaches": tuple(Breach.from_body(breach) for breach in body["breaches"]),
            "turns": tuple(Turn(**turn) for turn in body.get("turns", ())),
            "passages": tuple(Passage(**passage) for passage in body.get("passages", ())),
            "golden": tuple((str(whom), str(words)) for whom, words in body.get("golden", ())),
        }
        for field in ("unknown", "stays", "afterwards", "differences"):
            tuples[field] = tuple(body[field])
        return cls(**{**body, **tuples})
