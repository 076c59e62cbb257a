"""Who we are to Azure. azure-identity is imported only for the kinds that need it, when a token is first wanted."""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential

from console.azure.az_profile import known_subscription
from console.azure.signed_in import DeviceCode, OnDeviceCode, Prompt, SignedIn
from console.config.settings import SignInSettings
from console.domain.clean import clean

__all__ = ["DeviceCode", "Identity", "OnDeviceCode", "credential_for", "identity_in", "principal"]

AZ_S = 18


class RehearsalCredential:
    """A fixed word that only the embedded Azure takes."""

    def __init__(self, token: str = "rehearsal") -> None:
        self._token = token

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken(self._token, int(time.time()) + 86_400)

    async def close(self) -> None:
        """Nothing is held."""

    async def __aenter__(self) -> RehearsalCredential:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.close()


def credential_for(settings: SignInSettings, on_device_code: OnDeviceCode | None = None) -> AsyncTokenCredential:
    """The credential that `settings.credential` names (https://learn.microsoft.com/python/api/azure-identity).

    `on_device_code` shows a device code to a person, called in the event loop. Nothing is printed.
    """
    if settings.credential == "rehearsal":
        return RehearsalCredential(settings.rehearsal_token or "rehearsal")
    return SignedIn(settings, lambda prompt: build(settings, prompt), on_device_code)


def build(settings: SignInSettings, prompt: Prompt) -> TokenCredential:
    """azure-identity's own credential of that kind, for the tenant and the cloud of `settings`.

    Raises ValueError where the kind needs environment variables that are not there.
    """
    import azure.identity as identity

    cloud: dict[str, Any] = {"authority": settings.authority}
    tenant: dict[str, Any] = {"tenant_id": settings.tenant} if settings.tenant else {}
    match settings.credential:
        case "cli":
            return identity.AzureCliCredential(process_timeout=AZ_S, **_account(settings))
        case "device-code":
            return identity.DeviceCodeCredential(prompt_callback=prompt, **cloud, **tenant)
        case "managed-identity":
            return identity.ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID"))
        case "workload-identity":
            return identity.WorkloadIdentityCredential(**cloud, **tenant)
        case "environment":
            return identity.EnvironmentCredential(**cloud)
        case _:
            return identity.DefaultAzureCredential(
                exclude_interactive_browser_credential=True, process_timeout=AZ_S, **cloud
            )


def _account(settings: SignInSettings) -> dict[str, Any]:
    """Which of az's accounts: the tenant's where one is configured, else the one that knows the subscription.

    az takes one of both only, and refuses a subscription that it was never told of.
    """
    if settings.tenant:
        return {"tenant_id": settings.tenant}
    known = known_subscription(os.environ, settings.subscription)
    return {"subscription": known.id} if known else {}


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token speaks for, as far as its own claims say; the signature is Azure's to check."""

    name: str = "unknown"
    object_id: str = ""
    is_person: bool = False


def identity_in(token: str) -> Identity:
    """The identity in a token's claims; `unknown` where it has none that can be read."""
    parts = token.split(".")
    if len(parts) != 3:
        return Identity(clean(token, 40) if token.startswith("rehearsal") else "unknown")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return Identity()
    if not isinstance(claims, dict):
        return Identity()
    person = [clean(str(claims[key]), 80) for key in ("upn", "preferred_username", "unique_name") if claims.get(key)]
    others = [clean(str(claims[key]), 80) for key in ("app_displayname", "appid", "oid") if claims.get(key)]
    name = next(iter((*person, *others)), "unknown")
    is_person = bool(person) and claims.get("idtyp") != "app"
    return Identity(name, clean(str(claims.get("oid") or ""), 80), is_person)


def principal(token: str) -> str:
    """The name in a token."""
    return identity_in(token).name
