"""Which change explains the incident best: weights with reasons, never a verdict.

Four things count: how the change stands to the incident's beginning, which signals moved, whether an older revision
fails alike, and what the layer itself says is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.domain.bundle import APP_WIDE
from console.domain.change import Change, Suspect
from console.domain.comparison import Comparison

JUST_BEFORE = timedelta(minutes=30)
SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the incident.

    `began` is None where nothing says when; `seen` tells that it is only when the trouble was first seen here.
    `failing` says that requests fail, `wrong` that answers are wrong. `trouble` gives, by layer, what the layer
    itself says is wrong. `bound` are the layers whose version belongs to a revision.
    """

    began: datetime | None = None
    failing: bool = False
    wrong: bool = False
    comparison: Comparison | None = None
    trouble: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    seen: bool = False
    bound: frozenset[str] = frozenset({"code"})


@dataclass(frozen=True, slots=True)
class _Factor:
    weight: float
    words: str = ""


_WRONG_ONLY = {"prompt": 1.5, "model": 1.3, "embedding": 1.3, "code": 1.0, "schema": 0.7, APP_WIDE: 0.5}
_FAILING = {"code": 1.4, "schema": 1.4, APP_WIDE: 1.2, "embedding": 0.9, "model": 0.8, "prompt": 0.5}


def rank(changes: Iterable[Change], evidence: Evidence) -> tuple[Suspect, ...]:
    """The changes as suspects, the best explanation first; equal weights keep the newest first."""
    weighed = []
    for change in changes:
        factors = [factor(change, evidence) for factor in (_time, _kind, _sides, _trouble, _carried)]
        weight = 1.0
        for factor in factors:
            weight *= factor.weight
        reason = "; ".join(factor.words for factor in factors if factor.words) or "it changed; when is not known"
        weighed.append((weight, change, reason))
    weighed.sort(key=lambda one: (-one[0], -(one[1].at.timestamp() if one[1].at else 0.0), one[1].layer, one[1].item))
    return tuple(
        Suspect(change, place, round(weight, 3), reason) for place, (weight, change, reason) in enumerate(weighed, 1)
    )


def _time(change: Change, evidence: Evidence) -> _Factor:
    """Shortly before the beginning weighs most; after it, hardly anything."""
    if change.at is None:
        return _Factor(0.5, "when it changed is not known")
    about = "at the latest " if change.earliest is not None and change.at - change.earliest > SLACK else ""
    if evidence.began is None:
        age = evidence.now - change.at if evidence.now else timedelta()
        return _Factor(_decay(age), f"{about}{ago(age)} ago; when the trouble began is not known")
    earliest = change.earliest or change.at
    began = "the trouble was first seen" if evidence.seen else "the trouble began"
    if earliest > evidence.began + SLACK:
        return _Factor(0.05, f"{ago(change.at - evidence.began)} after {began}")
    lead = max(evidence.began - change.at, timedelta())
    when = f"{about}{ago(lead)} before {began}" if lead > timedelta(seconds=30) else f"when {began}"
    return _Factor(_decay(lead), when)


def _decay(lead: timedelta) -> float:
    """1 for what came right before, a half after half an hour, little after days; never nothing."""
    return max(1.0 / (1.0 + lead / JUST_BEFORE), 0.02)


def _kind(change: Change, evidence: Evidence) -> _Factor:
    if evidence.failing:
        return _Factor(_FAILING.get(change.layer, 1.0))
    if evidence.wrong:
        words = "answers are wrong while requests succeed" if _WRONG_ONLY.get(change.layer, 1.0) > 1 else ""
        return _Factor(_WRONG_ONLY.get(change.layer, 1.0), words)
    return _Factor(1.0)


def _sides(change: Change, evidence: Evidence) -> _Factor:
    """What an older revision suffers too is not the newer one's code; what only the newer one does, is."""
    compared = evidence.comparison
    verdict = compared.verdict if compared is not None else ""
    if compared is None or not verdict:
        return _Factor(1.0)
    old, new = _last(compared.then.revision), _last(compared.now.revision)
    bound = change.layer in evidence.bound
    if verdict == "alike":
        words = f"{old} fails alike ({compared.then.words})"
        return _Factor(0.1, f"but {words}") if bound else _Factor(1.5, words)
    words = f"only {new} fails ({compared.now.words}; {old} {compared.then.words})"
    return _Factor(4.0, words) if bound else _Factor(0.2, f"but {words}")


def _trouble(change: Change, evidence: Evidence) -> _Factor:
    said = evidence.trouble.get(change.layer, "")
    return _Factor(5.0, said) if said else _Factor(1.0)


def _carried(change: Change, evidence: Evidence) -> _Factor:
    """A revision that is new only because it names another layer's version is not the cause itself."""
    return _Factor(0.4, f"all it changed is which {change.carries} it names") if change.carries else _Factor(1.0)


def _last(revision: str) -> str:
    return revision.rpartition("--")[2]


def ago(span: timedelta) -> str:
    """`40 s`, `12 min`, `3 h`, `2 d`."""
    seconds = max(span.total_seconds(), 0.0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 1.5 * size or (size == 60 and seconds >= 60):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
