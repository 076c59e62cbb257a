"""Reads are tried again, write nothing, give up in time, and keep the token at home."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from console.azure.credentials import RehearsalCredential
from console.azure.read_client import READ_S, ReadClient
from console.clock import SystemClock
from console.domain.failure import Failure, FailureKind
from console.simulator.loop import run_virtual
from tests.engine.counting_server import Answer, arm_error, free_port, serving
from tests.engine.test_one_send import settings_at

T = TypeVar("T")
JSON = {"Content-Type": "application/json"}
REVISION = {"name": "bot--v41", "properties": {"active": True, "replicas": 1}}
APP = {"name": "bot", "properties": {"configuration": {"ingress": {"traffic": []}}}}


def body(value: Any) -> Answer:
    return Answer(200, JSON, json.dumps(value).encode())


async def reader(http: httpx.AsyncClient, url: str) -> ReadClient:
    return ReadClient(settings_at(url), "bot", RehearsalCredential(), http, SystemClock())


class Unreachable(Exception):
    """The read failed as one that may be tried again, with a sentence."""


async def unreachable(read: Awaitable[T]) -> T:
    try:
        return await read
    except Failure as failure:
        if failure.kind is FailureKind.UNREACHABLE and failure.sentence:
            raise Unreachable from failure
        raise


@pytest.mark.parametrize(
    "trouble",
    [
        arm_error(429, "TooManyRequests", Retry_After="0"),
        arm_error(503, "ServerTimeout", Retry_After="0"),
        arm_error(504, "GatewayTimeout", Retry_After="0"),
        Answer(how="close"),
        Answer(how="reset"),
    ],
    ids=["429", "503", "504", "closed", "reset"],
)
async def test_a_read_in_trouble_is_tried_again(trouble: Answer) -> None:
    async with serving(trouble, body(REVISION)) as seen, httpx.AsyncClient(trust_env=False) as http:
        found = await (await reader(http, seen.url)).revision("bot--v41")

    assert found is not None
    assert found.name == "bot--v41"
    assert [method for method, _ in seen.requests] == ["GET", "GET"]


async def test_a_read_never_registers_a_provider() -> None:
    async with (
        serving(arm_error(409, "MissingSubscriptionRegistration", "register first")) as seen,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        with pytest.raises(Failure) as raised:
            await (await reader(http, seen.url)).revision("bot--v41")

    assert raised.value.kind is FailureKind.CONFLICT
    assert {method for method, _ in seen.requests} == {"GET"}


@pytest.mark.parametrize("status", [301, 307, 308])
async def test_a_redirect_is_not_followed_with_the_token(status: int) -> None:
    async with (
        serving(body(REVISION)) as elsewhere,
        serving(Answer(status, {"Location": f"{elsewhere.url}/revisions"})) as seen,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        with pytest.raises(Failure):
            await (await reader(http, seen.url)).revision("bot--v41")

    assert elsewhere.requests == []


async def test_an_operation_on_another_host_is_not_asked() -> None:
    async with (
        serving(body({"status": "Succeeded"})) as elsewhere,
        serving(body({"status": "InProgress"})) as seen,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        client = await reader(http, seen.url)
        assert await client.operation(f"{elsewhere.url}/operations/1") is None
        found = await client.operation(f"{seen.url}/operations/1")

    assert elsewhere.connections == 0
    assert found is not None
    assert found.running


async def test_the_next_page_on_another_host_is_not_fetched_with_the_token() -> None:
    async with serving(body({"value": []})) as elsewhere:
        page = body({"value": [REVISION], "nextLink": f"{elsewhere.url}/more?api-version=1"})
        async with serving(page) as seen, httpx.AsyncClient(trust_env=False) as http:
            client = await reader(http, seen.url)
            with pytest.raises(Failure) as raised:
                await client._told(client._revisions(), "the revisions")

    assert elsewhere.connections == 0
    assert "another host" in raised.value.sentence


async def test_pages_of_the_same_host_are_all_read() -> None:
    second = {"name": "bot--v40", "properties": {}}

    def answers(request: httpx.Request) -> httpx.Response:
        if "more" in str(request.url):
            return httpx.Response(200, json={"value": [second]})
        return httpx.Response(200, json={"value": [REVISION], "nextLink": "http://127.0.0.1:1/more?api-version=1"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
        found = await (await reader(http, "http://127.0.0.1:1"))._revisions()

    assert [one["name"] for one in found] == ["bot--v41", "bot--v40"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"Content-Type": "text/html"}, b"<html>a proxy's page</html>"),
        Answer(200, JSON, b"{broken"),
        Answer(200, JSON, b""),
        body([]),
        body("text"),
        body({"name": 5, "properties": []}),
        body({"name": "bot--v41", "properties": {"replicas": "many"}}),
        body({"name": "bot--v41", "properties": {"template": {"containers": 7}}}),
        body({"name": "bot--v41", "properties": {"template": {"containers": [7]}}}),
        Answer(204),
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_sentence_and_not_a_crash(answer: Answer) -> None:
    async with serving(answer) as seen, httpx.AsyncClient(trust_env=False) as http:
        client = await reader(http, seen.url)
        for read in (client.revision("bot--v41"), client.code_state()):
            with contextlib.suppress(Unreachable):
                await unreachable(read)


@pytest.mark.parametrize(
    "url", ["http://[broken", "", "http://127.0.0.1:1\x07/x", "not a url", "http://127.0.0.1:99999/"]
)
async def test_an_operation_s_address_that_is_none_is_a_sentence_at_most(url: str) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=[]))) as http:
        client = await reader(http, "http://127.0.0.1:1")
        with contextlib.suppress(Unreachable):
            assert await unreachable(client.operation(url)) is None


REFUSALS: dict[str, tuple[Answer, FailureKind, tuple[str, ...]]] = {
    "401": (arm_error(401, "ExpiredAuthenticationToken"), FailureKind.SIGN_IN, ("sign in again",)),
    "403": (
        arm_error(
            403,
            "AuthorizationFailed",
            "The client 'x' with object id 'y' does not have authorization to perform action "
            "'Microsoft.App/containerApps/read' over scope '/subscriptions/s/resourceGroups/g' or it is invalid.",
        ),
        FailureKind.NOT_ALLOWED,
        ("Microsoft.App/containerApps/read", "/subscriptions/s/resourceGroups/g"),
    ),
    "403 in other words": (
        arm_error(403, "Nope", "computer says no"),
        FailureKind.NOT_ALLOWED,
        ("computer says no",),
    ),
    "404": (
        arm_error(404, "ResourceNotFound"),
        FailureKind.NOT_FOUND,
        ("app bot in g", "ResourceNotFound"),
    ),
}


@pytest.mark.parametrize(("answer", "kind", "words"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refused_read_says_what_was_refused(
    answer: Answer, kind: FailureKind, words: tuple[str, ...]
) -> None:
    async with serving(answer) as seen, httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(Failure) as raised:
            await (await reader(http, seen.url)).code_state()

    assert raised.value.kind is kind
    for word in words:
        assert word in raised.value.sentence


async def test_nobody_listening_is_unreachable() -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        client = await reader(http, f"http://127.0.0.1:{free_port()}")
        with pytest.raises(Failure) as raised:
            await client.operation(f"{client._settings.arm}/operations/1")

    assert raised.value.kind is FailureKind.UNREACHABLE


def in_virtual_time(answers: Callable[[httpx.Request], httpx.Response]) -> tuple[Failure, float]:
    """The failure of one reading of a code layer that answers so, and how long it took."""

    async def act() -> tuple[Failure, float]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
            client = await reader(http, "http://127.0.0.1:1")
            with pytest.raises(Failure) as raised:
                await client.code_state()
            return raised.value, asyncio.get_running_loop().time()

    return run_virtual(act())


@pytest.mark.parametrize("status", [429, 503])
def test_azure_asking_for_an_hour_s_patience_does_not_get_it(status: int) -> None:
    failure, took_s = in_virtual_time(
        lambda request: httpx.Response(status, headers={"Retry-After": "3600"}, json={})
    )

    assert failure.kind is FailureKind.UNREACHABLE
    assert took_s <= READ_S


def test_label_histories_that_fail_or_hang_do_not_hide_what_serves() -> None:
    labelled = {
        "name": "bot",
        "properties": {"configuration": {"ingress": {"traffic": [{"weight": 1, "label": "x"}]}}},
    }

    async def act(history: Callable[[], Any]) -> None:
        async def answers(request: httpx.Request) -> httpx.Response:
            if "label" in request.url.path.lower():
                return await history()
            return httpx.Response(200, json={"value": []} if "/revisions" in request.url.path else labelled)

        async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
            state = await (await reader(http, "http://127.0.0.1:1")).code_state()
        assert state.app == "bot"
        assert state.carried == {}

    async def hangs() -> httpx.Response:
        await asyncio.sleep(3600)
        return httpx.Response(200)

    async def refuses() -> httpx.Response:
        return httpx.Response(403, json={"error": {"code": "AuthorizationFailed", "message": "no"}})

    async def babbles() -> httpx.Response:
        return httpx.Response(200, json={"value": [{"properties": {"records": [5]}}]})

    for history in (hangs, refuses, babbles):
        run_virtual(act(history))
