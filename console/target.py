"""One target, opened: its settings, its record, and the clients that read it, and write it where that is allowed."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import certifi
import httpx

from console.azure.credentials import OnDeviceCode, credential_for
from console.azure.read_client import ReadClient
from console.azure.signed_in import SignedIn
from console.clock import Clock
from console.config.settings import SignInSettings, TargetSettings, is_loopback
from console.domain.code import Revision
from console.domain.golden import GoldenResult
from console.layers import kind_of, names
from console.layers.layer import Door, Tools
from console.signals.board import Board, open_board
from console.signals.exams import Exams
from console.signals.golden import Examiner
from console.signals.probe import Prober
from console.signals.sources.source import Tools as Sources
from console.signals.window import Window
from console.steps.step import Examine, World

if TYPE_CHECKING:
    from console.azure.action_client import ActionClient

ARM_TIMEOUT = httpx.Timeout(20.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Clients:
    """What reaches the outside. `actions` is None where the console is read-only: there is nothing to write with."""

    reader: ReadClient
    prober: Prober
    actions: ActionClient | None
    credential: object
    http: tuple[httpx.AsyncClient, ...]
    doors: Mapping[str, Door]
    window: Window
    signals: Board
    examiner: Examiner | None = None

    def world(self, clock: Clock) -> World:
        """What the steps of a run may touch."""
        world = World(self.reader, self.prober, clock, self.actions)
        world.doors = self.doors
        world.examine = self._examine(world) if self.examiner is not None else None
        world.measure = self.signals.measure
        return world

    def _examine(self, world: World) -> Examine:
        """Puts the golden questions where the run reads the app to be."""

        async def examine(revision: Revision | None) -> GoldenResult | None:
            state = world.seen if revision is not None else await world.app()
            return await self.examiner.examine(state, revision) if self.examiner is not None else None

        return examine

    def lend(self) -> Mapping[str, Any] | None:
        """The token of a sign-in that took a person, which a runner cannot repeat; None for every other kind."""
        return self.credential.lend() if isinstance(self.credential, SignedIn) else None

    async def close(self) -> None:
        for door in self.doors.values():
            await door.close()
        await self.signals.close()
        for client in self.http:
            await client.aclose()


def open_clients(
    settings: TargetSettings,
    clock: Clock,
    *,
    writing: bool,
    transport: httpx.AsyncBaseTransport | None = None,
    on_device_code: OnDeviceCode | None = None,
    lent: Mapping[str, Any] | None = None,
    name: str = "",
    environment: Mapping[str, str] | None = None,
) -> Clients:
    """Clients for one target. `transport` carries everything in memory under simulation; `lent` is a lent token.

    `environment` resolves `env:NAME`, by default this process's own.

    Only the runner's process asks for `writing`; a console that shows and plans has nothing to write with.
    """
    arm, probes = open_http(settings.azure, settings.probe.url, transport)
    credential, app = credential_for(settings.azure, on_device_code), settings.code.container_app
    if lent is not None and isinstance(credential, SignedIn):
        credential.borrow(lent)
    actions = None
    if writing and not settings.read_only:
        from console.azure.action_client import ActionClient

        actions = ActionClient(settings.azure, app, credential, arm, clock)
    reader = ReadClient(settings.azure, app, credential, arm, clock)
    known = os.environ if environment is None else environment
    tools = Tools(name, settings, clock, arm, credential, known, writing and not settings.read_only, reader)
    doors = {one: kind_of(one).open(tools) for one in names() if one != "code" and kind_of(one).configured(settings)}
    window = Window()
    prober = Prober(settings.probe, probes, clock)
    examiner = Examiner(settings, probes, clock, known)
    exams = Exams(settings, examiner, reader.code_state, clock)
    signals = open_board(Sources(settings, clock, window, exams, arm, credential, known, transport))
    taken = examiner if examiner.configured else None
    return Clients(reader, prober, actions, credential, (arm, probes), doors, window, signals, taken)


def open_http(
    azure: SignInSettings, probed: str | None, transport: httpx.AsyncBaseTransport | None = None
) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """What speaks to Azure, and what asks the service at `probed`, or at its public address."""
    base = probed or "https://azurecontainerapps.io"
    trust = _trust(azure.ca, azure.arm, base)
    return _http(azure.arm, trust, transport), _http(base, trust, transport)


def _trust(authority: str | None, *bases: str) -> ssl.SSLContext:
    """One set of trusted authorities for all clients; none is loaded where nothing speaks TLS."""
    if all(base.startswith("http://") for base in bases):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context(cafile=authority or certifi.where())


def _http(base: str, trust: ssl.SSLContext, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """No redirects, no retries; a proxy from the environment is used for everything but loopback."""
    limits = httpx.Limits(max_connections=20, keepalive_expiry=60.0)
    return httpx.AsyncClient(
        transport=transport,
        verify=trust,
        timeout=ARM_TIMEOUT,
        limits=limits,
        follow_redirects=False,
        trust_env=transport is None and not is_loopback(base),
    )
