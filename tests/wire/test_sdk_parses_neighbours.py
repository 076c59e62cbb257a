"""Every recorded answer of PostgreSQL and Azure OpenAI, given to the SDK's clients: they read the values right."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.polling.base_polling import BadStatus
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient
from azure.mgmt.postgresqlflexibleservers.aio import PostgreSQLManagementClient

from console.azure.transport import HttpxResponse, HttpxTransport
from tests.wire.recordings import MISSING, Exchange, load
from tests.wire.test_sdk_parses import Tape, Token, answered, no_sleep

EXCHANGES = [one for kind in ("postgres", "cognitive") for recording in load(kind) for one in recording.exchanges]

pytestmark = pytest.mark.skipif(not EXCHANGES, reason=MISSING)

# What the SDK does not know by the name that Azure used at the time: kept as additional properties, or lost.
NOT_READ = {
    "ratelimits": "the SDK looks for rateLimits",
    "eTag": "the SDK looks for etag",
}


class Readable(HttpxResponse):
    """An answer that the older of the two SDKs can read as well: it looks for these two methods."""

    def body(self) -> bytes:
        return self.content

    def stream_download(self, pipeline: Any, **options: Any) -> AsyncIterator[bytes]:
        return self.iter_bytes()


class ReadableTransport(HttpxTransport):
    async def send(self, request: HttpRequest, **options: Any) -> AsyncHttpResponse:
        given = await super().send(request, **options)
        assert isinstance(given, HttpxResponse)
        return Readable(request, given._response)


def group_of(exchange: Exchange) -> str:
    return exchange.path.split("/")[4]


def client_on(tape: Tape, exchange: Exchange) -> Any:
    http = httpx.AsyncClient(transport=httpx.MockTransport(tape))
    postgres = "dbforpostgresql" in exchange.path.lower()
    kind = PostgreSQLManagementClient if postgres else CognitiveServicesManagementClient
    subscription = exchange.path.split("/")[2]
    transport = ReadableTransport(http, no_sleep)
    return kind(Token(), subscription, transport=transport, retry_total=0, polling_interval=0)


async def listed(pages: Any) -> list[Any]:
    return [one async for one in pages]


def kind_of(exchange: Exchange) -> str:
    """What the exchange is, in one word."""
    if exchange.operation:
        return "poll"
    if exchange.status >= 400:
        return "error"
    if exchange.method == "GET" and "value" in exchange.body:
        return "list"
    return {"GET": "read", "POST": "check" if "nameAvailable" in str(exchange.body) else "write"}.get(
        exchange.method, "write"
    )


def of_kind(wanted: str) -> list[Any]:
    return [pytest.param(one, id=one.label) for one in EXCHANGES if kind_of(one) == wanted] or [None]


async def ask_to_read(client: Any, exchange: Exchange) -> Any:
    """GET of one resource, by the operation that the SDK has for it."""
    group, (kind, name, *below) = group_of(exchange), exchange.tail
    match (kind, *below[:1]):
        case ("flexibleServers",):
            return await client.servers.get(group, name)
        case ("flexibleServers", "backups"):
            return await client.backups_automatic_and_on_demand.get(group, name, below[1])
        case ("flexibleServers", "databases"):
            return await client.databases.get(group, name, below[1])
        case ("accounts",):
            return await client.accounts.get(group, name)
    return await client.deployments.get(group, name, below[1])


async def ask_to_list(client: Any, exchange: Exchange) -> list[Any]:
    match exchange.tail:
        case ("flexibleServers",):
            return await listed(client.servers.list_by_resource_group(group_of(exchange)))
        case ("flexibleServers", name, "backups"):
            return await listed(client.backups_automatic_and_on_demand.list_by_server(group_of(exchange), name))
        case ("locations", location, "models"):
            return await listed(client.models.list(location))
    return await listed(client.deployments.list(group_of(exchange), exchange.tail[1]))


async def ask_to_write(client: Any, exchange: Exchange) -> Any:
    """The write as the SDK makes it; what is returned is its poller."""
    group, (kind, name, *below), sent = group_of(exchange), exchange.tail, exchange.sent
    match (exchange.method, kind, *below[:1]):
        case ("PUT", "flexibleServers"):
            return await client.servers.begin_create_or_update(group, name, sent)
        case ("PATCH", "flexibleServers"):
            return await client.servers.begin_update(group, name, sent)
        case ("PUT", "flexibleServers", "databases"):
            return await client.databases.begin_create(group, name, below[1], sent)
        case ("PUT", "flexibleServers", "backups"):
            return await client.backups_automatic_and_on_demand.begin_create(group, name, below[1])
        case ("DELETE", "flexibleServers", "backups"):
            return await client.backups_automatic_and_on_demand.begin_delete(group, name, below[1])
        case ("POST", "flexibleServers", verb):
            return await getattr(client.servers, f"begin_{verb}")(group, name)
        case ("PUT", "accounts"):
            return await client.accounts.begin_create(group, name, sent)
        case ("DELETE", "accounts"):
            return await client.accounts.begin_delete(group, name)
        case ("PUT", "accounts", "deployments"):
            return await client.deployments.begin_create_or_update(group, name, below[1], body_of(exchange))
    return await client.deployments.begin_delete(group, name, below[1])


def body_of(exchange: Exchange) -> Any:
    """This SDK takes models or bytes, no dictionaries."""
    return json.dumps(exchange.sent).encode()


def lost(recorded: Any, model: Any) -> set[str]:
    """The keys of the answer whose values the SDK's model does not show."""
    told = json.loads(json.dumps(model.as_dict() if hasattr(model, "as_dict") else model))
    return set(_missing("", recorded, told))


