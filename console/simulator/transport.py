"""The in-memory shell: the machine as an httpx transport, for the SDKs and probes under virtual time."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from console.simulator.stage import Severed, Stage
from console.simulator.wire import Cut, Door, Request

NOWHERE = ".invalid"


class SimulatedTransport(httpx.AsyncBaseTransport):
    """Answers every request from a stage: the service's addresses from the service, all others as ARM.

    A cut connection raises `httpx.ReadError`, a refused one or a name below `.invalid`, which resolves nowhere,
    `httpx.ConnectError`.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith(NOWHERE):
            raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)
        body = await request.aread()
        headers = dict(request.headers.items())
        message = Request(request.method, str(request.url), headers, body, self._door(request.url))
        try:
            response = await self._stage.exchange(message)
        except Severed as severed:
            raise _broken(severed.cut, request) from severed
        return httpx.Response(
            response.status,
            headers=list(response.headers),
            content=response.body,
            extensions={"reason_phrase": response.reason.encode()},
            request=request,
        )

    def _door(self, url: httpx.URL) -> Door:
        account = self._stage.world.account
        host = url.host.lower()
        served = urlsplit(account.app_url)
        if account.app_url and url.netloc.decode().lower() == served.netloc.lower():
            return Door.SERVICE
        domains = tuple(f".{domain.lower()}" for domain in account.domains.values())
        return Door.SERVICE if host.endswith(domains or (".azurecontainerapps.io",)) else Door.ARM


def _broken(cut: Cut, request: httpx.Request) -> httpx.TransportError:
    if cut is Cut.REFUSED:
        return httpx.ConnectError("connection refused", request=request)
    return httpx.ReadError("the connection was cut", request=request)
