"""Every recorded answer, given to the SDK's client over a transport of our own: it reads the values right."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.appcontainers.aio import ContainerAppsAPIClient

from console.azure.transport import HttpxTransport
from tests.wire.recordings import MISSING, Exchange, load

EXCHANGES = [exchange for recording in load() for exchange in recording.exchanges]

pytestmark = pytest.mark.skipif(not EXCHANGES, reason=MISSING)

NO_SDK_OPERATION = {
    "authConfigs": "asked through send_request: the error envelope is what counts",
    "resiliencyPolicies": "in previews only, the SDK has no such operation: asked through send_request",
}


class Token:
    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("recorded", 9_999_999_999)

    async def close(self) -> None:
        """Nothing to close."""


class Tape:
    """Answers requests with prepared answers, in order, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers.pop(0)


async def no_sleep(seconds: float) -> None:
    """Polls come at once."""


def answered(exchange: Exchange) -> httpx.Response:
    headers = {key: value for key, value in exchange.headers.items() if key != "content-length"}
    if exchange.body is None:
        return httpx.Response(exchange.status, headers=headers)
    headers.setdefault("content-type", "application/json; charset=utf-8")
    return httpx.Response(exchange.status, headers=headers, content=json.dumps(exchange.body).encode())


def client_on(tape: Tape, exchange: Exchange) -> ContainerAppsAPIClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(tape))
    subscription = exchange.path.split("/")[2]
    return ContainerAppsAPIClient(
        Token(), subscription, transport=HttpxTransport(http, no_sleep), retry_total=0, polling_interval=0
    )


def kinds(exchange: Exchange) -> str:
    """What the exchange is, in one word."""
    if exchange.operation:
        return "poll"
    if exchange.status >= 400:
        return "error"
    below = exchange.tail[2:]
    if not below:
        return {"GET": "app", "PATCH": "patch", "PUT": "put"}[exchange.method]
    if below[0] == "listSecrets":
        return "secrets"
    return {1: "revisions", 2: "revision", 3: "action" if exchange.method == "POST" else "replicas"}[len(below)]


def of_kind(*wanted: str) -> list[Any]:
    return [pytest.param(one, id=one.label) for one in EXCHANGES if kinds(one) in wanted] or [None]


def names(exchange: Exchange) -> tuple[str, str]:
    return exchange.path.split("/")[4], exchange.tail[1]


def same(model: Any, recorded: dict[str, Any]) -> bool:
    """Nothing of the answer was lost or bent: what the model holds is what was recorded."""
    return json.loads(json.dumps(model.as_dict())) == recorded


def assert_app(app: Any, body: dict[str, Any]) -> None:
    properties = body["properties"]
    configuration = properties["configuration"]
    assert same(app, body)
    assert app.name == body["name"]
    assert app.properties.provisioning_state == properties["provisioningState"]
    assert app.properties.latest_revision_name == properties.get("latestRevisionName")
    assert app.properties.latest_ready_revision_name == properties.get("latestReadyRevisionName")
    assert app.properties.configuration.active_revisions_mode == configuration["activeRevisionsMode"]
    assert app.properties.configuration.max_inactive_revisions == configuration.get("maxInactiveRevisions")
    images = [one["image"] for one in properties["template"]["containers"]]
    assert [one.image for one in app.properties.template.containers] == images
    if configuration.get("ingress"):
        traffic = configuration["ingress"]["traffic"] or []
        given = [
            (one.revision_name, one.weight, one.latest_revision, one.label)
            for one in app.properties.configuration.ingress.traffic or []
        ]
        fields = ("revisionName", "weight", "latestRevision", "label")
        assert given == [tuple(entry.get(field) for field in fields) for entry in traffic]


def assert_revision(revision: Any, body: dict[str, Any]) -> None:
    properties = body["properties"]
    assert same(revision, body)
    assert revision.name == body["name"]
    assert revision.properties.active is properties["active"]
    assert revision.properties.replicas == properties["replicas"]
    assert revision.properties.traffic_weight == properties["trafficWeight"]
    assert revision.properties.health_state == properties["healthState"]
    assert revision.properties.provisioning_state == properties["provisioningState"]
    assert revision.properties.running_state == properties.get("runningState")
    assert revision.properties.provisioning_error == properties.get("provisioningError")
    assert revision.properties.created_time.isoformat() == properties["createdTime"]


