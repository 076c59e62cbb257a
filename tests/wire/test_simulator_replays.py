"""Every recorded exchange, asked of the simulator at the recorded times: same statuses, headers, bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from console.simulator.behaviour import Behaviour
from console.simulator.machine import Machine
from console.simulator.wire import Request
from console.simulator.world import Fault, World
from tests.wire.comparison import differences
from tests.wire.recordings import MISSING, Exchange, Recording, load
from tests.wire.replaying import Allowed, Names, asked
from tests.wire.worlds import world_of

RECORDINGS = load()

pytestmark = pytest.mark.skipif(not RECORDINGS, reason=MISSING)


EXCEPTIONS = {
    ("powershell-retry-after", 0): Allowed(
        "creates a managed Redis add-on, a kind of app that is not simulated: status and headers only",
        (".properties",),
    ),
    ("powershell-retry-after", 7): Allowed(
        "the text of a crash changes with the moment it is looked at",
        (".value[0].properties.provisioningError", ".value[0].properties.runningStateDetails"),
    ),
    ("revision-copy", 6): Allowed(
        "the first replica is left over from a restart before the recording",
        (".value",),
    ),
    ("secrets-put-and-400", 7): Allowed("secrets come in no particular order", (".value",)),
}

# Writes that were made between two exchanges of a recording but are no part of it; their effect is.
LEFT_OUT = {
    ("labels-add-swap-remove", 10): (
        {"weight": 50, "latestRevision": True},
        {"revisionName": "containerapp000002--t1kdos5", "weight": 25, "label": "label000003"},
        {"revisionName": "containerapp000002--0000001", "weight": 25, "label": "label000004"},
    )
}


def prepared(recording: Recording) -> World:
    """The world of a recording, with what cannot be read off its exchanges."""
    world = world_of(recording)
    if recording.name == "crashing-revision-app-succeeded":
        images = {"mcr.microsoft.com/k8se/quickstart:latest": Behaviour(crashes=True)}
        return replace(world, settings=replace(world.settings, images=images))
    if recording.name == "lro-never-finishes-app-failed":
        return replace(world, faults=(Fault("hang-operation", params={"effect": False}),))
    return world


def replay(recording: Recording) -> Iterator[tuple[Exchange, datetime, list[str]]]:
    """Asks every exchange of the simulator, in order, and tells how each answer differs."""
    machine = Machine(prepared(recording))
    names = Names()
    for exchange in recording.exchanges:
        if (recording.name, exchange.index) in LEFT_OUT:
            machine.exchange(*_left_out(exchange))
        for at in exchange.dates:
            response, _ = machine.exchange(asked(exchange, names), at)
            names.learn(exchange, response)
            expected = json.loads(names.translate(json.dumps(exchange.body)))
            yield exchange, at, list(differences(exchange, expected, response))


def _left_out(exchange: Exchange) -> tuple[Request, datetime]:
    traffic = LEFT_OUT[exchange.recording, exchange.index]
    body = json.dumps({"properties": {"configuration": {"ingress": {"traffic": traffic}}}}).encode()
    headers = {"Authorization": "Bearer recorded"}
    return Request("PATCH", exchange.url, headers, body), exchange.at - timedelta(seconds=15)


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
    asked = {exchange.label for recording in RECORDINGS for exchange, _, _ in replay(recording)}
    recorded = {exchange.label for recording in RECORDINGS for exchange in recording.exchanges}
    print(f"{len(recorded)} exchanges in {len(RECORDINGS)} recordings, {len(EXCEPTIONS)} with exceptions")
    assert asked == recorded
