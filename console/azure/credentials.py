"""Who we are to Azure. azure-identity is imported only for the kinds that need it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential

from console.config.settings import AzureSettings
from console.domain.clean import clean


class RehearsalCredential:
    """A fixed token that only the embedded Azure takes."""

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken("rehearsal", int(time.time()) + 86_400)

    async def close(self) -> None:
        """Nothing is held."""

    async def __aenter__(self) -> RehearsalCredential:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.close()


class ThreadedCredential:
    """One of azure-identity's blocking credentials, asked in a thread so that nothing else waits for it."""

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return await asyncio.to_thread(self._credential.get_token, *scopes, **kwargs)

    async def close(self) -> None:
        close = getattr(self._credential, "close", None)
        if callable(close):
            close()

    async def __aenter__(self) -> ThreadedCredential:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.close()


def credential_for(settings: AzureSettings) -> AsyncTokenCredential:
    """The credential that `settings.credential` names (https://learn.microsoft.com/python/api/azure-identity)."""
    if settings.credential == "rehearsal":
        return RehearsalCredential()
    return ThreadedCredential(_blocking(settings))


def _blocking(settings: AzureSettings) -> TokenCredential:
    import azure.identity as identity

    tenant: dict[str, Any] = {"tenant_id": settings.tenant} if settings.tenant else {}
    match settings.credential:
        case "cli":
            return identity.AzureCliCredential(**tenant)
        case "device-code":
            return identity.DeviceCodeCredential(**tenant)
        case "managed-identity":
            return identity.ManagedIdentityCredential()
        case "workload-identity":
            return identity.WorkloadIdentityCredential(**tenant)
        case "environment":
            return identity.EnvironmentCredential()
        case _:
            return identity.DefaultAzureCredential(exclude_interactive_browser_credential=True)


def principal(token: str) -> str:
    """Whom a token speaks for, as far as its own claims say; the signature is Azure's to check."""
    parts = token.split(".")
    if len(parts) != 3:
        return clean(token, 40) if token == "rehearsal" else "unknown"
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return "unknown"
    names = ("upn", "preferred_username", "unique_name", "app_displayname", "appid", "oid")
    return next((clean(str(claims[name]), 80) for name in names if claims.get(name)), "unknown")
