"""One bounded request to a service that may be slow, endless or hostile. Redirects are not followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from console.domain.clean import clean

LARGEST = 1_000_000
# What a strange address or header in the configuration raises besides httpx's own.
UNSENT = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, OverflowError, ExceptionGroup)
_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `body` is text as it is, or anything else as JSON; None sends none."""

    url: str
    method: str = "GET"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `whole` is false where the body is larger than was wanted, or compressed though not asked for."""

    status: int
    headers: httpx.Headers
    body: bytes
    whole: bool = True


async def ask(
    http: httpx.AsyncClient, asked: Asked, largest: int = LARGEST, timeout_s: float | None = None
) -> Answer:
    """The answer, with at most `largest` bytes of its body. Raises one of UNSENT.

    `timeout_s` bounds the connection and each read; the caller bounds the whole.
    """
    headers = {"accept-encoding": "identity", **{name.lower(): value for name, value in asked.headers.items()}}
    form = "content" if isinstance(asked.body, str) else "json"
    sent: dict[str, Any] = {form: asked.body} if asked.body is not None else {}
    async with http.stream(asked.method, asked.url, headers=headers, timeout=timeout_s, **sent) as response:
        body = bytearray()
        plain = response.headers.get("content-encoding", "identity").strip().lower() in ("", "identity")
        if response.is_stream_consumed:
            content = response.content
            return Answer(response.status_code, response.headers, content[:largest], len(content) <= largest)
        if not plain:
            return Answer(response.status_code, response.headers, b"", False)
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > largest:
                return Answer(response.status_code, response.headers, bytes(body[:largest]), False)
        return Answer(response.status_code, response.headers, bytes(body))


def why(error: BaseException) -> str:
    """Why nothing came, in a few words."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "no answer in time"
    return clean(str(error) or type(error).__name__, 160)


def unreached(error: BaseException) -> bool:
    """Whether nothing took the connection at all: then it may be our own network that is cut."""
    return isinstance(error, _UNREACHED)
