"""Names and messages that mean harm: nothing of them reaches a terminal as more than text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from console.azure import shapes
from console.azure.credentials import principal
from console.clock import SystemClock
from console.config.settings import ProbeSettings
from console.domain.intent import Intent
from console.domain.signal import Sample
from console.plan import Findings, make
from console.report import as_json, as_text
from console.signals.probe import Prober
from console.simulator.loop import run_virtual
from tests.engine.apps import app, marks, revision, snapshot
from tests.engine.played import settings
from tests.engine.test_patient_reads import in_virtual_time

HOSTILE = {
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "C1": "\x9b31mred\x9d",
    "bidi": "\u202eexe.gpj\u2066",
    "markup": "[bold red on white]x[/] [@click=app.quit]y[/]",
    "long": "x" * 10_000,
    "lines": "a\r\nb\nc",
    "invisible": "pay\u200bpal\u2060\ufeff",
    "half a pair": "\ud800",
}


def texts(value: Any) -> Iterator[str]:
    """Every string in a structure, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def harmless(line: str) -> bool:
    return line.isprintable() and len(line) < 4000


def bodies(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An app and a revision with that text in every place where Azure or a customer may put one."""
    template = {
        "containers": [{"image": text, "env": [{"name": text, "value": text}, {"name": text, "secretRef": text}]}],
        "scale": {"rules": [{"name": text, "custom": {"type": text}}]},
    }
    words = {"healthState": text, "runningState": text, "provisioningState": text, "fqdn": text}
    one = {"name": text, "properties": {**words, "active": True, "template": template, "provisioningError": text}}
    ingress = {"fqdn": text, "traffic": [{"weight": 100, "revisionName": text, "label": text}]}
    whole = {
        "name": text,
        "id": text,
        "properties": {
            "provisioningState": text,
            "runningStatus": text,
            "latestRevisionName": text,
            "configuration": {"activeRevisionsMode": text, "ingress": ingress},
        },
        "systemData": {"lastModifiedBy": text, "lastModifiedAt": text},
    }
    return whole, one


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_read_is_harmless_by_the_time_it_is_data(text: str) -> None:
    whole, one = bodies(text)
    state = shapes.code_state(whole, [one], {})
    found = snapshot(state, marks())

    assert all(harmless(line) for line in as_text.status(found))
    assert all(harmless(word) for word in texts(as_json.status(found)))
    json.dumps(as_json.status(found)).encode()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_plan_against_hostile_revisions_is_harmless_and_still_a_plan(text: str) -> None:
    word = shapes.revision({"name": text, "properties": {}}).name
    older = revision(41, image=shapes.revision(bodies(text)[1]).image, running="Failed", error=word)
    plan = make(
        settings(), snapshot(app(older, revision(42))), Intent(to="v41"), Findings(Sample(older.created, 500))
    )

    assert all(harmless(line) for line in "\n".join(as_text.plan(plan)).splitlines())
    assert all(harmless(line) for word in texts(as_json.plan(plan)) for line in word.splitlines())
    assert len(plan.digest) == 64


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 503])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_error_s_message_is_a_harmless_sentence(text: str, status: int) -> None:
    said = f"perform action '{text}' over scope '{text}'" if status == 403 else text
    body = json.dumps({"error": {"code": text, "message": said}}).encode()
    headers = {"content-type": "application/json", "x-ms-request-id": "\x1b[2J"}

    failure, _ = in_virtual_time(lambda request: httpx.Response(status, headers=headers, content=body))

    assert harmless(failure.sentence)
    assert harmless(failure.code + failure.request_id + "x")


@pytest.mark.parametrize("text", [value for key, value in HOSTILE.items() if key != "half a pair"])
async def test_what_a_service_says_of_itself_is_harmless(text: str) -> None:
    body = json.dumps({"who": text}).encode()
    probe = ProbeSettings.model_validate({"url": "http://127.0.0.1:1", "identity": {"json": "/who"}})

    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body))) as http:
        sample = await Prober(probe, http, SystemClock()).ask_app(app(revision(41)))

    assert sample.revision is not None
    assert harmless(sample.revision)
    assert len(sample.revision) <= 200


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[]", b'{"who": {"deep": 1}}', b'{"who": null}', b"[" * 100_000, b'{"who": [1]}']
)
async def test_an_answer_of_any_shape_is_a_sample_without_a_name(body: bytes) -> None:
    probe = ProbeSettings.model_validate({"url": "http://127.0.0.1:1", "identity": {"json": "/who"}})

    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body))) as http:
        sample = await Prober(probe, http, SystemClock()).ask_app(app(revision(41)))

    assert (sample.status, sample.revision) == (200, None)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://127.0.0.1:99999", {}),
        ("not a url", {}),
        ("ftp://127.0.0.1", {}),
        ("http://[", {}),
        ("http://127.0.0.1:1", {"x-key": "schlüssel"}),
        ("http://127.0.0.1:1", {"bad name": "x"}),
    ],
)
async def test_a_probe_that_cannot_even_be_sent_is_a_sample_that_says_why(url: str, headers: dict[str, str]) -> None:
    probe = ProbeSettings.model_validate({"url": url, "headers": headers})

    async with httpx.AsyncClient(trust_env=False) as http:
        sample = await Prober(probe, http, SystemClock()).ask_app(app(revision(41)))

    assert sample.status is None
    assert sample.error
    assert harmless(sample.error)


def test_a_service_that_never_finishes_its_answer_is_given_up_on() -> None:
    probe = ProbeSettings.model_validate({"url": "http://127.0.0.1:1", "timeout_s": 5})

    async def drip(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        return httpx.Response(200)

    async def act() -> tuple[Sample, float]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(drip)) as http:
            sample = await Prober(probe, http, SystemClock()).ask_app(app(revision(41)))
            return sample, asyncio.get_running_loop().time()

    sample, took_s = run_virtual(act())
    assert (sample.status, sample.error) == (None, "no answer in time")
    assert took_s <= 10


@pytest.mark.parametrize("token", ["", "a.b", "a.!!!.c", "a.e30.c", "a." + "x" * 10_001 + ".c", "a.W10.c", "a.NQ.c"])
def test_a_token_that_is_none_names_nobody_and_is_never_shown(token: str) -> None:
    assert principal(token) == "unknown"
