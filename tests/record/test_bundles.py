"""What served when is kept: each new bundle, and the stretches in which somebody looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.clock import SystemClock
from console.domain.bundle import Bundle, Facet
from console.record.bundles import Bundles, Look
from console.record.run_log import RunLog

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)


def bundle(version: str) -> Bundle:
    return Bundle.made([Facet("prompt", "drug_info", version, words=f"v{version}")])


def at(minutes: float, **said: bool) -> Look:
    return Look(NOW + timedelta(minutes=minutes), **said)


def kept(folder: Path, *looks: tuple[str, Look]) -> Bundles:
    bundles = Bundles(RunLog(folder / "log.db", SystemClock()))
    for version, look in looks:
        bundles.saw(bundle(version), look)
    return bundles


def test_looks_at_the_same_bundle_are_one_stretch(tmp_path: Path) -> None:
    (span,) = kept(
        tmp_path, ("6", at(0, measured=True)), ("6", at(1, measured=False)), ("6", at(2, measured=True))
    ).spans()
    assert (span.since, span.until) == (NOW, NOW + timedelta(minutes=2))
    assert (span.looks, span.measured, span.breached) == (3, 2, 0)
    assert span.bundle.find("prompt", "drug_info") == Facet("prompt", "drug_info", "6", words="v6")


def test_another_bundle_or_a_long_pause_begins_another_stretch(tmp_path: Path) -> None:
    spans = kept(tmp_path, ("6", at(0)), ("7", at(1)), ("6", at(2)), ("6", at(40))).spans()
    assert [(span.bundle.facets[0].version, span.since) for span in spans] == [
        ("6", NOW),
        ("7", NOW + timedelta(minutes=1)),
        ("6", NOW + timedelta(minutes=2)),
        ("6", NOW + timedelta(minutes=40)),
    ]


def test_looks_within_half_a_minute_are_not_all_written_but_a_breach_always_is(tmp_path: Path) -> None:
    bundles = kept(tmp_path, ("6", at(0)))
    assert not bundles.saw(bundle("6"), at(0.1))
    assert bundles.saw(bundle("6"), at(0.2, breached=True))
    assert bundles.saw(bundle("7"), at(0.3))


def test_what_one_console_saw_another_finds(tmp_path: Path) -> None:
    kept(tmp_path, ("6", at(0)))
    assert len(kept(tmp_path).spans()) == 1


def test_a_look_at_which_nobody_asked_for_the_quality_counts_for_nothing(tmp_path: Path) -> None:
    (span,) = kept(tmp_path, ("6", at(0)), ("6", at(1, measured=True)), ("6", at(11, measured=True))).spans()
    assert (span.looks, span.measured) == (2, 2)
    assert span.proved(600)
    (blind,) = kept(tmp_path / "blind", ("6", at(0)), ("6", at(11))).spans()
    assert not blind.proved(600)
