"""Which revision is good: the grades, their evidence, and the one that a rollback chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.domain.code import CodeState, Condition, Revision


class Grade(StrEnum):
    """How a version is known to be good, best first."""

    MARKED = "marked"
    PROVED = "proved"
    GATED = "gated"
    CARRIED = "carried"
    UNTRIED = "untried"

    @property
    def known_good(self) -> bool:
        """Only what a person said or a measurement showed is known good."""
        return self in (Grade.MARKED, Grade.PROVED)

    @property
    def rank(self) -> int:
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody, or a rollback, said of a version. `reason` is theirs, already cleaned."""

    version: str
    good: bool
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Good:
    """A version with its grade and the evidence in words."""

    revision: str
    grade: Grade
    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What the record knows: the newest mark per version, and when each last carried the traffic.

    `proved` tells until when each version served in a bundle that was measured throughout and never breached.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    carried: Mapping[str, datetime] = field(default_factory=dict)
    proved: Mapping[str, datetime] = field(default_factory=dict)

    def known_bad(self, name: str) -> bool:
        mark = self.marks.get(name)
        return mark is not None and not mark.good


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen good revision, or None and `why`; and every other candidate with what speaks against it."""

    good: Good | None
    why: str
    passed_over: tuple[tuple[str, str], ...] = ()


def choose(state: CodeState, history: History) -> Choice:
    """The best-graded revision older than the newest that serves; within a grade, the newest.

    Never one that is known bad, nor newer than what serves, nor failed.
    """
    serving = state.serving
    if not serving:
        return Choice(None, "no existing revision carries traffic")
    candidates: list[tuple[Good, Revision]] = []
    passed_over: list[tuple[str, str]] = []
    for revision in state.revisions:
        if revision.name == serving[0].name:
            continue
        against = _against(revision, serving[0], history)
        good = None if against else grade(revision, state, history)
        if good is None:
            passed_over.append((revision.name, against or "never carried traffic and is not ready"))
        else:
            candidates.append((good, revision))
    if not candidates:
        return Choice(None, _nothing(serving[0], state, passed_over), tuple(passed_over))
    best = min(candidates, key=lambda pair: (pair[0].grade.rank, -_age_key(pair[1].created)))
    return Choice(best[0], "", tuple(passed_over))


def grade(revision: Revision, state: CodeState, history: History) -> Good | None:
    """How good `revision` is known to be, or None: nothing known and not ready to be tried."""
    mark = history.marks.get(revision.name)
    if mark is not None and mark.good:
        note = f": {mark.reason}" if mark.reason else ""
        return Good(revision.name, Grade.MARKED, f"marked good by {mark.by}{note}", mark.at)
    if revision.name in history.proved:
        until = history.proved[revision.name]
        told = f"measured until {until:%d %b %H:%M}Z and never over a limit"
        return Good(revision.name, Grade.PROVED, told, until)
    if revision.name in history.carried:
        return _carried(revision.name, "carried traffic until {} (the run log)", history.carried[revision.name])
    if state.weight(revision.name) > 0:
        return Good(revision.name, Grade.CARRIED, "carries traffic now; quality not measured", None)
    if revision.last_active is not None:
        return _carried(revision.name, "was last active {} (Azure)", revision.last_active)
    if revision.name in state.carried:
        return _carried(revision.name, "held a label on {} (Azure's label history)", state.carried[revision.name])
    if revision.condition in (Condition.READY, Condition.SCALED_TO_ZERO):
        return Good(
            revision.name, Grade.UNTRIED, "untried: the newest older revision that is ready; nothing else known"
        )
    return None


def _carried(name: str, evidence: str, at: datetime) -> Good:
    return Good(name, Grade.CARRIED, f"{evidence.format(f'{at:%d %b %H:%M}Z')}; quality not measured", at)


def _against(revision: Revision, newest: Revision, history: History) -> str | None:
    mark = history.marks.get(revision.name)
    if mark is not None and not mark.good:
        return f"known bad: {mark.reason or 'marked'} ({mark.by})"
    if _age_key(revision.created) >= _age_key(newest.created):
        return "newer than what serves"
    if revision.provisioning.lower() == "failed":
        return f"Azure says {revision.provisioning}"
    if revision.condition is Condition.FAILED:
        return f"Azure says {revision.running or revision.provisioning}"
    return None


def _age_key(created: datetime | None) -> float:
    return created.timestamp() if created else 0.0


def _nothing(newest: Revision, state: CodeState, passed_over: list[tuple[str, str]]) -> str:
    if not passed_over:
        return f"{state.short(newest.name)} is the only revision that exists"
    reasons = "; ".join(f"{state.short(name)} {why}" for name, why in passed_over[:3])
    return f"no revision to go back to: {reasons}"
