"""A run whose runner was killed: another takes it up, looks, claims what it sees, and sends nothing."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from console.domain.run import Kind, Outcome, StepState
from console.exits import Exit, exit_for
from tests.engine.played import V40, V41, V42, Killed, Played, play


def die() -> NoReturn:
    raise Killed


def killed_at(kind: Kind) -> Any:
    return lambda played: played.on(kind, die)


def killed_before_the_send(played: Played) -> None:
    played.before_send = die


@pytest.mark.parametrize("kind", [Kind.ACCEPTED, Kind.OPERATION, Kind.CONFIGURED, Kind.SERVING, Kind.RECOVERED])
def test_a_run_killed_after_its_write_is_followed_and_proven_without_another(kind: Kind) -> None:
    played = play(before=killed_at(kind))

    assert played.outcome is Outcome.VERIFIED, played.note
    assert len(played.sent) == 1
    assert played.who_serves() == (V41,)
    assert Kind.ADOPTED in played.kinds
    assert played.kinds.count(Kind.OUTCOME) == 1


def test_a_run_killed_between_its_intent_and_the_send_is_unknown_and_nothing_is_sent_for_it() -> None:
    played = play(before=killed_before_the_send)

    assert played.outcome is Outcome.UNKNOWN
    assert played.sent == []
    assert exit_for(played.outcome) is Exit.UNKNOWN


def test_a_run_killed_between_its_intent_and_the_send_recognises_that_somebody_did_it_by_hand() -> None:
    def by_hand(played: Played) -> None:
        leaves = [
            {"weight": 100, "revisionName": V41, "label": "stable"},
            {"weight": 0, "revisionName": V42, "label": "candidate"},
        ]
        played.fault("move", 1, traffic=leaves, by="alice with az")

    played = play(before=killed_before_the_send, afterwards=by_hand)

    assert played.outcome is Outcome.VERIFIED
    assert played.sent == []


@pytest.mark.parametrize("kind", [Kind.STARTED, Kind.FENCED, Kind.STEP_DONE])
def test_a_run_killed_before_any_intent_says_that_nothing_was_sent(kind: Kind) -> None:
    # Given a runner killed while it still looked at the target
    played = play(before=killed_at(kind))

    # Then the run is failed for certain: no word of "unknown" or "do not send it again"
    assert played.outcome is Outcome.FAILED
    assert played.sent == []
    assert "sent" in played.note
    assert exit_for(played.outcome) is Exit.FAILED


def test_a_run_killed_after_activating_its_target_says_that_the_traffic_was_never_moved() -> None:
    played = play("slow-start", before=killed_at(Kind.PROGRESS))

    assert played.outcome is Outcome.FAILED
    assert "never sent" in played.note
    assert [one.method for one in played.sent] == ["POST"]
    assert played.who_serves() == (V42,)


def test_a_run_that_was_taken_up_knows_what_it_rolled_away_from_as_bad() -> None:
    bad: list[str] = []

    def listen(played: Played) -> None:
        killed_at(Kind.ACCEPTED)(played)
        played.on(Kind.OUTCOME, lambda: bad.extend(name for name in (V40, V41, V42) if known_bad(played, name)))

    play(before=listen)

    assert bad == [V42]


def known_bad(played: Played, name: str) -> bool:
    return played.log.history().known_bad(name)


def test_the_steps_of_a_run_that_was_taken_up_read_as_if_it_had_gone_through() -> None:
    played = play(before=killed_at(Kind.OPERATION))

    assert [step.state for step in played.run.steps] == [StepState.DONE] * 4
