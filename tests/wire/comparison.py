"""How a simulated answer is held against a recorded one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from console.simulator.wire import Response
from tests.wire.recordings import Exchange

TRANSPORT = {"date", "content-length", "connection", "transfer-encoding", "server"}
READS = "x-ms-ratelimit-remaining-subscription-reads"
KEPT_HEADERS_THAT_MATTER = {
    "powershell-retry-after",
    "postgres-powershell-retry-after",
    "cognitive-deployment-unstripped-headers",
}
STRIPPED_BY_RECORDER = {"retry-after", "x-ms-request-id", "x-ms-correlation-request-id"}

VOLATILE = {
    "createdAt": "time of the recording",
    "lastModifiedAt": "time of the recording",
    "createdTime": "time of the recording",
    "lastActiveTime": "time of the recording",
    "startTime": "time of the recording",
    "customDomainVerificationId": "redacted in the recordings",
    "principalId": "made by Entra",
    "containerId": "random",
    "logStreamEndpoint": "holds a random replica name",
    "execEndpoint": "holds a random replica name",
    "earliestRestoreDate": "time of the recording",
    "completedTime": "time of the recording",
    "dateCreated": "time of the recording",
    "endTime": "time of the recording",
    "availabilityZone": "chosen by Azure",
    "minorVersion": "the patch level goes up with the years",
    "internalId": "random",
    "etag": "random",
    "eTag": "random",
}
TIMES = {
    "createdAt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "lastModifiedAt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "createdTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "lastActiveTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "startTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "earliestRestoreDate": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "completedTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "dateCreated": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "endTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?",
    "etag": r'"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    "eTag": r'"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
}


def differences(recorded: Exchange, expected: Any, simulated: Response) -> Iterator[str]:
    """Every way in which they differ; `expected` is the recorded body in the names of the simulated run."""
    if recorded.status != simulated.status:
        yield f"status {simulated.status}, recorded {recorded.status}: {simulated.body[:300]!r}"
        return
    if recorded.reason is not None and recorded.reason != simulated.reason:
        yield f"reason {simulated.reason!r}, recorded {recorded.reason!r}"
    yield from header_differences(recorded, simulated)
    yield from body_differences("", expected, simulated.json())


def header_differences(recorded: Exchange, simulated: Response) -> Iterator[str]:
    """Names both ways. What the recorder is known to strip may be there without having been recorded."""
    wanted = set(recorded.headers) - TRANSPORT
    given = {name.lower() for name, _ in simulated.headers} - TRANSPORT
    tolerated = STRIPPED_BY_RECORDER | {READS}
    if recorded.recording in KEPT_HEADERS_THAT_MATTER:
        tolerated |= {"content-type"}
    for name in sorted(wanted - given):
        yield f"header {name} missing"
    for name in sorted(given - wanted - tolerated):
        yield f"header {name} not recorded"


def body_differences(at: str, expected: Any, given: Any) -> Iterator[str]:
    """Keys, types and lengths everywhere; values everywhere but under volatile keys, whose form is compared."""
    if isinstance(expected, dict) and isinstance(given, dict):
        for key in expected.keys() - given.keys():
            yield f"{at}.{key} missing (recorded {expected[key]!r})"
        for key in given.keys() - expected.keys():
            yield f"{at}.{key} not recorded (is {given[key]!r})"
        for key in expected.keys() & given.keys():
            yield from body_differences(f"{at}.{key}", expected[key], given[key])
    elif isinstance(expected, list) and isinstance(given, list):
        if len(expected) != len(given):
            yield f"{at} has {len(given)} entries, recorded {len(expected)}"
        for number, (one, other) in enumerate(zip(expected, given, strict=False)):
            yield from body_differences(f"{at}[{number}]", one, other)
    else:
        yield from _value_differences(at, expected, given)


def _value_differences(at: str, expected: Any, given: Any) -> Iterator[str]:
    key = at.rsplit(".", 1)[-1]
    if _kind(expected) != _kind(given):
        yield f"{at} is {given!r}, recorded {expected!r}"
    elif key in TIMES and _rest(key, expected) != _rest(key, given):
        yield f"{at} is written {given!r}, recorded {expected!r}"
    elif key not in VOLATILE and expected != given:
        yield f"{at} is {given!r}, recorded {expected!r}"


def _kind(value: Any) -> str:
    return "number" if type(value) in (int, float) else type(value).__name__


def _rest(key: str, value: str) -> str:
    """What follows the digits of a time: `Z`, an offset, or nothing."""
    return re.sub(f"^{TIMES[key]}", "", value)
