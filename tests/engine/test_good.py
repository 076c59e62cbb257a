"""Which revision is good: the grades in their order, and what a rollback never chooses."""

from __future__ import annotations

from typing import Any

import pytest

from console.domain.code import CodeState, Condition
from console.domain.good import Grade, History, choose, grade
from console.domain.traffic import TrafficEntry
from tests.engine.apps import NOW, app, entry, marks, revision, stopped


def chosen(state: CodeState, history: History | None = None) -> tuple[str, Grade] | None:
    good = choose(state, history or History()).good
    return (good.revision.removeprefix("bot--"), good.grade) if good else None


CHOICES: dict[str, tuple[CodeState, History, tuple[str, Grade] | None]] = {
    "what a person marked beats what is newer": (
        app(revision(39), revision(40), revision(41), revision(42)),
        marks(good=(39,), carried=(40, 41)),
        ("v39", Grade.MARKED),
    ),
    "of two that are marked, the newer": (
        app(revision(39), revision(40), revision(42)),
        marks(good=(39, 40)),
        ("v40", Grade.MARKED),
    ),
    "what carried traffic beats what is newer and untried": (
        app(revision(39), revision(40), revision(41), revision(42)),
        marks(carried=(40,)),
        ("v40", Grade.CARRIED),
    ),
    "untried: the newest older one that is ready": (
        app(revision(39), revision(40), revision(42)),
        History(),
        ("v40", Grade.UNTRIED),
    ),
    "a stopped one of which nothing is known is not untried": (
        app(stopped(40), revision(42)),
        History(),
        None,
    ),
    "a stopped one that was active once carried": (
        app(stopped(40, last_active=NOW), revision(42)),
        History(),
        ("v40", Grade.CARRIED),
    ),
    "a scaled-to-zero one may be tried": (
        app(revision(40, replicas=0, running="ScaledToZero"), revision(42)),
        History(),
        ("v40", Grade.UNTRIED),
    ),
    "never known bad, though it carried": (
        app(revision(40), revision(41), revision(42)),
        marks(bad=(41,), carried=(41,)),
        ("v40", Grade.UNTRIED),
    ),
    "a bad mark after a good one counts, since the newest mark is kept": (
        app(revision(41), revision(42)),
        marks(good=(41,), bad=(41,)),
        None,
    ),
    "never newer than what serves, though marked good": (
        app(revision(41), revision(42), revision(43), traffic=(entry(100, 42), entry(0, 43))),
        marks(good=(43,)),
        ("v41", Grade.UNTRIED),
    ),
    "when several serve, the newest is left": (
        app(revision(40), revision(41), revision(42), traffic=(entry(50, 41), entry(50, 42))),
        History(),
        ("v41", Grade.CARRIED),
    ),
    "when several serve, an older known good one wins": (
        app(revision(40), revision(41), revision(42), traffic=(entry(50, 41), entry(50, 42))),
        marks(good=(40,)),
        ("v40", Grade.MARKED),
    ),
    "never failed": (
        app(revision(40), revision(41, running="Failed", provisioning="Failed"), revision(42)),
        History(),
        ("v40", Grade.UNTRIED),
    ),
    "never one that Azure is taking down": (
        app(revision(40), revision(41, running="Deprovisioning"), revision(42)),
        marks(good=(41,)),
        ("v40", Grade.UNTRIED),
    ),
    "never one that crashed and was stopped": (
        app(stopped(40, last_active=NOW), stopped(41, provisioning="Failed", last_active=NOW), revision(42)),
        History(),
        ("v40", Grade.CARRIED),
    ),
    "an entry for the latest revision serves too": (
        app(revision(41), revision(42), traffic=(TrafficEntry(100, latest=True),)),
        History(),
        ("v41", Grade.UNTRIED),
    ),
    "nothing older": (app(revision(42)), History(), None),
    "nobody serves": (app(revision(41), revision(42), traffic=()), marks(good=(41,)), None),
    "what serves no longer exists": (app(revision(41), traffic=(entry(100, 42),)), marks(good=(41,)), None),
    "creation times unknown": (app(revision(41, created=None), revision(42, created=None)), History(), None),
}


@pytest.mark.parametrize(("state", "history", "expected"), CHOICES.values(), ids=CHOICES.keys())
def test_the_choice(state: CodeState, history: History, expected: tuple[str, Grade] | None) -> None:
    assert chosen(state, history) == expected


def test_no_choice_says_why() -> None:
    choice = choose(app(revision(41), revision(42)), marks(bad=(41,)))

    assert choice.good is None
    assert "v41 known bad: rolled away from (run 3)" in choice.why


def test_every_candidate_that_was_passed_over_has_its_reason() -> None:
    state = app(revision(40, running="Degraded"), stopped(41), revision(42), revision(43), traffic=(entry(100, 42),))

    assert dict(choose(state, marks(bad=(40,))).passed_over).keys() == {"bot--v40", "bot--v41", "bot--v43"}


def test_only_what_somebody_said_or_measured_is_known_good() -> None:
    assert [one for one in Grade if one.known_good] == [Grade.MARKED, Grade.PROVED]
    assert [one.rank for one in Grade] == [0, 1, 2, 3, 4]


def test_a_grade_always_has_its_evidence() -> None:
    for one in (revision(41), stopped(41, last_active=NOW)):
        found = grade(one, app(one, revision(42)), History())
        assert found is not None
        assert found.reason


CONDITIONS: dict[str, tuple[dict[str, Any], Condition]] = {
    "running": ({}, Condition.READY),
    "at its maximum": ({"running": "RunningAtMaxScale"}, Condition.READY),
    "asleep": ({"running": "ScaledToZero", "replicas": 0}, Condition.SCALED_TO_ZERO),
    "without replicas": ({"replicas": 0}, Condition.SCALED_TO_ZERO),
    "unhealthy, says the probe": ({"health": "Unhealthy"}, Condition.READY),
    "starting": ({"running": "Activating"}, Condition.STARTING),
    "being provisioned": ({"provisioning": "Provisioning", "running": ""}, Condition.STARTING),
    "degraded": ({"running": "Degraded"}, Condition.FAILED),
    "activation failed": ({"running": "ActivationFailed"}, Condition.FAILED),
    "provisioning failed": ({"provisioning": "Failed"}, Condition.FAILED),
    "going down": ({"running": "Deprovisioning"}, Condition.FAILED),
    "going down, inactive": ({"running": "Deprovisioning", "active": False}, Condition.FAILED),
    "stopped": ({"active": False, "running": "Stopped", "replicas": 0}, Condition.INACTIVE),
    "a word nobody knows": ({"running": "Frobnicating"}, Condition.READY),
    "other casing": ({"running": "FAILED"}, Condition.FAILED),
}


@pytest.mark.parametrize(("words", "expected"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_the_condition_that_azure_s_open_words_add_up_to(words: dict[str, Any], expected: Condition) -> None:
    assert revision(41, **words).condition is expected
