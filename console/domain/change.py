"""A change: one item's difference from the baseline, when and by whom where known; a suspect: a ranked change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.bundle import Bundle
from console.domain.good import Grade


@dataclass(frozen=True, slots=True)
class Change:
    """`item` of `layer` went from `before` to `after`; either is None where there was, or is, nothing.

    `at` is when, as far as known: at the latest then; `earliest` is given where it only lies between the two.
    `source` says how it is known. `before_words` and `after_words` say the versions for a person. `config` marks a
    code change of env alone, and `carries` names the layer whose version is all that this env holds.
    """

    layer: str
    item: str
    before: str | None
    after: str | None
    at: datetime | None = None
    by: str = ""
    source: str = ""
    earliest: datetime | None = None
    before_words: str = ""
    after_words: str = ""
    config: bool = False
    carries: str = ""

    @property
    def words(self) -> str:
        """`drug_info v6→v7`; what was done, where no versions are known."""
        if self.before is None and self.after is None:
            return f"{self.item} {self.after_words}".strip()
        before = self.before_words or self.before or "nothing"
        after = self.after_words or self.after or "nothing"
        return f"{before}→{after}" if self.item == self.layer else f"{self.item} {before}→{after}"


@dataclass(frozen=True, slots=True)
class Written:
    """Somebody wrote a resource, as Azure's Activity Log tells it. `operation` is Azure's own word."""

    at: datetime
    by: str
    operation: str
    resource: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change ranked by how well it explains the incident, 1 first. `weight` compares; it is no probability."""

    change: Change
    rank: int
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What "changed since" compares with.

    `bundle` is None where nothing was observed and the changes are reconstructed from what the layers remember.
    `why` says which baseline this is, in words: `known good 7a90 (marked by bob, 2 d ago)` without the age.
    """

    bundle: Bundle | None = None
    grade: Grade | None = None
    at: datetime | None = None
    why: str = ""
    reconstructed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nobody looked."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """The answer to "what changed?": the baseline, the suspects in their order, and what was not observed."""

    baseline: Baseline = Baseline()
    suspects: tuple[Suspect, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unread: tuple[str, ...] = ()

    def of(self, layer: str) -> tuple[Suspect, ...]:
        return tuple(suspect for suspect in self.suspects if suspect.change.layer == layer)

    @property
    def first(self) -> Suspect | None:
        return self.suspects[0] if self.suspects else None
