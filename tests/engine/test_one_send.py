"""Every write reaches the wire at most once, and what came back says rightly whether it may have taken effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from console.azure.action_client import ActionClient
from console.azure.credentials import RehearsalCredential
from console.azure.transport import HttpxTransport
from console.clock import SystemClock
from console.config.settings import AzureSettings
from console.domain.failure import Failure, FailureKind
from console.domain.traffic import TrafficEntry
from tests.engine.counting_server import Answer, arm_error, free_port, serving

Write = Callable[[ActionClient], Awaitable[object]]
TRAFFIC = (TrafficEntry(100, "bot--v41", label="stable"), TrafficEntry(0, "bot--v42"))

WRITES: dict[str, Write] = {
    "set traffic": lambda client: client.set_traffic(TRAFFIC),
    "activate": lambda client: client.activate("bot--v41"),
    "deactivate": lambda client: client.deactivate("bot--v42"),
}
CLAIMS = 'Bearer authorization_uri="https://login.microsoftonline.com/", error="insufficient_claims", claims="e30="'
REGISTER = "The subscription is not registered to use namespace 'Microsoft.App'."
UNKNOWN = FailureKind.UNKNOWN

TROUBLES: dict[str, tuple[Answer, FailureKind]] = {
    "reset before anything was read": (Answer(how="reset at once"), UNKNOWN),
    "reset after the body": (Answer(how="reset"), UNKNOWN),
    "closed without an answer": (Answer(how="close"), UNKNOWN),
    "half an answer": (Answer(how="half"), UNKNOWN),
    "something that is not HTTP": (Answer(how="no http"), UNKNOWN),
    "no answer in time": (Answer(how="silence"), UNKNOWN),
    "307": (Answer(307, {"Location": "{url}/elsewhere"}), UNKNOWN),
    "308": (Answer(308, {"Location": "{url}/elsewhere"}), UNKNOWN),
    "408": (arm_error(408, "RequestTimeout"), UNKNOWN),
    "500": (arm_error(500, "InternalServerError"), UNKNOWN),
    "501": (arm_error(501, "NotImplemented"), UNKNOWN),
    "502 without a body": (Answer(502), UNKNOWN),
    "503 with Retry-After": (arm_error(503, "ServerTimeout", Retry_After="0"), UNKNOWN),
    "504": (arm_error(504, "GatewayTimeout"), UNKNOWN),
    "504 as a page": (Answer(504, {"Content-Type": "text/html"}, b"<html>gateway</html>"), UNKNOWN),
    "520 from something between": (Answer(520), UNKNOWN),
    "a success nobody documented": (Answer(206), UNKNOWN),
    "400": (arm_error(400, "ContainerAppInvalidTrafficWeight"), FailureKind.REJECTED),
    "401": (arm_error(401, "ExpiredAuthenticationToken"), FailureKind.SIGN_IN),
    "401 asking for claims": (arm_error(401, "InvalidToken", WWW_Authenticate=CLAIMS), FailureKind.SIGN_IN),
    "403": (arm_error(403, "AuthorizationFailed"), FailureKind.NOT_ALLOWED),
    "404": (arm_error(404, "ResourceNotFound"), FailureKind.NOT_FOUND),
    "409 in progress": (arm_error(409, "ContainerAppOperationInProgress", Retry_After="0"), FailureKind.CONFLICT),
    "409 asking to register": (arm_error(409, "MissingSubscriptionRegistration", REGISTER), FailureKind.CONFLICT),
    "412": (arm_error(412, "PreconditionFailed"), FailureKind.REJECTED),
    "429 with Retry-After": (arm_error(429, "TooManyRequests", Retry_After="0"), FailureKind.THROTTLED),
}


def settings_at(url: str) -> AzureSettings:
    return AzureSettings(subscription="s", resource_group="g", credential="rehearsal", endpoint=url)


async def attempt(url: str, write: Write, timeout_s: float = 5.0) -> object:
    """One write by a client of its own."""
    async with httpx.AsyncClient(timeout=timeout_s, trust_env=False) as http:
        return await write(ActionClient(settings_at(url), "bot", RehearsalCredential(), http, SystemClock()))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize(("trouble", "kind"), TROUBLES.values(), ids=TROUBLES.keys())
async def test_a_write_in_trouble_is_sent_once_and_named_rightly(
    trouble: Answer, kind: FailureKind, write: Write
) -> None:
    # Given a server that counts, and answers with this trouble whatever it is asked
    async with serving(trouble) as seen:
        # When the write is sent
        with pytest.raises(Failure) as raised:
            await attempt(seen.url, write, timeout_s=0.2 if trouble.how == "silence" else 5.0)

    # Then it was sent once, registered nothing, followed nothing
    assert seen.connections == 1
    assert len(seen.requests) == (0 if trouble.how == "reset at once" else 1)
    # And only what cannot have arrived, or was refused for certain, is called unchanged
    assert raised.value.kind is kind
    assert raised.value.nothing_changed is (kind is not UNKNOWN)


@pytest.mark.parametrize("name", ["activate", "deactivate"])
async def test_a_success_that_cannot_be_read_is_not_called_a_refusal(name: str) -> None:
    async with serving(Answer(200, {"Content-Type": "application/json"}, b"{oops")) as seen:
        with pytest.raises(Failure) as raised:
            await attempt(seen.url, WRITES[name])

    assert (len(seen.requests), raised.value.kind) == (1, UNKNOWN)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_a_write_without_a_connection_surely_changed_nothing(write: Write) -> None:
    with pytest.raises(Failure) as raised:
        await attempt(f"http://127.0.0.1:{free_port()}", write)

    assert raised.value.kind is FailureKind.UNREACHABLE
    assert "nothing was sent" in raised.value.sentence


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_a_connection_that_takes_too_long_surely_changed_nothing(write: Write) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("too long", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(never)) as http:
        client = ActionClient(settings_at("http://127.0.0.1:1"), "bot", RehearsalCredential(), http, SystemClock())
        with pytest.raises(Failure) as raised:
            await write(client)

    assert raised.value.kind is FailureKind.UNREACHABLE


async def test_a_connection_that_died_while_idle_costs_no_second_send() -> None:
    # Given a connection that the server closes after its first answer, without saying so
    accepted = Answer(202, {"Azure-AsyncOperation": "{url}/op"})
    async with (
        serving(accepted, Answer(how="close"), accepted) as seen,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        client = ActionClient(settings_at(seen.url), "bot", RehearsalCredential(), http, SystemClock())
        await client.set_traffic(TRAFFIC)
        # When the next write goes out on it
        with pytest.raises(Failure) as raised:
            await client.set_traffic(TRAFFIC)

    # Then that write reached the server once, and nobody claims to know what came of it
    assert len(seen.requests) == 2
    assert raised.value.kind is UNKNOWN


async def test_a_traffic_write_is_a_patch_of_the_whole_array_and_nothing_else() -> None:
    async with serving(Answer(202, {"Location": "{url}/results", "Azure-AsyncOperation": "{url}/status"})) as seen:
        accepted = await attempt(seen.url, WRITES["set traffic"])

    # Then the operation's own address is kept, and asked by nobody
    assert accepted.operation == f"{seen.url}/status"
    assert [method for method, _ in seen.requests] == ["PATCH"]
    assert seen.bodies == [
        b'{"properties": {"configuration": {"ingress": {"traffic": '
        b'[{"weight": 100, "revisionName": "bot--v41", "label": "stable"}, '
        b'{"weight": 0, "revisionName": "bot--v42"}]}}}}'
    ]


async def test_an_older_cloud_s_location_is_the_operation() -> None:
    async with serving(Answer(202, {"Location": "{url}/results"})) as seen:
        accepted = await attempt(seen.url, WRITES["set traffic"])

    assert accepted.operation == f"{seen.url}/results"


@pytest.mark.parametrize("url", ["http://192.0.2.1/x", "http://management.azure.com/x"])
async def test_no_token_leaves_in_the_clear_for_anything_but_loopback(url: str) -> None:
    # Given a client for Azure itself, and a wire that records
    sent: list[httpx.Request] = []

    def record(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    settings = AzureSettings(subscription="s", resource_group="g", credential="cli", endpoint=None)
    async with httpx.AsyncClient(transport=httpx.MockTransport(record)) as http:
        client = ActionClient(settings, "bot", RehearsalCredential(), http, SystemClock())
        client._client._client._base_url = url
        with pytest.raises(Failure):
            await client.activate("bot--v41")

    assert sent == []


def test_the_transport_of_writes_is_ours() -> None:
    """azure-core's own transports re-send on their own account; ours cannot."""
    client = ActionClient(
        settings_at("http://127.0.0.1:1"), "bot", RehearsalCredential(), httpx.AsyncClient(), SystemClock()
    )
    pipeline = client._client._client._pipeline

    assert isinstance(pipeline._transport, HttpxTransport)
    names = {type(getattr(node, "_policy", node)).__name__ for node in pipeline._impl_policies}
    assert not {name for name in names if "Retry" in name or "Redirect" in name or "Registration" in name}
