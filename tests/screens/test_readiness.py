"""The conditions on `y`, without a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.plan import Refusal, Risk
from screens.readiness import Facts, Runner, Sight, judge, why_typing
from tests.screens.scripted_desk import fresh_plan, plan

READY = Facts(
    plan=fresh_plan(),
    now=110.0,
    opened_at=100.0,
    last_key_at=109.0,
    fresh=True,
    runner=Runner.READY,
    offered=True,
    sight=Sight.SEEN,
)


def test_y_lives_when_everything_holds() -> None:
    assert judge(READY).live


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"fresh": False, "now": 101.0, "last_key_at": 100.0}, "y: reading the state afresh"),
        ({"runner": Runner.STARTING, "now": 101.0, "last_key_at": 100.0}, "y: the runner is starting"),
        (
            {"runner": Runner.ALIVE, "waiting": "signing in", "now": 101.0, "last_key_at": 100.0},
            "y: the runner is starting: signing in",
        ),
        ({"offered": False}, "y: recording what is shown"),
        ({"unread": 3}, "y: 3 more lines below (space)"),
        ({"sight": Sight.ASKING}, "y: waiting for your terminal"),
        ({"last_key_at": 109.8}, "y in 0.4 s"),
    ],
)
def test_y_is_dead_and_says_what_it_waits_for(change: dict[str, object], hint: str) -> None:
    verdict = judge(replace(READY, **change))
    assert not verdict.live
    assert verdict.hint == hint


def test_a_refusal_that_nothing_overrides_never_lives_not_even_for_the_name() -> None:
    refused = replace(READY, plan=fresh_plan(refusals=(Refusal("v41 is being deprovisioned"),)), typed="pharmabot")
    verdict = judge(refused)
    assert not verdict.live
    assert verdict.dead
    assert verdict.hint == "y: refused, as said above"


def test_an_overridable_refusal_wants_the_name() -> None:
    against = replace(READY, plan=fresh_plan(refusals=(Refusal("v41 answers 500", True),)))
    assert judge(against).typing
    assert not judge(against).live
    assert not judge(replace(against, typed="pharmabo")).live
    assert judge(replace(against, typed="pharmabot")).live


def test_a_silent_terminal_wants_the_name() -> None:
    silent = replace(READY, sight=Sight.SILENT)
    assert judge(silent).typing
    assert judge(replace(silent, typed="pharmabot")).live


def test_the_reason_for_typing_stays_when_it_has_passed() -> None:
    reason = why_typing(replace(READY, sight=Sight.SILENT))
    assert judge(replace(READY, typing=reason)).typing


def test_when_azure_is_silent_for_8_seconds_the_name_hands_over_a_reversible_plan() -> None:
    quiet = replace(READY, plan=plan(), fresh=False, offered=False, runner=Runner.ALIVE, now=108.0)
    assert not judge(replace(quiet, now=107.9)).typing
    verdict = judge(quiet)
    assert "Azure has not answered for 8 s" in verdict.sentence
    assert "60 s" in verdict.sentence
    assert judge(replace(quiet, typed="pharmabot")).live


def test_what_cannot_be_taken_back_is_never_sent_blind() -> None:
    lossy = plan(steps=tuple(replace(step, risk=Risk.LOSSY) for step in plan().steps))
    quiet = replace(READY, plan=lossy, fresh=False, offered=False, typed="pharmabot")
    assert not judge(quiet).live


def test_without_a_runner_nothing_is_handed_over() -> None:
    quiet = replace(READY, fresh=False, offered=False, runner=Runner.STARTING, typed="pharmabot")
    assert not judge(quiet).live


def test_a_sentence_that_ends_the_matter_ends_it() -> None:
    verdict = judge(replace(READY, over="the runner ended", typed="pharmabot"))
    assert not verdict.live
    assert verdict.sentence == "the runner ended"
