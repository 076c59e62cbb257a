"""One run at a time: who holds the lease, until when, and what a lost one may still do."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.domain.run import Event, Kind
from console.record.lease import TERM_S, Lease, LeaseHeld, LeaseLost, Leases
from console.record.run_log import RunLog
from tests.record.ticking import Ticking


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def log(tmp_path: Path, clock: Ticking) -> RunLog:
    return RunLog(tmp_path / "bot.db", clock)


@pytest.fixture
def leases(log: RunLog, clock: Ticking) -> Leases:
    return Leases(log, clock)


def take(leases: Leases, run: int, holder: str = "alice") -> Lease:
    return leases.take(run, holder, Event(run, Kind.CONFIRMED, leases._clock.now()))


def test_the_first_takes_it_and_the_confirmation_is_recorded_with_it(leases: Leases, log: RunLog) -> None:
    assert take(leases, 1) == Lease(1, 1)
    assert [event.kind for event in log.events(1)] == [Kind.CONFIRMED]


def test_the_second_is_refused_with_a_name_and_leaves_no_trace(leases: Leases, log: RunLog) -> None:
    take(leases, 1, "alice")

    with pytest.raises(LeaseHeld, match="run 1 by alice"):
        take(leases, 2, "bob")

    assert log.events(2) == ()


def test_another_console_of_the_same_machine_is_refused_too(leases: Leases, log: RunLog, clock: Ticking) -> None:
    take(leases, 1)

    with pytest.raises(LeaseHeld):
        take(Leases(RunLog(log.path, clock), clock), 2)


def test_it_is_free_again_at_once_when_it_was_given_back(leases: Leases) -> None:
    leases.give_back(take(leases, 1))

    assert take(leases, 2).epoch == 2


def test_a_run_with_an_outcome_holds_nothing_though_its_runner_is_lost(leases: Leases, log: RunLog) -> None:
    lost = take(leases, 1)
    log.append(1, Kind.OUTCOME, outcome="failed", note="its runner was lost before anything more was sent")

    assert take(leases, 2).epoch == 2
    with pytest.raises(LeaseLost):
        leases.record_intent(lost, 0)


def test_it_runs_out_by_itself_and_the_epoch_rises(leases: Leases, clock: Ticking) -> None:
    take(leases, 1)
    clock.pass_time(TERM_S - 1)
    with pytest.raises(LeaseHeld):
        take(leases, 2)
    clock.pass_time(2)

    assert take(leases, 2) == Lease(2, 2)


def test_renewing_keeps_others_out(leases: Leases, clock: Ticking) -> None:
    lease = take(leases, 1)
    for _ in range(5):
        clock.pass_time(TERM_S - 1)
        leases.renew(lease)

    with pytest.raises(LeaseHeld):
        take(leases, 2)


def test_an_intent_renews_it_and_carries_its_epoch(leases: Leases, log: RunLog, clock: Ticking) -> None:
    lease = take(leases, 1)
    clock.pass_time(TERM_S - 1)
    leases.record_intent(lease, 1, request="PATCH")
    clock.pass_time(TERM_S - 1)

    with pytest.raises(LeaseHeld):
        take(leases, 2)
    (intent,) = [event for event in log.events(1) if event.kind is Kind.INTENT]
    assert intent.body == {"epoch": 1, "request": "PATCH"}


def test_an_expired_lease_that_nobody_took_may_still_be_used(leases: Leases, clock: Ticking) -> None:
    lease = take(leases, 1)
    clock.pass_time(10 * TERM_S)

    leases.record_intent(lease, 1)


def test_a_lease_that_was_taken_over_records_no_intent_any_more(leases: Leases, log: RunLog, clock: Ticking) -> None:
    lost = take(leases, 1)
    clock.pass_time(TERM_S + 1)
    take(leases, 2)

    with pytest.raises(LeaseLost):
        leases.record_intent(lost, 1)
    with pytest.raises(LeaseLost):
        leases.renew(lost)

    assert Kind.INTENT not in [event.kind for event in log.events(1)]


def test_giving_back_a_lost_lease_does_not_free_the_new_one(leases: Leases, clock: Ticking) -> None:
    lost = take(leases, 1)
    clock.pass_time(TERM_S + 1)
    take(leases, 2)
    leases.give_back(lost)

    with pytest.raises(LeaseHeld):
        take(leases, 3)


def test_a_spill_in_mid_run_keeps_the_lease(leases: Leases, log: RunLog) -> None:
    lease = take(leases, 1)
    store = log._stores[0]._connection
    store.execute(f"PRAGMA max_page_count = {store.execute('PRAGMA page_count').fetchone()[0]}")

    leases.record_intent(lease, 1, request="x" * 20_000)
    leases.renew(lease)
    leases.give_back(lease)

    assert "instead" in log.note
    assert [event.kind for event in log.events(1)] == [Kind.CONFIRMED, Kind.INTENT]
