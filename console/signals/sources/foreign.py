"""Somebody else's HTTP interface: asked without redirects, with bounded bodies, secrets from the environment."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

import certifi
import httpx

from console.config import headers
from console.config.section import resolved
from console.config.settings import is_loopback
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.signals.asking import UNSENT, Answer, Asked, ask, why

WITHIN_S = 10.0


class Foreign:
    """One address. `what` names it in sentences: an address from the environment is never shown."""

    def __init__(
        self,
        url: str,
        sent: Mapping[str, str],
        environment: Mapping[str, str],
        what: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._sent, self._environment, self._what = url, sent, environment, what
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    async def asked(
        self, path: str = "", method: str = "GET", body: str | None = None, more: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer at `path` below the address. Raises Failure."""
        try:
            url = resolved(self._url, self._environment)
            sent = {**headers.resolved(self._sent, self._environment), **(more or {})}
        except KeyError as missing:
            sentence = f"{self._what}: the environment variable {clean(str(missing.args[0]), 100)} is not set"
            raise Failure(FailureKind.SIGN_IN, sentence) from None
        url = f"{url.rstrip('/')}{path}" if path and not url.rstrip("/").endswith(path.partition("?")[0]) else url
        try:
            http = await self._client(url)
            async with asyncio.timeout(WITHIN_S):
                return await ask(http, Asked(url, method, body, sent), timeout_s=WITHIN_S)
        except UNSENT as error:
            raise Failure(FailureKind.UNREACHABLE, f"{self._what}: {why(error)}") from error

    def document(self, answer: Answer) -> Any:
        """The JSON of an answer. Raises Failure for anything else."""
        if not 200 <= answer.status < 300:
            raise self.failure(f"answered {answer.status}")
        if not answer.whole:
            raise self.failure("its answer is too large, or compressed though not asked for")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.failure("its answer is not JSON") from None

    def failure(self, sentence: str) -> Failure:
        return Failure(FailureKind.REJECTED, f"{self._what}: {clean(sentence, 200)}")

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _client(self, url: str) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(
                transport=self._transport,
                verify=await asyncio.to_thread(self._trust, url),
                follow_redirects=False,
                trust_env=self._transport is None and not is_loopback(url),
            )
        return self._http

    def _trust(self, url: str) -> ssl.SSLContext:
        """SSL_CERT_FILE names a private authority, as for other tools."""
        if not url.startswith("https:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return ssl.create_default_context(cafile=self._environment.get("SSL_CERT_FILE") or certifi.where())
