"""Asks the service itself: does it answer, and which revision answered?"""

from __future__ import annotations

import asyncio
import json

import httpx

from console.clock import Clock
from console.config.settings import IdentitySettings, ProbeSettings
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.pointer import pointed
from console.domain.signal import Sample
from console.signals.addresses import of_app, of_revision
from console.signals.asking import UNSENT, Answer, Asked, ask, unreached, why

# httpx's timeouts are per read: a service that drips its answer would never meet them.
WHOLE = 2.0


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
        return await self._ask(of_app(self._settings, state))

    async def ask_revision(self, revision: Revision) -> Sample:
        """One request to a revision's own address, whatever its weight."""
        return await self._ask(of_revision(self._settings, revision))

    async def _ask(self, base: str) -> Sample:
        started = self._clock.now()
        if not base:
            return Sample(started, None, error="it has no address that can be asked from here")
        asked = Asked(base.rstrip("/") + self._settings.path, headers=self._settings.headers)
        timeout_s = self._settings.timeout_s
        try:
            async with asyncio.timeout(WHOLE * timeout_s):
                answer = await ask(self._http, asked, timeout_s=timeout_s)
        except UNSENT as error:
            return Sample(self._clock.now(), None, error=why(error), reached=not unreached(error))
        ended = self._clock.now()
        latency_s = (ended - started).total_seconds()
        return Sample(ended, answer.status, _who(answer, self._settings.identity), latency_s)


def _who(answer: Answer, identity: IdentitySettings | None) -> str | None:
    """The revision that the answer names, cleaned, or None."""
    if identity is None:
        return None
    if identity.header is not None:
        named = answer.headers.get(identity.header)
        return clean(named, 200) if named else None
    return _pointed(answer, identity.json_pointer or "")


def _pointed(answer: Answer, pointer: str) -> str | None:
    """What a JSON pointer finds in the body, where that is text."""
    try:
        value = pointed(json.loads(answer.body), pointer)
    except (LookupError, ValueError, RecursionError):
        return None
    return clean(value, 200) if isinstance(value, str) else None
