"""The HTTP shell: the stage on two loopback ports, one for ARM and its admin door, one for the service."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import ssl
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from console.simulator import admin, pharmabot, pipeline, releases, scenarios
from console.simulator.settings import Account
from console.simulator.stage import ScaledClock, Severed, Stage
from console.simulator.wire import Door, Request
from console.simulator.world import World

if TYPE_CHECKING:
    from console.simulator.tls import Authority

LOOPBACK = "127.0.0.1"
GRACE_S = 1.0
POLL_MS = 100


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is and what opens it; `simulator` prints it as one JSON line.

    `ca` is the file with the authority to trust, where it speaks HTTPS. `stores` is the service's SQLite file, with
    its team's files beside it; `repository` is the operator's clone, where the prompts are kept in git. `started` is
    the stage's time at its beginning, which everything in it is dated by.
    """

    arm: str
    app: str
    admin: str
    admin_token: str
    subscription: str
    tenant: str
    client_id: str
    client_secret: str
    resource_group: str
    container_app: str
    ca: str | None = None
    stores: str | None = None
    repository: str | None = None
    started: str | None = None


async def serve(
    *,
    scenario: str = scenarios.DEFAULT,
    port: int = 0,
    speed: float = 1.0,
    ready: Callable[[Addresses], None],
    stop: asyncio.Event,
    host: str = LOOPBACK,
    tls: bool = False,
    traffic: bool = True,
    seed: str | None = None,
    folder: Path | None = None,
) -> None:
    """Serves a scenario until `stop` is set, then closes what is open.

    Args:
        port: of ARM; 0 takes any. The service always gets one of its own.
        speed: stage seconds per real second.
        ready: called once with the addresses when both ports listen.
        tls: HTTPS on both ports, under an authority made for this start.
        traffic: whether light background traffic plays.
        seed: of everything random; by default another one at every start, so that no operation id comes twice.
        folder: of the service's stores, which stays; without it a temporary one that ends with the stage.

    Raises ValueError for an address that is not loopback or an unknown scenario, OSError for a port that is taken.
    """
    check_loopback(host)
    if scenario not in scenarios.SCENARIOS:
        raise ValueError(f"unknown scenario {scenario!r}; there are {', '.join(sorted(scenarios.SCENARIOS))}")
    clock = ScaledClock(speed)
    stage = Stage(World(), clock)
    async with AsyncExitStack() as opened:
        authority = opened.enter_context(_throwaway(host)) if tls else None
        doors = [_Doorway(stage, door, authority.context if authority else None) for door in (Door.ARM, Door.SERVICE)]
        for door in doors:
            opened.push_async_callback(door.close)
        arm = await doors[0].open(host, port)
        app = await doors[1].open(host, 0)
        account = Account(admin_token=secrets.token_urlsafe(24), client_secret=secrets.token_urlsafe(24), app_url=app)
        began = clock.now()
        world = scenarios.build(scenario, account, began)
        place = folder or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="stage-")))
        world, stage.stores = scenarios.furnish(scenario, world, place.absolute(), began)
        opened.callback(stage.stores.close)
        settings = replace(world.settings, seed=seed or secrets.token_hex(8), poll_ms=POLL_MS if tls else None)
        stage.machine.world = replace(world, settings=settings)
        ready(replace(_addresses(stage, arm, app, authority), started=began.isoformat()))
        await _until(stop, stage, traffic)


def _throwaway(host: str) -> AbstractContextManager[Authority]:
    from console.simulator.tls import throwaway

    return throwaway(host)


def check_loopback(host: str) -> None:
    """The rehearsal stage has no business on a network. Raises ValueError."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise ValueError(f"the simulator listens on loopback only, not on {host!r}")


class _Doorway:
    """One listener."""

    def __init__(self, stage: Stage, door: Door, context: ssl.SSLContext | None) -> None:
        self._stage = stage
        self._door = door
        self._context = context
        self._base = ""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=GRACE_S)

    async def open(self, host: str, port: int) -> str:
        """Listens, and returns the root URL without a trailing slash."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, ssl_context=self._context).start()
        address = self._runner.addresses[0]
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        self._base = f"{'https' if self._context else 'http'}://{shown}:{address[1]}"
        return self._base

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        message = Request(request.method, self._base + request.raw_path, dict(request.headers), body, self._door)
        try:
            response = await self._stage.exchange(message)
        except Severed:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        return web.Response(
            status=response.status,
            reason=response.reason,
            headers=list(response.headers),
            body=response.body or None,
        )


def _addresses(stage: Stage, arm: str, app: str, authority: Authority | None) -> Addresses:
    account, stores = stage.world.account, stage.stores
    repository = stores.repository if stores is not None else None
    return Addresses(
        arm=arm,
        app=app,
        admin=arm + admin.PREFIX,
        admin_token=account.admin_token,
        subscription=account.subscription,
        tenant=account.tenant,
        client_id=account.client_id,
        client_secret=account.client_secret,
        resource_group=pharmabot.GROUP,
        container_app=releases.NAME,
        ca=str(authority.path) if authority else None,
        stores=str(stores.path) if stores is not None else None,
        repository=str(repository.clone) if repository is not None else None,
    )


async def _until(stop: asyncio.Event, stage: Stage, traffic: bool) -> None:
    playing: list[Coroutine[Any, Any, None]] = [pipeline.play(stage)]
    if traffic:
        playing.append(stage.play_traffic())
    tasks = [asyncio.create_task(one) for one in playing]
    try:
        await stop.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
