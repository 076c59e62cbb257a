"""Asks the service itself: does it answer, and which revision answered?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from console.clock import Clock
from console.config.settings import IdentitySettings, ProbeSettings
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.signal import Sample

# httpx's timeouts are per read: a service that drips its answer would never meet them.
WHOLE = 2.0
# What a strange address or header in the configuration raises besides httpx's own.
_UNSENT = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, OverflowError, ExceptionGroup)


class Prober:
    """Probes the app or one revision over HTTP. Never raises: what did not answer is a sample without a status."""

    def __init__(self, settings: ProbeSettings, http: httpx.AsyncClient, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock

    @property
    def identifies(self) -> bool:
        """Whether the service is configured to say which revision answered."""
        return self._settings.identity is not None

    @property
    def every_s(self) -> float:
        return self._settings.every_s

    @property
    def path(self) -> str:
        return self._settings.path

    async def ask_app(self, state: CodeState) -> Sample:
        """One request to the app's own address, answered by whichever revision the weights choose."""
        base = self._settings.url or (f"https://{state.fqdn}" if state.fqdn else "")
        return await self._ask(base)

    async def ask_revision(self, revision: Revision) -> Sample:
        """One request to a revision's own address, whatever its weight."""
        template = self._settings.revision_url
        base = template.replace("{revision}", revision.name) if template else ""
        return await self._ask(base or (f"https://{revision.fqdn}" if revision.fqdn else ""))

    async def _ask(self, base: str) -> Sample:
        started = self._clock.now()
        if not base:
            return Sample(started, None, error="it has no address that can be asked from here")
        url = base.rstrip("/") + self._settings.path
        timeout_s = self._settings.timeout_s
        try:
            async with asyncio.timeout(WHOLE * timeout_s):
                answer = await self._http.get(url, headers=self._settings.headers, timeout=timeout_s)
        except _UNSENT as error:
            return Sample(self._clock.now(), None, error=_why(error))
        ended = self._clock.now()
        latency_s = (ended - started).total_seconds()
        return Sample(ended, answer.status_code, _who(answer, self._settings.identity), latency_s)


def _why(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "no answer in time"
    return clean(str(error) or type(error).__name__, 160)


def _who(answer: httpx.Response, identity: IdentitySettings | None) -> str | None:
    """The revision that the answer names, cleaned, or None."""
    if identity is None:
        return None
    if identity.header is not None:
        named = answer.headers.get(identity.header)
        return clean(named, 200) if named else None
    return _pointed(answer, identity.json_pointer or "")


def _pointed(answer: httpx.Response, pointer: str) -> str | None:
    """What a JSON pointer (RFC 6901) finds in the body, where that is text."""
    try:
        value: Any = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return clean(value, 200) if isinstance(value, str) else None
