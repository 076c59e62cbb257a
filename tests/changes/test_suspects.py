"""Which change is suspected first, and why: by time, by what moved, by what an older revision suffers too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.change import Change
from console.domain.comparison import Comparison, Side
from console.domain.golden import GoldenResult
from console.domain.suspects import Evidence, ago, rank

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return NOW - timedelta(minutes=number)


def code(at: datetime | None) -> Change:
    return Change("code", "code", "pharmabot--v41", "pharmabot--v42", at, before_words="v41", after_words="v42")


def prompt(at: datetime | None) -> Change:
    return Change("prompt", "drug_info", "6", "7", at, before_words="v6", after_words="v7")


def golden(passed: int) -> GoldenResult:
    return GoldenResult(passed, 8, NOW)


def both(now: int, then: int) -> Comparison:
    return Comparison(Side("pharmabot--v42", golden=golden(now)), Side("pharmabot--v41", golden=golden(then)))


def first(*changes: Change, **evidence: object) -> tuple[str, str]:
    top = rank(changes, Evidence(now=NOW, **evidence))[0]  # type: ignore[arg-type]
    return top.change.layer, top.reason


def test_what_came_shortly_before_the_trouble_goes_before_what_came_long_before() -> None:
    layer, reason = first(code(minutes(2000)), prompt(minutes(13)), began=minutes(12))
    assert layer == "prompt"
    assert "before the trouble began" in reason


def test_what_came_after_the_trouble_began_is_not_the_cause_though_it_is_the_newest() -> None:
    suspects = rank([code(minutes(5)), prompt(minutes(45))], Evidence(began=minutes(40), now=NOW))
    assert [suspect.change.layer for suspect in suspects] == ["prompt", "code"]
    assert "after the trouble began" in suspects[1].reason


def test_an_older_revision_that_fails_alike_clears_the_newer_code() -> None:
    layer, reason = first(code(minutes(10)), prompt(minutes(40)), wrong=True, comparison=both(3, 3))
    assert layer == "prompt"
    assert "v41 fails alike (golden 3/8)" in reason


def test_a_failure_of_the_new_revision_alone_accuses_its_code() -> None:
    layer, reason = first(code(minutes(40)), prompt(minutes(10)), wrong=True, comparison=both(3, 8))
    assert layer == "code"
    assert "only v42 fails (golden 3/8; v41 golden 8/8)" in reason


def test_failing_requests_speak_for_code_and_schema_wrong_answers_for_prompt_and_model() -> None:
    schema = Change("schema", "head", "8c1d", "4f2a", minutes(10))
    assert first(schema, prompt(minutes(10)), failing=True, began=minutes(9))[0] == "schema"
    assert first(schema, prompt(minutes(10)), wrong=True, began=minutes(9))[0] == "prompt"


def test_what_a_layer_itself_shows_to_be_wrong_weighs_most() -> None:
    index = Change("embedding", "index", "docs_v1", "docs_v2", minutes(600))
    said = "docs_v2 was built by ada-002, and 3-small asks it"
    layer, reason = first(index, prompt(minutes(300)), wrong=True, trouble={"embedding": said})
    assert layer == "embedding"
    assert said in reason


def test_a_comparison_that_measured_nothing_says_nothing() -> None:
    silent = Comparison(Side("pharmabot--v42"), Side("pharmabot--v41"))
    assert silent.verdict == ""
    assert "fails" not in first(code(minutes(1)), comparison=silent)[1]


def test_a_revision_that_only_names_another_prompt_goes_behind_the_prompt_it_names() -> None:
    carrier = Change("code", "code", "pharmabot--v41", "pharmabot--v42", minutes(10), config=True, carries="prompt")
    bound = frozenset({"code", "prompt"})
    layer, reason = first(carrier, prompt(minutes(10)), wrong=True, comparison=both(0, 8), bound=bound)
    assert layer == "prompt"
    assert "only v42 fails" in reason


def test_when_the_trouble_was_only_first_seen_that_is_what_is_said() -> None:
    assert "before the trouble was first seen" in first(code(minutes(20)), began=minutes(5), seen=True)[1]


def test_no_change_is_ever_weighed_down_to_nothing() -> None:
    suspects = rank([code(None), prompt(minutes(60 * 24 * 30))], Evidence(began=minutes(5), now=NOW))
    assert all(suspect.weight > 0 for suspect in suspects)


def test_stretches_are_told_in_one_unit() -> None:
    told = [ago(timedelta(seconds=seconds)) for seconds in (20, 700, 7200, 200_000)]
    assert told == ["20 s", "12 min", "2 h", "2 d"]
