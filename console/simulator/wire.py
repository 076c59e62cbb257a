"""What goes in and out of the machine: plain HTTP messages, and the effects a shell has to carry out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from console.simulator.surroundings import Call, Surroundings
    from console.simulator.world import World

Json = dict[str, Any]
Headers = tuple[tuple[str, str], ...]


class Door(StrEnum):
    """Which of the two listeners a request came in by: the control plane or the service."""

    ARM = "arm"
    SERVICE = "service"


class Cut(StrEnum):
    """How a connection dies: before or after the machine acted, or never opened at all."""

    BEFORE = "before"
    AFTER = "after"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `url` is absolute; header names are compared without case.

    `around` is what the service finds at this moment, where a shell has stores for it.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    door: Door = Door.ARM
    around: Surroundings | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def base(self) -> str:
        """Scheme and host, for the URLs that an answer contains."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none; an empty body is None."""
        return json.loads(self.body) if self.body.strip() else None


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer, headers in order and in the casing sent."""

    status: int
    reason: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    def plus(self, *headers: tuple[str, str]) -> Response:
        return Response(self.status, self.reason, self.headers + headers, self.body)


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from a request: the next world, how the shell must treat the connection, and what it must log."""

    world: World
    delay_s: float = 0.0
    cut: Cut | None = None
    call: Call | None = None


REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def answer(status: int, body: Any = None, *headers: tuple[str, str]) -> Response:
    """A JSON answer; without a body an empty one with no content type, as ARM sends it."""
    reason = REASONS.get(status, "Unknown")
    if body is None:
        return Response(status, reason, headers)
    content = ("Content-Type", "application/json; charset=utf-8")
    return Response(status, reason, (content, *headers), json.dumps(body, ensure_ascii=False).encode())


def error(status: int, code: str, message: str, *headers: tuple[str, str]) -> Response:
    """ARM's error envelope, `{"error": {"code", "message"}}` (recorded in containerapps-errors-404)."""
    return answer(status, {"error": {"code": code, "message": message}}, *headers)


def http_date(now: datetime) -> str:
    """`Fri, 01 Nov 2024 10:19:12 GMT`."""
    return format_datetime(now, usegmt=True)


class Refused(Exception):
    """A request that is answered with an error and changes nothing."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def refuse(status: int, code: str, message: str, *headers: tuple[str, str]) -> Refused:
    """The exception that answers with this ARM error."""
    return Refused(error(status, code, message, *headers))
