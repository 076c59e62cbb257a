"""The probe's samples, judged: what our own cut network says, and what it does not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from console.domain.signal import Sample, SignalReading, SignalState, Trigger, read_share
from tests.engine.played import START

LIMIT = Trigger("5xx", above=5, for_s=60, min_count=30)


def read(*stretches: Iterable[Sample]) -> SignalReading:
    """The reading at the last of these samples, which came a second apart."""
    samples = [sample for stretch in stretches for sample in stretch]
    first = START - timedelta(seconds=len(samples) - 1)
    dated = [
        Sample(first + timedelta(seconds=index), one.status, error=one.error, reached=one.reached)
        for index, one in enumerate(samples)
    ]
    return read_share("5xx", "%", dated, LIMIT, START)


def answered(count: int, status: int = 200) -> list[Sample]:
    return [Sample(START, status)] * count


def silent(count: int) -> list[Sample]:
    return [Sample(START, None, error="no answer in time")] * count


def cut(count: int) -> list[Sample]:
    return [Sample(START, None, error="Network is unreachable", reached=False)] * count


def test_no_samples_are_no_data() -> None:
    assert read().state is SignalState.NO_DATA
    assert read(answered(29)).state is SignalState.NO_DATA


def test_our_own_cut_network_is_an_error_and_no_failure_of_the_service() -> None:
    reading = read(answered(60), cut(20))

    assert reading.state is SignalState.ERROR
    assert reading.detail == "nothing answered from here for 19 s: Network is unreachable"
    assert reading.value == 0


def test_what_was_breached_before_the_cut_stays_breached() -> None:
    assert read(answered(40, 503), cut(10)).state is SignalState.BREACHED


def test_a_network_that_came_back_leaves_no_failures_behind() -> None:
    assert read(answered(60), cut(20), answered(40)).state is SignalState.OK
    assert read(answered(60), cut(58), answered(2)).state is SignalState.NO_DATA


def test_a_few_that_were_not_reached_among_answers_count_as_failures() -> None:
    reading = read(*(stretch for _ in range(20) for stretch in (answered(2), cut(1))))

    assert reading.state is SignalState.BREACHED


def test_a_service_that_takes_connections_and_does_not_answer_fails() -> None:
    assert read(answered(40), silent(20)).state is SignalState.BREACHED


def test_where_nothing_at_all_is_answered_nobody_knows() -> None:
    reading = read(silent(60))

    assert reading.state is SignalState.ERROR
    assert reading.detail == "no answer in time"
