"""One target, opened: its settings, its record, and the clients that read it, and write it where that is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from console.azure.action_client import ActionClient
from console.azure.credentials import credential_for
from console.azure.read_client import ReadClient
from console.clock import Clock
from console.config.settings import TargetSettings, is_loopback
from console.signals.probe import Prober

ARM_TIMEOUT = httpx.Timeout(20.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Clients:
    """What reaches the outside. `actions` is None where the console is read-only: there is nothing to write with."""

    reader: ReadClient
    prober: Prober
    actions: ActionClient | None
    http: tuple[httpx.AsyncClient, ...]

    async def close(self) -> None:
        for client in self.http:
            await client.aclose()


def open_clients(
    settings: TargetSettings, clock: Clock, *, writing: bool, transport: httpx.AsyncBaseTransport | None = None
) -> Clients:
    """Clients for one target. `transport` carries everything in memory under simulation."""
    arm = _http(settings.azure.arm, transport)
    probes = _http(settings.probe.url or "https://azurecontainerapps.io", transport)
    credential, app = credential_for(settings.azure), settings.code.container_app
    writes = writing and not settings.read_only
    return Clients(
        ReadClient(settings.azure, app, credential, arm, clock),
        Prober(settings.probe, probes, clock),
        ActionClient(settings.azure, app, credential, arm, clock) if writes else None,
        (arm, probes),
    )


def _http(base: str, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """No redirects, no retries; a proxy from the environment is used for everything but loopback."""
    limits = httpx.Limits(max_connections=20, keepalive_expiry=60.0)
    return httpx.AsyncClient(
        transport=transport,
        timeout=ARM_TIMEOUT,
        limits=limits,
        follow_redirects=False,
        trust_env=transport is None and not is_loopback(base),
    )
