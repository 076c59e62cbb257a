"""A revision that answered rightly for long enough, and was measured all the while, is known good by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.bundle import Bundle, Facet
from console.domain.good import Grade, History, Mark, grade
from console.domain.observed import Span, proved
from tests.engine.apps import app, revision

V41 = "bot--v41"
NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
BUNDLE = Bundle.made([Facet("code", "code", V41), Facet("prompt", "drug_info", "6")])
LONG = Span(BUNDLE, NOW - timedelta(hours=2), NOW - timedelta(hours=1), looks=40, measured=40)


def test_every_version_of_a_proved_bundle_is_proved_until_it_was_last_seen() -> None:
    assert proved([LONG], 600) == {V41: LONG.until, "drug_info 6": LONG.until}
    assert proved([Span(BUNDLE, LONG.since, LONG.until, looks=40, measured=39)], 600) == {}


def test_a_proved_revision_is_known_good_and_a_mark_goes_before_it() -> None:
    state = app(revision(41), revision(42))
    older = revision(41)
    good = grade(older, state, History(proved=proved([LONG], 600)))
    assert good is not None
    assert good.grade is Grade.PROVED
    assert good.grade.known_good
    marked = grade(older, state, History({V41: Mark(V41, True, "bob", NOW)}, proved={V41: NOW}))
    assert marked is not None
    assert marked.grade is Grade.MARKED
