"""HTTPS: an authority for one start, trusted for loopback only, whose key nobody finds."""

from __future__ import annotations

import ipaddress
import ssl
import tomllib
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from console.config.load import parse
from console.simulator.configuration import rehearsal_config
from console.simulator.server import Addresses
from console.simulator.tls import throwaway
from tests.simulator.driving import PHARMABOT, V41, V42, named
from tests.simulator.test_server import served

VERSION = {"api-version": "2025-07-01"}
BEARER = {"Authorization": "Bearer any"}
BACK = {"properties": {"configuration": {"ingress": {"traffic": [named(V42, 0), named(V41, 100)]}}}}


def trusting(at: Addresses) -> httpx.AsyncClient:
    assert at.ca is not None
    return httpx.AsyncClient(verify=ssl.create_default_context(cafile=at.ca))


async def sign_in(http: httpx.AsyncClient, at: Addresses, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": at.client_id,
        "client_secret": at.client_secret,
        "scope": f"{at.arm}/.default",
    }
    return await http.post(f"{at.arm}/{at.tenant}/oauth2/v2.0/token", data=form | changed)


async def test_both_ports_speak_https_to_those_who_trust_its_authority() -> None:
    async with served(tls=True) as at, trusting(at) as http:
        app = await http.get(at.arm + PHARMABOT, params=VERSION, headers=BEARER)
        assert app.json()["name"] == "pharmabot"
        chat = await http.post(f"{at.app}/chat")
        assert chat.headers["x-revision"] == V42


async def test_nobody_else_trusts_it() -> None:
    async with served(tls=True) as at, httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(at.arm + PHARMABOT)


async def test_without_it_there_is_no_authority_and_no_pace() -> None:
    async with served() as at, httpx.AsyncClient() as http:
        assert at.ca is None
        write = await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=BACK)
        status = await http.get(write.headers["azure-asyncoperation"], headers=BEARER)
        assert "retry-after-ms" not in status.headers


async def test_operations_are_followed_over_https_at_a_pace() -> None:
    async with served(tls=True) as at, trusting(at) as http:
        write = await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=BACK)
        operation = write.headers["azure-asyncoperation"]
        assert operation.startswith(at.arm)
        assert (await http.get(operation, headers=BEARER)).headers["retry-after-ms"] == "100"


async def test_its_folder_is_its_owners_alone_and_gone_afterwards() -> None:
    async with served(tls=True) as at:
        authority = Path(at.ca or "")
        assert authority.parent.stat().st_mode & 0o077 == 0
        assert [one.name for one in authority.parent.iterdir()] == ["ca.pem"]
        assert "PRIVATE" not in authority.read_text()
    assert not authority.parent.exists()


def test_the_authority_can_vouch_for_loopback_only() -> None:
    with throwaway("127.0.0.1") as made:
        certificate = x509.load_pem_x509_certificate(made.path.read_bytes())
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    permitted = [one.value for one in constraints.value.permitted_subtrees or ()]
    networks = [one for one in permitted if isinstance(one, ipaddress.IPv4Network | ipaddress.IPv6Network)]
    assert all(network.is_loopback for network in networks)
    assert [one for one in permitted if one not in networks] == ["localhost"]


async def test_the_configuration_trusts_it() -> None:
    async with served(tls=True) as at:
        text = rehearsal_config(at, scenario="bad-image")
        settings = parse(text).targets["pharmabot"]
        assert settings.azure.ca == at.ca
        assert settings.azure.arm == at.arm
        assert at.client_secret not in text
    assert (
        "ca" not in tomllib.loads(rehearsal_config(plain(at), scenario="bad-image"))["targets"]["pharmabot"]["azure"]
    )


def plain(at: Addresses) -> Addresses:
    return Addresses(at.arm, at.app, "", "", "s", "t", "c", "", "g", "pharmabot")


async def test_a_service_principal_signs_in_with_the_secret_of_this_start() -> None:
    async with served(tls=True) as at, trusting(at) as http:
        told = (await http.get(f"{at.arm}/{at.tenant}/v2.0/.well-known/openid-configuration")).json()
        assert told["token_endpoint"] == f"{at.arm}/{at.tenant}/oauth2/v2.0/token"
        token = (await sign_in(http, at)).json()
        bearer = {"Authorization": f"{token['token_type']} {token['access_token']}"}
        assert (await http.get(at.arm + PHARMABOT, params=VERSION, headers=bearer)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_any_other_sign_in_is_refused(changed: dict[str, str], status: int, code: str) -> None:
    async with served() as at, httpx.AsyncClient() as http:
        refused = await sign_in(http, at, **changed)
        assert (refused.status_code, refused.json()["error"]) == (status, code)


async def test_another_tenant_is_not_known() -> None:
    async with served() as at, httpx.AsyncClient() as http:
        refused = await http.get(f"{at.arm}/elsewhere/v2.0/.well-known/openid-configuration")
        assert refused.status_code == 400
        assert "AADSTS90002" in refused.json()["error_description"]


async def test_a_large_body_is_read_whole() -> None:
    env = [{"name": f"SETTING_{number}", "value": "x" * 1000} for number in range(300)]
    template = {
        "containers": [{"name": "pharmabot", "image": "pharmabot:1.5.1", "env": env}],
        "revisionSuffix": "big",
    }
    async with served() as at, httpx.AsyncClient() as http:
        body = {"properties": {"template": template}}
        write = await http.patch(at.arm + PHARMABOT, params=VERSION, headers=BEARER, json=body)
        assert write.status_code == 202
        app = (await http.get(at.arm + PHARMABOT, params=VERSION, headers=BEARER)).json()
        assert len(app["properties"]["template"]["containers"][0]["env"]) == 300
