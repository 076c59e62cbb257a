"""An azure-core transport over httpx that sends every request exactly once.

azure-core's own AioHttpTransport re-sends idempotent requests on a dropped connection (aiohttp does it), which a
rollback must never do. httpx, built without retries and without redirects, hands a request to the wire once or
raises. The same transport carries the embedded Azure in memory: give it a client over an in-memory httpx transport.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

import httpx
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest


class HttpxResponse(AsyncHttpResponse):
    """A wholly read httpx response in the shape azure-core expects."""

    def __init__(self, request: HttpRequest, response: httpx.Response) -> None:
        self._request = request
        self._response = response
        self._encoding: str | None = response.encoding

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._response.headers

    @property
    def reason(self) -> str:
        return self._response.reason_phrase

    @property
    def content_type(self) -> str | None:
        return str(self._response.headers["content-type"]) if "content-type" in self._response.headers else None

    @property
    def is_closed(self) -> bool:
        return True

    @property
    def is_stream_consumed(self) -> bool:
        return True

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def content(self) -> bytes:
        return self._response.content

    def text(self, encoding: str | None = None) -> str:
        return self.content.decode(encoding or self._encoding or "utf-8", errors="replace")

    def json(self) -> Any:
        return json.loads(self.text())

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise HttpResponseError(response=self)

    async def read(self) -> bytes:
        return self.content

    async def iter_bytes(self, **kwargs: Any) -> AsyncIterator[bytes]:
        yield self.content

    async def iter_raw(self, **kwargs: Any) -> AsyncIterator[bytes]:
        yield self.content

    def body(self) -> bytes:
        """The content, by the name under which the SDKs of Cognitive Services and PostgreSQL look for it."""
        return self.content

    def stream_download(self, pipeline: Any, **kwargs: Any) -> AsyncIterator[bytes]:
        """The content in parts, likewise."""
        return self.iter_bytes()

    async def close(self) -> None:
        """Nothing to release: the body was read when the response arrived."""

    async def __aenter__(self) -> HttpxResponse:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class HttpxTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Carries azure-core requests over an `httpx.AsyncClient` that the caller owns.

    Args:
        client: built with `follow_redirects=False` and a transport without retries.
        sleep: waits that many seconds; the virtual clock's under simulation.

    Raises `ServiceRequestError` when no connection could be made, so that nothing can have arrived, and
    `ServiceResponseError` for every failure after that: the request may have taken effect.
    """

    def __init__(self, client: httpx.AsyncClient, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._client = client
        self._sleep = sleep

    async def send(self, request: HttpRequest, **kwargs: Any) -> AsyncHttpResponse:
        try:
            outgoing = self._client.build_request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.content if isinstance(request.content, bytes | str) else None,
                timeout=_timeout(self._client.timeout, kwargs),
            )
            return HttpxResponse(request, await self._client.send(outgoing, follow_redirects=False))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL) as error:
            raise ServiceRequestError(str(error) or type(error).__name__, error=error) from error
        except httpx.HTTPError as error:
            raise ServiceResponseError(str(error) or type(error).__name__, error=error) from error

    async def sleep(self, duration: float) -> None:
        await self._sleep(duration)

    async def open(self) -> None:
        """The client is open from the start."""

    async def close(self) -> None:
        """The client is closed by its owner."""

    async def __aenter__(self) -> HttpxTransport:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


def _timeout(default: httpx.Timeout, options: dict[str, Any]) -> httpx.Timeout:
    """The client's timeouts, or azure-core's `connection_timeout` and `read_timeout` where a call gives them."""
    if "connection_timeout" not in options and "read_timeout" not in options:
        return default
    return httpx.Timeout(
        options.get("read_timeout", default.read), connect=options.get("connection_timeout", default.connect)
    )
