"""The HTTP shell: loopback only, two ports, a token for the admin door, and cuts that are felt."""

from __future__ import annotations

import asyncio
import ipaddress
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from console.simulator.configuration import rehearsal_config
from console.simulator.server import Addresses, check_loopback, serve
from tests.simulator.driving import PHARMABOT, V41, V42, named

BEARER = {"Authorization": "Bearer any"}
BACK = {"properties": {"configuration": {"ingress": {"traffic": [named(V42, 0), named(V41, 100)]}}}}
VERSION = {"api-version": "2026-07-01"}


@asynccontextmanager
async def served(scenario: str = "bad-image", speed: float = 1.0, tls: bool = False) -> AsyncIterator[Addresses]:
    """A running server; it is stopped and has ended afterwards."""
    stop = asyncio.Event()
    ready: asyncio.Future[Addresses] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(scenario=scenario, speed=speed, tls=tls, ready=ready.set_result, stop=stop, traffic=False)
    )
    try:
        await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
        yield ready.result()
    finally:
        stop.set()
        await serving


async def test_it_listens_on_two_loopback_ports() -> None:
    async with served() as at, httpx.AsyncClient() as http:
        for url in (at.arm, at.app):
            assert ipaddress.ip_address(urlsplit(url).hostname or "").is_loopback
        assert urlsplit(at.arm).port != urlsplit(at.app).port
        app = await http.get(at.arm + PHARMABOT, params=VERSION, headers=BEARER)
        assert app.json()["name"] == at.container_app
        chat = await http.post(f"{at.app}/chat")
        assert chat.headers["x-revision"] == V42
        own = await http.post(f"{at.app}/-/revisions/{V41}/chat")
        assert (own.status_code, own.headers["x-revision"]) == (200, V41)


async def test_operation_urls_lead_back_to_it() -> None:
    async with served() as at, httpx.AsyncClient() as http:
        write = await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=BACK)
        assert (write.status_code, write.content) == (202, b"")
        assert "content-type" not in write.headers
        operation = write.headers["azure-asyncoperation"]
        assert operation.startswith(at.arm)
        assert (await http.get(operation, headers=BEARER)).json()["status"] == "InProgress"


async def test_speed_makes_its_time_pass_faster() -> None:
    async with served(speed=1_000_000) as at, httpx.AsyncClient() as http:
        write = await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=BACK)
        status = await http.get(write.headers["azure-asyncoperation"], headers=BEARER)
        assert status.json()["status"] == "Succeeded"


async def test_the_admin_door_needs_the_token_it_told() -> None:
    async with served() as at, httpx.AsyncClient() as http:
        assert (await http.get(f"{at.admin}/state")).status_code == 401
        token = {"Authorization": f"Bearer {at.admin_token}"}
        told = await http.get(f"{at.admin}/state", headers=token)
        assert told.json()["scenario"] == "bad-image"
        assert (await http.get(f"{at.app}/-/admin/state", headers=token)).status_code == 404


async def test_secrets_are_new_at_every_start() -> None:
    async with served() as one, served() as other:
        assert one.admin_token != other.admin_token
        assert one.client_secret != other.client_secret


async def test_no_operation_id_comes_twice() -> None:
    async with served() as one, served() as other, httpx.AsyncClient() as http:
        writes = [
            await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=BACK) for at in (one, other)
        ]
        operations = {write.headers["location"].split("Results/")[1].split("?")[0] for write in writes}
        assert len(operations) == 2


async def test_a_cut_connection_is_felt_and_counted_once() -> None:
    async with served() as at, httpx.AsyncClient() as http:
        admin = {"Authorization": f"Bearer {at.admin_token}"}
        fault = {"fault": "cut-after", "count": 1, "match": {"method": "PATCH"}}
        await http.post(f"{at.admin}/faults", json=fault, headers=admin)
        with pytest.raises(httpx.TransportError):
            await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=BACK)
        log = (await http.get(f"{at.admin}/requests", headers=admin)).json()["requests"]
        assert [one["method"] for one in log] == ["PATCH"]
        app = await http.get(at.arm + PHARMABOT, params=VERSION, headers=BEARER)
        assert app.json()["properties"]["provisioningState"] == "InProgress"


async def test_a_body_that_comes_in_pieces_is_read_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        text = httpx.Request("PATCH", "http://x", json=BACK).content
        for start in range(0, len(text), 7):
            yield text[start : start + 7]
            await asyncio.sleep(0)

    async with served() as at, httpx.AsyncClient() as http:
        write = await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, content=pieces())
        assert write.status_code == 202


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "example.org", ""])
async def test_any_other_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        await serve(ready=print, stop=asyncio.Event(), host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_every_form_of_loopback_is_allowed(host: str) -> None:
    check_loopback(host)


async def test_a_scenario_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="bad-image"):
        await serve(scenario="nonsense", ready=print, stop=asyncio.Event())


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with served() as at:
        with pytest.raises(OSError, match="address already in use"):
            await serve(port=urlsplit(at.arm).port or 0, ready=print, stop=asyncio.Event())


async def test_the_configuration_points_at_it() -> None:
    async with served() as at:
        config = tomllib.loads(rehearsal_config(at, scenario="bad-image"))
    target = config["targets"][config["default_target"]]
    assert target["environment"] == "rehearsal"
    assert target["azure"]["endpoint"] == at.arm
    assert target["azure"]["credential"] == "rehearsal"
    assert target["probe"]["url"] == at.app
    assert target["probe"]["revision_url"] == f"{at.app}/-/revisions/{{revision}}"
    assert at.admin_token not in str(config)
    assert at.client_secret not in str(config)
