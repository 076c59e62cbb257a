"""What "changed since" compares with: the newest known good bundle, or what the operator picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.bundle import Bundle
from console.domain.change import Baseline
from console.domain.good import Grade, History, Mark
from console.domain.observed import PAUSE, Span, at

RECONSTRUCTED = "nothing was observed here before: reconstructed from what each layer remembers"


@dataclass(frozen=True, slots=True)
class Pick:
    """A baseline that somebody asks for: a moment, or a bundle by the first digits of its digest."""

    at: datetime | None = None
    bundle: str = ""


def bundle_key(bundle: Bundle) -> str:
    """The name under which marks know a bundle."""
    return f"bundle {bundle.digest}"


def chosen(spans: Sequence[Span], present: Bundle, history: History, least_s: float, pick: Pick | None) -> Baseline:
    """The baseline; where nothing was observed that could be one, a reconstructed one without a bundle."""
    if pick is not None and pick.at is not None:
        span = at(spans, pick.at)
        why = f"{pick.at:%d %b %H:%M}Z, as picked"
        return Baseline(span.bundle, None, pick.at, why) if span else Baseline(None, None, pick.at, why, True)
    if pick is not None and pick.bundle:
        return _picked(spans, pick.bundle)
    return (
        _known_good(spans, history, least_s)
        or _carried(spans, present, history)
        or Baseline(None, why=RECONSTRUCTED, reconstructed=True)
    )


def _picked(spans: Sequence[Span], digits: str) -> Baseline:
    for span in reversed(spans):
        if span.bundle.digest.startswith(digits.lower()):
            return Baseline(span.bundle, None, span.until, f"bundle {span.bundle.id}, as picked")
    return Baseline(None, why=f"no bundle {digits} was observed; {RECONSTRUCTED}", reconstructed=True)


def _known_good(spans: Sequence[Span], history: History, least_s: float) -> Baseline | None:
    """The bundle that served last of those that somebody marked good, or that measurements proved."""
    bad = _known_bad(history)
    judged: dict[str, bool] = {}
    for span in reversed(spans):
        digest = span.bundle.digest
        if digest not in judged:
            judged[digest] = _bad(span.bundle, bad)
        if judged[digest]:
            continue
        mark = _marked(span, history)
        if mark is not None:
            note = f": {mark.reason}" if mark.reason else ""
            why = f"known good {span.bundle.id} (marked by {mark.by}{note})"
            return Baseline(span.bundle, Grade.MARKED, mark.at, why)
        if span.proved(least_s):
            minutes = span.lasted_s / 60
            why = f"known good {span.bundle.id} (measured for {minutes:.0f} min, never breached)"
            return Baseline(span.bundle, Grade.PROVED, span.until, why)
    return None


def _carried(spans: Sequence[Span], present: Bundle, history: History) -> Baseline | None:
    """The bundle that served before the present stretch, not known to be good and not known to be bad.

    It may be the same one: what was left and came back has not changed.
    """
    bad, left = _known_bad(history), False
    for span in reversed(spans):
        left = left or span.bundle.digest != present.digest
        if left and not _bad(span.bundle, bad):
            why = f"{span.bundle.id}, which served before; its quality was not measured"
            return Baseline(span.bundle, Grade.CARRIED, span.until, why)
    return None


def _marked(span: Span, history: History) -> Mark | None:
    """The mark of this very bundle, or one that its revision got while it served."""
    own = history.marks.get(bundle_key(span.bundle))
    if own is not None and own.good:
        return own
    for facet in span.bundle.of("code"):
        mark = history.marks.get(facet.version)
        if mark is not None and mark.good and span.since - PAUSE <= mark.at <= span.until + PAUSE:
            return mark
    return None


def _known_bad(history: History) -> set[str]:
    return {version for version, mark in history.marks.items() if not mark.good}


def _bad(bundle: Bundle, bad: set[str]) -> bool:
    """Whether the bundle, or any version in it, is known bad."""
    versions = (
        facet.version if facet.layer == "code" else f"{facet.item} {facet.version}" for facet in bundle.facets
    )
    return bool(bad) and (bundle_key(bundle) in bad or any(version in bad for version in versions))
