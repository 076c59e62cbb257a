"""Every recorded exchange with PostgreSQL and Azure OpenAI, asked of the simulator at the recorded times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from console.simulator.machine import Machine
from tests.wire.comparison import differences
from tests.wire.neighbour_worlds import segments, world_of
from tests.wire.recordings import MISSING, Exchange, Recording, load
from tests.wire.replaying import Allowed, Names, asked

RECORDINGS = (*load("postgres"), *load("cognitive"))

pytestmark = pytest.mark.skipif(not RECORDINGS, reason=MISSING)

OF_JANUARY_2023 = Allowed(
    "an account could do less then",
    (".properties.callRateLimit", ".properties.capabilities", ".properties.endpoints"),
)
EXCEPTIONS = {
    ("postgres-powershell-retry-after", 3): Allowed(
        "the api-version of 2020 had another shape, which is not simulated: status and headers only",
        (".properties", ".sku", ".systemData"),
    ),
    ("cognitive-deployment-unstripped-headers", 0): OF_JANUARY_2023,
    ("cognitive-deployment-unstripped-headers", 3): OF_JANUARY_2023,
}


def replay(recording: Recording) -> Iterator[tuple[Exchange, datetime, list[str]]]:
    """Asks every exchange of the simulator, in order, and tells how each answer differs.

    The recorder called a deployment mock-deployment in addresses and left its name in bodies.
    """
    for part in segments(recording):
        machine, names, now = Machine(world_of(part)), Names(mock_deployment="dpy"), part.exchanges[0].at
        for exchange in part.exchanges:
            for at in exchange.dates:
                now = max(now, at)
                response, _ = machine.exchange(asked(exchange, names), now)
                names.learn(exchange, response)
                expected = json.loads(names.translate(json.dumps(exchange.body)))
                yield exchange, now, list(differences(exchange, expected, response))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda one: one.name)
def test_the_simulator_answers_as_recorded(recording: Recording) -> None:
    wrong, needed, count = [], set(), 0
    for exchange, at, found in replay(recording):
        count += 1
        allowed = EXCEPTIONS.get((recording.name, exchange.index))
        for difference in found:
            if allowed and difference.startswith(allowed.beginnings):
                needed.add(exchange.index)
                continue
            wrong.append(f"[{exchange.index}] {at:%H:%M:%S} {exchange.method} {exchange.path}: {difference}")
    print(f"{recording.name}: {len(recording.exchanges)} exchanges, {count} requests")
    assert not wrong, "\n".join(wrong)
    assert needed == {index for name, index in EXCEPTIONS if name == recording.name}, "an exception is not needed"


def test_no_exchange_is_left_out() -> None:
    answered = {exchange.label for recording in RECORDINGS for exchange, _, _ in replay(recording)}
    recorded = {exchange.label for recording in RECORDINGS for exchange in recording.exchanges}
    print(f"{len(recorded)} exchanges in {len(RECORDINGS)} recordings, {len(EXCEPTIONS)} with exceptions")
    assert answered == recorded
    assert len(RECORDINGS) == 12
