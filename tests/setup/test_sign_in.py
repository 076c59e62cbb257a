"""Every way to sign in: constructed for its cloud, kept, renewed, and told in sentences where it fails."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import azure.identity
import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError

from console.azure.action_client import ActionClient
from console.azure.az_profile import default_subscription, known_subscription
from console.azure.credentials import DeviceCode, build, credential_for, identity_in, principal
from console.azure.read_client import ReadClient
from console.azure.sign_in_errors import explained
from console.azure.signed_in import SignedIn
from console.clock import SystemClock
from console.config import AzureSettings, SignInSettings
from console.domain.failure import Failure, FailureKind

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
TENANT = "11111111-1111-1111-1111-111111111111"
EXPIRES = datetime(2026, 11, 21, 3, 27, tzinfo=UTC)


def sign_in(credential: str = "cli", **fields: Any) -> SignInSettings:
    return SignInSettings.model_validate({"subscription": SUBSCRIPTION, "credential": credential, **fields})


def never(*told: object) -> None:
    raise AssertionError("nobody is to be asked")


@pytest.fixture
def workload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": TENANT, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "token")}
    for name, value in names.items():
        monkeypatch.setenv(name, value)


CLOUDS = {
    "public": "login.microsoftonline.com",
    "china": "login.chinacloudapi.cn",
    "government": "login.microsoftonline.us",
}


@pytest.mark.usefixtures("workload")
@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("cli", azure.identity.AzureCliCredential),
        ("device-code", azure.identity.DeviceCodeCredential),
        ("managed-identity", azure.identity.ManagedIdentityCredential),
        ("workload-identity", azure.identity.WorkloadIdentityCredential),
        ("environment", azure.identity.EnvironmentCredential),
        ("default", azure.identity.DefaultAzureCredential),
    ],
)
def test_each_kind_is_azure_identitys_own(kind: str, made: type, cloud: str) -> None:
    assert isinstance(build(sign_in(kind, cloud=cloud, tenant=TENANT), never), made)


@pytest.mark.parametrize(("cloud", "authority"), CLOUDS.items())
def test_a_device_code_is_asked_for_where_the_cloud_signs_in(cloud: str, authority: str) -> None:
    made: Any = build(sign_in("device-code", cloud=cloud, tenant=TENANT), never)
    assert made._authority == f"https://{authority}"
    assert made._tenant_id == TENANT
    assert sign_in(cloud=cloud).authority == authority


def az_profile(folder: Path, *entries: dict[str, object]) -> None:
    (folder / "home" / ".azure").mkdir(parents=True)
    text = json.dumps({"subscriptions": list(entries)})
    (folder / "home" / ".azure" / "azureProfile.json").write_text(text, encoding="utf-8-sig")


def entry(identity: str = SUBSCRIPTION, **fields: object) -> dict[str, object]:
    body = {
        "id": identity,
        "name": "the shop",
        "tenantId": TENANT,
        "isDefault": True,
        "environmentName": "AzureCloud",
    }
    return {**body, **fields}


def test_az_is_asked_for_the_account_that_knows_the_subscription(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    unknown: Any = build(sign_in(), never)
    az_profile(tmp_path, entry())
    known: Any = build(sign_in(), never)
    configured: Any = build(sign_in(tenant=TENANT), never)
    assert (unknown.subscription, unknown.tenant_id) == (None, "")
    assert (known.subscription, known.tenant_id) == (SUBSCRIPTION, "")
    assert (configured.subscription, configured.tenant_id) == (None, TENANT)


def test_az_remembers_a_default_and_names(tmp_path: Path) -> None:
    az_profile(tmp_path, entry("a", isDefault=False), entry("b", name="other", environmentName="AzureChinaCloud"))
    environment = {"HOME": str(tmp_path / "home")}
    default, named = default_subscription(environment), known_subscription(environment, "The Shop")
    assert default is not None
    assert (default.id, default.cloud) == ("b", "china")
    assert named is not None
    assert named.id == "a"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"subscriptions": 7}', '{"subscriptions": [7]}', '{"x": []}'])
def test_a_profile_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "azureProfile.json").write_text(text)
    assert default_subscription({"AZURE_CONFIG_DIR": str(tmp_path)}) is None


class Blocking:
    """Stands for one of azure-identity's: answers from a list, and counts. A function in the list is called."""

    def __init__(self, *answers: AccessToken | Exception | Callable[[], AccessToken]) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        self.asked.append(kwargs)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, AccessToken) else answer()


class Wall:
    """A clock on the wall that somebody moves."""

    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def signed_in(blocking: Any, wall: Wall, kind: str = "cli", **options: Any) -> SignedIn:
    return SignedIn(sign_in(kind), lambda prompt: blocking, wall_s=wall, **options)