@pytest.mark.parametrize("exchange", of_kind("app"))
async def test_an_app_keeps_every_value(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        assert_app(await client.container_apps.get(*names(exchange)), exchange.body)


@pytest.mark.parametrize("exchange", of_kind("revision"))
async def test_a_revision_keeps_every_value(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        revision = await client.container_apps_revisions.get_revision(*names(exchange), exchange.tail[3])
    assert_revision(revision, exchange.body)


@pytest.mark.parametrize("exchange", of_kind("revisions"))
async def test_a_list_of_revisions_keeps_every_value(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        found = [one async for one in client.container_apps_revisions.list_revisions(*names(exchange))]
    assert len(found) == len(exchange.body["value"])
    for revision, body in zip(found, exchange.body["value"], strict=True):
        assert_revision(revision, body)


@pytest.mark.parametrize("exchange", of_kind("replicas"))
async def test_replicas_keep_every_value(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        replicas = client.container_apps_revision_replicas
        found = await replicas.list_replicas(*names(exchange), exchange.tail[3])
    assert same(found, exchange.body)


@pytest.mark.parametrize("exchange", of_kind("secrets"))
async def test_secrets_are_listed(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        found = await client.container_apps.list_secrets(*names(exchange))
    assert same(found, exchange.body)


@pytest.mark.parametrize("exchange", of_kind("action"))
async def test_an_action_is_sent_once_and_its_bare_string_is_no_trouble(exchange: Exchange) -> None:
    tape = Tape(answered(exchange))
    async with client_on(tape, exchange) as client:
        act = getattr(client.container_apps_revisions, f"{exchange.tail[4]}_revision")
        await act(*names(exchange), exchange.tail[3])
    assert [request.method for request in tape.asked] == ["POST"]


@pytest.mark.parametrize("exchange", of_kind("put"))
async def test_a_put_gives_the_app_in_progress(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        poller = await client.container_apps.begin_create_or_update(*names(exchange), exchange.sent)
        assert poller.status() == "InProgress"
        assert_app(poller.polling_method().resource(), exchange.body)


@pytest.mark.parametrize("exchange", of_kind("patch"))
async def test_a_patch_is_followed_by_the_operation_url(exchange: Exchange) -> None:
    status = {"id": "/operation", "name": "operation", "status": "Succeeded"}
    follow = exchange.headers.get("azure-asyncoperation", exchange.headers["location"])
    tape = Tape(answered(exchange), httpx.Response(200, json=status))
    async with client_on(tape, exchange) as client:
        poller = await client.container_apps.begin_update(*names(exchange), exchange.sent)
        assert poller.status() == "InProgress"
        await poller.polling_method().update_status()
        assert poller.status() == "Succeeded"
    assert json.loads(tape.asked[0].content) == exchange.sent
    assert str(tape.asked[1].url) == follow


@pytest.mark.parametrize("exchange", of_kind("poll"))
async def test_a_poll_tells_whether_the_operation_has_ended(exchange: Exchange) -> None:
    header = "location" if "OperationResults" in exchange.url else "azure-asyncoperation"
    tape = Tape(httpx.Response(202, headers={header: exchange.url}), answered(exchange))
    async with client_on(tape, exchange) as client:
        poller = await client.container_apps.begin_update("group", "app", {})
        await poller.polling_method().update_status()
        if header == "location":
            assert poller.status() == ("InProgress" if exchange.status == 202 else "Succeeded")
        else:
            assert poller.status() == exchange.body["status"]


@pytest.mark.parametrize("exchange", of_kind("error"))
async def test_an_error_gives_its_code_and_message(exchange: Exchange) -> None:
    async with client_on(Tape(answered(exchange)), exchange) as client:
        with pytest.raises(HttpResponseError) as caught:
            await _ask(client, exchange)
    assert caught.value.status_code == exchange.status
    assert caught.value.error.code == exchange.body["error"]["code"]
    assert caught.value.error.message == exchange.body["error"]["message"]


async def _ask(client: ContainerAppsAPIClient, exchange: Exchange) -> None:
    if len(exchange.tail) == 2 and exchange.method == "PUT":
        await client.container_apps.begin_create_or_update(*names(exchange), exchange.sent)
    elif len(exchange.tail) == 2:
        await client.container_apps.get(*names(exchange))
    else:
        assert exchange.tail[2] in NO_SDK_OPERATION
        response = await client.send_request(HttpRequest(exchange.method, exchange.url, json=exchange.sent))
        try:
            response.raise_for_status()
        except HttpResponseError as error:
            raise HttpResponseError(response=response, error_format=_arm()) from error


def _arm() -> Any:
    from azure.mgmt.core.exceptions import ARMErrorFormat

    return ARMErrorFormat


def test_every_exchange_is_of_a_kind_that_is_tested() -> None:
    tested = ["app", "revision", "revisions", "replicas", "secrets", "action", "put", "patch", "poll", "error"]
    counts = {kind: sum(kinds(one) == kind for one in EXCHANGES) for kind in tested}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()), f"of {len(EXCHANGES)} exchanges")
    assert sum(counts.values()) == len(EXCHANGES)
