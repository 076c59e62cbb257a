"""Every write to a server reaches the wire at most once, and what came back says whether it may have taken effect."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from console.azure.credentials import RehearsalCredential
from console.azure.postgres_actions import PostgresActions
from console.clock import SystemClock
from console.config.settings import AzureSettings
from console.domain.failure import Failure, FailureKind
from tests.engine.counting_server import Answer, arm_error, serving

Write = Callable[[PostgresActions], Awaitable[object]]
AT = datetime(2026, 11, 21, 3, 5, tzinfo=UTC)
UNKNOWN = FailureKind.UNKNOWN

WRITES: dict[str, Write] = {
    "back up": lambda client: client.back_up("db", "now"),
    "restore": lambda client: client.restore("db-r1", "/servers/db", "eastus", AT, {}),
    "place": lambda client: client.place_endpoint("db-r1", "rw", ("db-r1",)),
    "release": lambda client: client.release_endpoint("db", "rw"),
}
TROUBLES: dict[str, tuple[Answer, FailureKind]] = {
    "reset": (Answer(how="reset"), UNKNOWN),
    "closed": (Answer(how="close"), UNKNOWN),
    "307": (Answer(307, {"Location": "{url}/elsewhere"}), UNKNOWN),
    "503": (arm_error(503, "ServerTimeout", Retry_After="0"), UNKNOWN),
    "504": (arm_error(504, "GatewayTimeout"), UNKNOWN),
    "400": (arm_error(400, "GeoBackupsNotAvailable"), FailureKind.REJECTED),
    "401": (arm_error(401, "ExpiredAuthenticationToken"), FailureKind.SIGN_IN),
    "403": (arm_error(403, "AuthorizationFailed"), FailureKind.NOT_ALLOWED),
    "409": (arm_error(409, "ServerIsBusy", Retry_After="0"), FailureKind.CONFLICT),
    "409 asking to register": (arm_error(409, "MissingSubscriptionRegistration"), FailureKind.CONFLICT),
    "429": (arm_error(429, "TooManyRequests", Retry_After="0"), FailureKind.THROTTLED),
}
QUEUED = Answer(
    202,
    {"Azure-AsyncOperation": "{url}/operation", "Retry-After": "60", "Content-Type": "application/json"},
    b'{"operation": "RestoreSnapshotManagementOperation", "startTime": "2026-11-21T03:12:00.000Z"}',
)


async def attempt(url: str, write: Write) -> object:
    settings = AzureSettings(subscription="s", resource_group="g", credential="rehearsal", endpoint=url)
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as http:
        return await write(PostgresActions(settings, "g", RehearsalCredential(), http, SystemClock()))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize(("trouble", "kind"), TROUBLES.values(), ids=TROUBLES.keys())
async def test_a_write_in_trouble_is_sent_once_and_named_rightly(
    trouble: Answer, kind: FailureKind, write: Write
) -> None:
    async with serving(trouble) as seen:
        with pytest.raises(Failure) as raised:
            await attempt(seen.url, write)
    assert len(seen.requests) == 1
    assert raised.value.kind is kind


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_a_queued_write_is_not_polled_by_whoever_sends_it(write: Write) -> None:
    async with serving(QUEUED) as seen:
        accepted = await attempt(seen.url, write)
    assert len(seen.requests) == 1
    assert getattr(accepted, "operation", "") == f"{seen.url}/operation"


async def test_a_backup_has_no_body_and_a_restore_says_when_and_from_where() -> None:
    async with serving(QUEUED) as seen:
        await attempt(seen.url, WRITES["back up"])
        await attempt(seen.url, WRITES["restore"])
    assert seen.bodies[0] == b""
    assert json.loads(seen.bodies[1]) == {
        "location": "eastus",
        "properties": {
            "createMode": "PointInTimeRestore",
            "sourceServerResourceId": "/servers/db",
            "pointInTimeUTC": "2026-11-21T03:05:00.000Z",
        },
    }