async def test_a_token_is_kept_and_renewed_before_it_ends() -> None:
    wall, blocking = Wall(), Blocking(AccessToken("first", 5_000), AccessToken("second", 9_000))
    credential = signed_in(blocking, wall)
    assert (await credential.get_token("s")).token == "first"
    wall.now_s = 4_600
    assert (await credential.get_token("s")).token == "first"
    wall.now_s = 4_800
    assert (await credential.get_token("s")).token == "second"
    assert len(blocking.asked) == 2


async def test_a_sign_in_that_is_down_does_not_take_away_a_token_that_still_lives() -> None:
    wall, blocking = Wall(), Blocking(AccessToken("first", 5_000), ClientAuthenticationError(message="down"))
    credential = signed_in(blocking, wall)
    await credential.get_token("s")
    wall.now_s = 4_900
    assert (await credential.get_token("s")).token == "first"
    wall.now_s = 4_999
    with pytest.raises(ClientAuthenticationError):
        await credential.get_token("s")


async def test_everybody_who_asks_at_once_gets_the_one_answer() -> None:
    release = threading.Event()

    def slow() -> AccessToken:
        release.wait(10)
        return AccessToken("one", 9_000)

    blocking = Blocking(slow)
    credential = signed_in(blocking, Wall())
    waiting = [asyncio.ensure_future(credential.get_token("s")) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    release.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert [one.token for one in told[1:] if isinstance(one, AccessToken)] == ["one"] * 4
    assert len(blocking.asked) == 1


class Azure:
    """Takes one token at a time, and says 401 to every other."""

    def __init__(self, takes: str) -> None:
        self.takes = takes
        self.requests: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].partition(" ")[2]
        self.requests.append((request.method, token))
        if token != self.takes:
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return httpx.Response(401, json={"error": {"code": "ExpiredAuthenticationToken"}}, headers=challenge)
        return httpx.Response(200, json={"name": "bot--1", "properties": {"active": True}})


@pytest.fixture
def azure_now() -> Azure:
    return Azure("second")


@pytest.fixture
def http(azure_now: Azure) -> Iterator[httpx.AsyncClient]:
    client = httpx.AsyncClient(transport=httpx.MockTransport(azure_now))
    yield client
    asyncio.run(client.aclose())


REAL = AzureSettings(subscription=SUBSCRIPTION, resource_group="g", credential="cli")


async def test_a_read_with_a_token_that_ended_is_sent_again_once_with_another(
    azure_now: Azure, http: httpx.AsyncClient
) -> None:
    blocking = Blocking(AccessToken("first", 9_000_000_000), AccessToken("second", 9_000_000_000))
    reader = ReadClient(REAL, "bot", signed_in(blocking, Wall()), http, SystemClock())
    revision = await reader.revision("bot--1")
    assert revision is not None
    assert azure_now.requests == [("GET", "first"), ("GET", "second")]


async def test_a_read_that_is_refused_with_every_token_ends(azure_now: Azure, http: httpx.AsyncClient) -> None:
    blocking = Blocking(AccessToken("stale", 9_000_000_000))
    reader = ReadClient(REAL, "bot", signed_in(blocking, Wall()), http, SystemClock())
    with pytest.raises(Failure) as told:
        await reader.revision("bot--1")
    assert told.value.kind is FailureKind.SIGN_IN
    assert len(azure_now.requests) == len(blocking.asked) == 2


async def test_a_write_is_never_sent_again_and_the_next_one_has_another_token(
    azure_now: Azure, http: httpx.AsyncClient
) -> None:
    blocking = Blocking(AccessToken("first", 9_000_000_000), AccessToken("second", 9_000_000_000))
    actions = ActionClient(REAL, "bot", signed_in(blocking, Wall()), http, SystemClock())
    with pytest.raises(Failure) as told:
        await actions.activate("bot--1")
    assert told.value.kind is FailureKind.SIGN_IN
    assert told.value.nothing_changed
    assert azure_now.requests == [("POST", "first")]
    await actions.activate("bot--1")
    assert azure_now.requests[1:] == [("POST", "second")]


class DeviceCodes:
    """A device code sign-in: prompts as azure-identity does, then waits for the person."""

    def __init__(self, prompt: Callable[[str, str, datetime], None]) -> None:
        self._prompt = prompt
        self.entered = threading.Event()

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        self._prompt("https://microsoft.com/devicelogin", "ABC\x1b[2J123", EXPIRES)
        self.entered.wait(10)
        return AccessToken("signed in", 9_000)


class Signing:
    """A `SignedIn` by device code whose thread this test holds."""

    def __init__(self, on_device_code: Callable[[DeviceCode], None] | None) -> None:
        self.made: list[DeviceCodes] = []
        self.credential = SignedIn(sign_in("device-code"), self._build, on_device_code, Wall())

    def _build(self, prompt: Callable[[str, str, datetime], None]) -> Any:
        self.made.append(DeviceCodes(prompt))
        return self.made[-1]


