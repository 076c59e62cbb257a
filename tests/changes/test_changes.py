"""What changed since the service was last good: what was observed, what layers remember, and who wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.baseline import Pick, bundle_key, chosen
from console.domain.bundle import Bundle, Facet
from console.domain.change import Baseline, Written
from console.domain.changes import APP_WRITE, Memory, changes
from console.domain.good import Grade, History, Mark
from console.domain.observed import Span, began, gaps

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


def ago(**stretch: float) -> datetime:
    return NOW - timedelta(**stretch)


def bundle(version: str = "6", revision: str = "pharmabot--v41", **dates: datetime) -> Bundle:
    return Bundle.made(
        [
            Facet("code", "code", revision, dates.get("code"), words=revision[-3:], before="pharmabot--v41"),
            Facet("prompt", "drug_info", version, dates.get("prompt"), "bob", words=f"v{version}", before="6"),
        ]
    )


def span(what: Bundle, since: datetime, until: datetime, **counts: int) -> Span:
    return Span(what, since, until, **counts)


GOOD = span(bundle(), ago(days=2), ago(hours=1), looks=100, measured=100)
MARKED = History({"pharmabot--v41": Mark("pharmabot--v41", True, "bob", ago(days=1))})


def test_the_same_versions_are_the_same_bundle_whoever_read_them_and_whenever() -> None:
    assert bundle(code=ago(days=1)).digest == bundle("6").digest
    assert bundle("7").digest != bundle().digest


def test_the_baseline_is_the_newest_bundle_that_somebody_marked_good() -> None:
    baseline = chosen([GOOD], bundle("7"), MARKED, 600, None)
    assert baseline.grade is Grade.MARKED
    assert baseline.why == f"known good {bundle().id} (marked by bob)"


def test_a_bundle_measured_throughout_and_never_breached_is_proved() -> None:
    assert chosen([GOOD], bundle("7"), History(), 600, None).grade is Grade.PROVED


def test_one_breach_one_unmeasured_look_or_too_short_a_time_proves_nothing() -> None:
    for spoilt in ({"breached": 1}, {"looks": 101}):
        unproved = span(bundle(), ago(days=2), ago(hours=1), **{"looks": 100, "measured": 100, **spoilt})
        assert chosen([unproved], bundle("7"), History(), 600, None).grade is Grade.CARRIED
    brief = span(bundle(), ago(hours=1), ago(minutes=55), looks=5, measured=5)
    assert chosen([brief], bundle("7"), History(), 600, None).grade is Grade.CARRIED


def test_what_is_known_bad_is_no_baseline_though_it_was_measured() -> None:
    for key in (bundle_key(bundle()), "drug_info 6", "pharmabot--v41"):
        bad = History({key: Mark(key, False, "run 3", ago(minutes=30))})
        assert chosen([GOOD], bundle("7"), bad, 600, None).reconstructed


def test_a_baseline_can_be_picked_by_time_and_by_digits() -> None:
    later = span(bundle("7"), ago(minutes=50), ago(minutes=1))
    assert chosen([GOOD, later], bundle("8"), History(), 600, Pick(at=ago(minutes=20))).bundle == bundle("7")
    assert chosen([GOOD, later], bundle("8"), History(), 600, Pick(bundle=bundle().digest[:6])).bundle == bundle()
    unknown = chosen([GOOD], bundle("7"), History(), 600, Pick(bundle="ffffffffff"))
    assert unknown.reconstructed
    assert "no bundle ffffffffff was observed" in unknown.why


def since_good(present: Bundle, *spans: Span, writes: tuple[Written, ...] = ()) -> list[tuple[str, str]]:
    baseline = chosen(spans, present, MARKED, 600, None)
    found = changes(present, baseline, Memory(spans, writes), LONG_AGO)
    return [(change.layer, change.words) for change in found]


def test_only_what_differs_from_the_baseline_is_a_change() -> None:
    assert since_good(bundle("7"), GOOD) == [("prompt", "drug_info v6→v7")]
    assert since_good(bundle(), GOOD) == []


def test_what_was_left_and_came_back_has_not_changed_and_the_way_back_is_no_suspect() -> None:
    bad = History({"drug_info 7": Mark("drug_info 7", False, "run 1", ago(minutes=9))})
    present = bundle("6", prompt=ago(minutes=9))
    looks = [
        span(bundle("6"), ago(hours=2), ago(hours=1)),
        span(bundle("7"), ago(minutes=30), ago(minutes=10)),
        span(present, ago(minutes=8), NOW),
    ]
    baseline = chosen(looks, present, bad, 600, None)
    assert baseline.bundle == bundle("6")
    assert changes(present, baseline, Memory(looks, own=[ago(minutes=9)]), LONG_AGO) == ()
    unseen = chosen(looks[1:], present, bad, 600, None)
    assert unseen.reconstructed
    assert changes(present, unseen, Memory(looks[1:], own=[ago(minutes=9)]), LONG_AGO) == ()


def test_what_reads_alike_in_short_is_told_apart_by_what_differs() -> None:
    def sized(capacity: int) -> Bundle:
        return Bundle.made(
            [Facet("model", "gpt4o", f"gpt-4o 2024-08-06 Standard {capacity}", words="gpt-4o 2024-08-06")]
        )

    good = span(sized(30), ago(days=2), ago(hours=1), looks=9, measured=9)
    (change,) = changes(sized(10), Baseline(good.bundle), Memory([good]), LONG_AGO)
    assert change.words == "gpt4o gpt-4o 2024-08-06 (30)→gpt-4o 2024-08-06 (10)"


def test_a_layer_that_could_not_be_read_is_neither_changed_nor_unchanged() -> None:
    unread = Bundle.made(bundle("7").of("code"), ["prompt"])
    assert since_good(unread, GOOD) == []


def test_a_layer_that_was_not_watched_at_the_baseline_is_no_change() -> None:
    more = Bundle.made([*bundle().facets, Facet("model", "gpt4o", "gpt-4o 2024-11-20")])
    assert since_good(more, GOOD) == []


def test_when_is_the_layers_own_word_where_the_looks_allow_it() -> None:
    present = bundle("7", prompt=ago(minutes=12))
    later = span(present, ago(minutes=5), NOW)
    baseline = chosen([GOOD, later], present, MARKED, 600, None)
    (change,) = changes(present, baseline, Memory([GOOD, later]), LONG_AGO)
    assert (change.at, change.by, change.earliest) == (ago(minutes=12), "bob", None)


def test_a_date_that_the_looks_contradict_gives_way_to_the_two_looks_between_which_it_happened() -> None:
    present = bundle("7", prompt=ago(days=9))
    later = span(present, ago(minutes=5), NOW)
    baseline = chosen([GOOD, later], present, MARKED, 600, None)
    (change,) = changes(present, baseline, Memory([GOOD, later]), LONG_AGO)
    assert (change.earliest, change.at) == (ago(hours=1), ago(minutes=5))
    assert change.source == "seen between two looks"


def test_without_any_history_the_layers_memory_is_told_and_said_to_be_that() -> None:
    present = bundle("7", "pharmabot--v42", code=ago(minutes=10), prompt=ago(minutes=40))
    baseline = chosen([], present, History(), 600, None)
    found = changes(present, baseline, Memory(), ago(days=7))
    assert baseline.reconstructed
    assert "reconstructed" in baseline.why
    assert [(change.words, change.at) for change in found] == [
        ("v41→v42", ago(minutes=10)),
        ("drug_info v6→v7", ago(minutes=40)),
    ]


def test_what_changed_before_the_stretch_that_is_looked_at_is_not_told() -> None:
    present = bundle("7", code=ago(days=20), prompt=ago(days=8))
    assert changes(present, Baseline(reconstructed=True), Memory(), ago(days=7)) == ()


def test_a_write_of_the_app_that_nothing_explains_is_told_with_who_and_when() -> None:
    wrote = Written(ago(minutes=15), "carol", APP_WRITE, "/x")
    told = since_good(bundle(), GOOD, writes=(wrote,))
    assert told[0][0] == "app-wide"
    assert "secrets, ingress or scale" in told[0][1]


def test_a_write_that_a_deployment_or_a_run_of_ours_explains_is_not_told() -> None:
    present = bundle("6", "pharmabot--v42", code=ago(minutes=15))
    wrote = Written(ago(minutes=15), "pipeline", APP_WRITE, "/x")
    baseline = chosen([GOOD], present, MARKED, 600, None)
    found = changes(present, baseline, Memory([GOOD], (wrote,)), LONG_AGO)
    assert [change.layer for change in found] == ["code"]
    own = changes(bundle(), baseline, Memory([GOOD], (wrote,), (ago(minutes=14),)), LONG_AGO)
    assert own == ()


def test_pauses_between_looks_are_gaps_and_a_quarter_of_an_hour_is_none() -> None:
    first, second = span(bundle(), ago(hours=5), ago(hours=3)), span(bundle(), ago(hours=2), ago(minutes=10))
    assert [(gap.since, gap.until) for gap in gaps([first, second], NOW)] == [(ago(hours=3), ago(hours=2))]


def test_an_item_began_between_the_last_look_without_it_and_the_first_with_it() -> None:
    spans = [GOOD, span(bundle("7"), ago(minutes=50), ago(minutes=1))]
    assert began(spans, "prompt", "drug_info", "7") == (ago(hours=1), ago(minutes=50))
    assert began(spans, "prompt", "drug_info", "6") == (None, None)
    assert began(spans, "code", "code", "pharmabot--v41") == (None, ago(days=2))
