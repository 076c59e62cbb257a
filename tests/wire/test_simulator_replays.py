"""Every recorded exchange, asked of the simulator at the recorded times: same statuses, headers, bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from console.simulator.behaviour import Behaviour
from console.simulator.machine import Machine
from console.simulator.wire import Request, Response
from console.simulator.world import Fault, World
from tests.wire.comparison import differences
from tests.wire.recordings import MISSING, Exchange, Recording, load
from tests.wire.worlds import world_of

RECORDINGS = load()

pytestmark = pytest.mark.skipif(not RECORDINGS, reason=MISSING)


@dataclass(frozen=True)
class Allowed:
    """Differences that are put up with in one exchange: those whose text begins so, and why."""

    why: str
    beginnings: tuple[str, ...]


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


class Names:
    """Which simulated name stands for which recorded one: operation ids and random suffixes differ."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def translate(self, text: str) -> str:
        for recorded, simulated in self._known.items():
            text = text.replace(recorded, simulated)
        return text

    def learn(self, recorded: Exchange, response: Response) -> None:
        self._pair(_operation(recorded.headers), _operation({key.lower(): value for key, value in response.headers}))
        body = response.json() if response.body else None
        if recorded.is_app and isinstance(body, dict):
            latest = "latestRevisionName"
            self._pair(recorded.body["properties"].get(latest), body["properties"].get(latest))
        if recorded.tail[-1] == "replicas" and isinstance(body, dict):
            for one, other in zip(recorded.body["value"], body["value"], strict=False):
                self._pair(one["name"], other["name"])

    def _pair(self, recorded: str | None, simulated: str | None) -> None:
        if recorded and simulated and recorded != simulated:
            self._known.setdefault(recorded, simulated)


def _operation(headers: dict[str, str]) -> str | None:
    text = headers.get("azure-asyncoperation") or headers.get("location") or ""
    found = re.search(r"containerappOperation(?:Statuses|Results)/([^/?]+)", text)
    return found.group(1) if found else None


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
            response, _ = machine.exchange(_request(exchange, names), at)
            names.learn(exchange, response)
            expected = json.loads(names.translate(json.dumps(exchange.body)))
            yield exchange, at, list(differences(exchange, expected, response))


def _request(exchange: Exchange, names: Names) -> Request:
    body = b"" if exchange.sent is None else names.translate(json.dumps(exchange.sent)).encode()
    headers = {"Authorization": "Bearer recorded", "Content-Type": "application/json"}
    return Request(exchange.method, names.translate(exchange.url), headers, body)


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
