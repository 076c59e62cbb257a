"""The policies between the SDK and the wire: patient for reads, one send for actions.

azure-core's default list retries, follows redirects, answers claims challenges and registers resource providers, each
of which sends a write a second time or a write nobody asked for (tested on loopback with azure-core 1.41). Both lists
here are explicit, so the SDK builds none of its own.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    AsyncRetryPolicy,
    ContentDecodePolicy,
    HeadersPolicy,
    RequestIdPolicy,
    UserAgentPolicy,
)

from console.config.settings import is_loopback

AGENT = "rollback-console"

# Without any handler, the SDK's log of an unreadable error body reaches stderr and tears the screen.
logging.getLogger("azure").addHandler(logging.NullHandler())


class OneTokenPolicy(AsyncBearerTokenCredentialPolicy[Any, Any]):
    """A bearer token for `endpoint` alone, never sent again on a challenge; plain HTTP only to loopback.

    A nextLink or an operation's address is Azure's to choose, and the token must not follow it to another host.
    """

    def __init__(self, credential: AsyncTokenCredential, scope: str, endpoint: str) -> None:
        super().__init__(credential, scope)
        self._host = urlsplit(endpoint).netloc.lower()
        self._loopback = is_loopback(endpoint)

    async def on_request(self, request: PipelineRequest[Any]) -> None:
        if urlsplit(request.http_request.url).netloc.lower() != self._host:
            raise ClientAuthenticationError("an answer names another host, where no token is sent")
        if self._loopback:
            request.context.options["enforce_https"] = False
        await super().on_request(request)

    async def on_challenge(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> bool:
        return False

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        """A token that Azure does not take is asked for anew before the next request, whoever sends it."""
        forget = getattr(self._credential, "forget", None)
        if response.http_response.status_code == 401 and callable(forget):
            forget()


class RenewingTokenPolicy(OneTokenPolicy):
    """For reads: a token that Azure does not take is asked for once more, and the read sent again with it."""

    async def on_challenge(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> bool:
        if await AsyncBearerTokenCredentialPolicy.on_challenge(self, request, response):
            return True
        await self.authorize_request(request, *self._scopes)
        return True


def once(credential: AsyncTokenCredential, scope: str, endpoint: str) -> list[Any]:
    """For actions: nothing here sends a request twice."""
    return [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(AGENT),
        ContentDecodePolicy(),
        OneTokenPolicy(credential, scope, endpoint),
    ]


def patient(credential: AsyncTokenCredential, scope: str, endpoint: str) -> list[Any]:
    """For reads: three retries with back-off, Retry-After obeyed up to the caller's own deadline."""
    return [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(AGENT),
        ContentDecodePolicy(),
        AsyncRetryPolicy(retry_total=3, retry_backoff_factor=0.4, retry_backoff_max=10),
        RenewingTokenPolicy(credential, scope, endpoint),
    ]