async def test_a_device_code_reaches_whoever_shows_it_and_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    shown: asyncio.Future[DeviceCode] = asyncio.get_running_loop().create_future()
    signing = Signing(shown.set_result)
    waiting = asyncio.ensure_future(signing.credential.get_token("s"))
    code = await shown
    assert signing.credential.waits_for_a_person
    assert code.sentence == (
        "open https://microsoft.com/devicelogin and enter the code ABC\\x1b[2J123 before 03:27 Z"
    )
    signing.made[0].entered.set()
    assert (await waiting).token == "signed in"
    assert (await signing.credential.get_token("s")).token == "signed in"
    assert len(signing.made) == 1
    assert capfd.readouterr() == ("", "")


async def test_where_nobody_can_be_shown_a_code_the_error_says_it_and_the_sign_in_goes_on() -> None:
    signing = Signing(None)
    with pytest.raises(ClientAuthenticationError, match="enter the code ABC") as first:
        await signing.credential.get_token("s")
    with pytest.raises(ClientAuthenticationError) as second:
        await signing.credential.get_token("s")
    assert str(first.value) == str(second.value)
    signing.made[0].entered.set()
    token = await asyncio.shield(signing.credential._asking or asyncio.Future())
    assert (await signing.credential.get_token("s")).token == token.token


async def test_a_read_waits_for_the_person_and_for_azure_only_then(
    azure_now: Azure, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure_now.takes = "signed in"
    monkeypatch.setattr("console.azure.patience.READ_S", 0.5)
    shown: asyncio.Future[DeviceCode] = asyncio.get_running_loop().create_future()
    signing = Signing(shown.set_result)
    settings = AzureSettings(subscription=SUBSCRIPTION, resource_group="g", credential="device-code")
    reader = ReadClient(settings, "bot", signing.credential, http, SystemClock())
    reading = asyncio.ensure_future(reader.revision("bot--1"))
    await shown
    assert await asyncio.wait({reading}, timeout=0.8) == (set(), {reading})
    signing.made[0].entered.set()
    assert await reading is not None


TENANTS = "az login --tenant 11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        (sign_in(), CredentialUnavailableError("Azure CLI not found on path"), "az is not installed here"),
        (sign_in(), CredentialUnavailableError("Please run 'az login' to set up an account"), "run `az login`"),
        (
            sign_in(),
            ClientAuthenticationError("AADSTS700082: The refresh token has expired\nTrace"),
            "not good any more",
        ),
        (sign_in(tenant=TENANT), CredentialUnavailableError("Please run 'az login'"), f"run `{TENANTS}`"),
        (
            sign_in(cloud="china"),
            CredentialUnavailableError("Please run 'az login'"),
            "az cloud set --name AzureChinaCloud && az login",
        ),
        (sign_in(), CredentialUnavailableError("Failed to invoke the Azure CLI"), "did not answer in time"),
        (sign_in(), ClientAuthenticationError("ERROR: \x1b[31mstrange\nmore"), "ERROR: \\x1b[31mstrange"),
        (sign_in("device-code"), ClientAuthenticationError("Timed out waiting for user"), "not entered in time"),
        (sign_in("managed-identity"), CredentialUnavailableError("no IMDS"), "no managed identity that answers"),
        (sign_in("workload-identity"), ValueError("x"), "AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE are not set"),
        (
            sign_in("environment"),
            CredentialUnavailableError("Environment variables are not fully configured"),
            "AZURE_TENANT_ID, AZURE_CLIENT_SECRET are not set",
        ),
        (sign_in("default"), ClientAuthenticationError("a\nb\nc"), "none of the usual ways worked"),
    ],
)
def test_each_failure_is_one_sentence_that_says_what_to_do(
    settings: SignInSettings, error: Exception, told: str
) -> None:
    sentence = explained(settings, error, {"AZURE_CLIENT_ID": "a-client-id", "AZURE_PASSWORD": "s3cret"})
    assert told in sentence
    assert "\n" not in sentence
    assert "s3cret" not in sentence
    assert "a-client-id" not in sentence


async def test_the_real_ones_fail_in_sentences_without_any_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    told = {}
    for kind in ("cli", "workload-identity", "environment"):
        with pytest.raises(ClientAuthenticationError) as error:
            await credential_for(sign_in(kind)).get_token("https://management.azure.com/.default")
        told[kind] = str(error.value)
    assert "az is not installed here" in told["cli"]
    assert told["workload-identity"].startswith("AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE are")
    assert "AZURE_CLIENT_SECRET" in told["environment"]


def jwt(**claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.sig"


def test_a_token_says_who_it_is_for() -> None:
    alice = identity_in(jwt(upn="alice@contoso.example", oid="0f0f"))
    robot = identity_in(jwt(app_displayname="deploy", oid="0e0e", idtyp="app"))
    assert (alice.name, alice.object_id, alice.is_person) == ("alice@contoso.example", "0f0f", True)
    assert (robot.name, robot.object_id, robot.is_person) == ("deploy", "0e0e", False)
    assert principal("rehearsal-reader") == "rehearsal-reader"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.W10.x", "e30.bm8.x", jwt()])
def test_a_token_that_says_nothing_is_unknown(token: str) -> None:
    assert principal(token) == "unknown"