def _missing(at: str, recorded: Any, told: Any) -> list[str]:
    if isinstance(recorded, dict) and isinstance(told, dict):
        by_plain = {_plain(key): value for key, value in told.items()}
        return [
            name
            for key, value in recorded.items()
            for name in ([key] if _plain(key) not in by_plain else _missing(key, value, by_plain[_plain(key)]))
        ]
    if isinstance(recorded, list) and isinstance(told, list) and len(recorded) == len(told):
        return [name for one, other in zip(recorded, told, strict=True) for name in _missing(at, one, other)]
    return [] if _same(recorded, told) else [at]


def _plain(key: str) -> str:
    """`provisioningState` and `provisioning_state` alike, but not what differs in the case of one word."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _same(recorded: Any, told: Any) -> bool:
    """Times come out of one of the SDKs cut to microseconds."""
    if isinstance(recorded, str) and isinstance(told, str) and recorded[10:11] == "T":
        return recorded[:19] == told[:19]
    return bool(recorded == told)


@pytest.mark.parametrize("exchange", of_kind("read"))
async def test_a_resource_keeps_every_value(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        found = await ask_to_read(client, exchange)
    assert found.name == exchange.body["name"]
    assert lost(exchange.body, found) <= NOT_READ.keys()


@pytest.mark.parametrize("exchange", of_kind("list"))
async def test_a_list_keeps_every_value(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        found = await ask_to_list(client, exchange)
    assert len(found) == len(exchange.body["value"])
    for one, body in zip(found, exchange.body["value"], strict=True):
        assert lost(body, one) <= NOT_READ.keys()


@pytest.mark.parametrize("exchange", of_kind("write"))
async def test_a_write_is_sent_once_and_tells_where_it_goes_on(exchange: Exchange) -> None:
    tape = Tape(answered(exchange))
    async with client_on(tape, exchange) as client:
        poller = await ask_to_write(client, exchange)
        status = poller.status()
    assert [request.method for request in tape.asked] == [exchange.method]
    if exchange.sent is not None and exchange.method != "POST":
        assert json.loads(tape.asked[0].content) == exchange.sent
    if exchange.status == 202 or "azure-asyncoperation" in exchange.headers:
        assert status == "InProgress"
    elif exchange.body is not None:
        assert status in ("Succeeded", exchange.body["properties"]["provisioningState"])


@pytest.mark.parametrize("exchange", of_kind("poll"))
async def test_a_poll_tells_whether_the_operation_has_ended(exchange: Exchange) -> None:
    header = "location" if "dbforpostgresql" in exchange.path.lower() and "Results" in exchange.path else None
    follow = {header or "azure-asyncoperation": exchange.url}
    tape = Tape(httpx.Response(202, headers=follow), answered(exchange))
    async with client_on(tape, exchange) as client:
        if hasattr(client, "servers"):
            poller = await client.servers.begin_restart("group", "server")
        else:
            poller = await client.accounts.begin_delete("group", "account")
        if exchange.status == 404:
            with pytest.raises(BadStatus):
                await poller.polling_method().update_status()
            return
        await poller.polling_method().update_status()
        assert poller.status() == ("Succeeded" if header else exchange.body["status"])


@pytest.mark.parametrize("exchange", of_kind("check"))
async def test_a_name_is_checked(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        told = await client.name_availability.check_with_location(exchange.tail[1], exchange.sent)
    assert told.name_available is True
    assert lost(exchange.body, told) == set()


@pytest.mark.parametrize("exchange", of_kind("error"))
async def test_an_error_gives_its_code_and_message(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        with pytest.raises(HttpResponseError) as caught:
            await ask_to_write(client, exchange)
    assert caught.value.status_code == exchange.status
    assert caught.value.error.code == exchange.body["error"]["code"]
    assert caught.value.error.message == exchange.body["error"]["message"]


async def test_what_the_sdk_does_not_read_is_exactly_what_is_named() -> None:
    found: set[str] = set()
    for exchange in (one for one in EXCHANGES if kind_of(one) == "read"):
        async with client_on(Tape(answered(exchange)), exchange) as client:
            found |= lost(exchange.body, await ask_to_read(client, exchange))
    assert found == NOT_READ.keys()


def test_every_exchange_is_of_a_kind_that_is_tested() -> None:
    tested = ["read", "list", "write", "poll", "check", "error"]
    counts = {kind: sum(kind_of(one) == kind for one in EXCHANGES) for kind in tested}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()), f"of {len(EXCHANGES)} exchanges")
    assert sum(counts.values()) == len(EXCHANGES)
