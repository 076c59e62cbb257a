"""The sign-in beside ARM: enough of Microsoft Entra for a service principal with a secret, as az uses it.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow; never recorded.
"""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from console.simulator.chance import opaque
from console.simulator.wire import Request, Response, answer
from console.simulator.world import World

CONFIGURATION = "/v2.0/.well-known/openid-configuration"
TOKEN = "/oauth2/v2.0/token"
LIFETIME_S = 3599


def receive(world: World, request: Request, now: datetime) -> Response | None:
    """Answers a request about signing in; None for any other."""
    tenant = f"/{world.account.tenant}"
    match (request.method, request.path):
        case ("GET", path) if path == tenant + CONFIGURATION:
            return answer(200, _configuration(request.base + tenant))
        case ("POST", path) if path == tenant + TOKEN:
            return _token(world, request, now)
        case (_, path) if path.endswith((CONFIGURATION, TOKEN)):
            return _refused(400, "invalid_request", "AADSTS90002: Tenant not found.")
    return None


def _configuration(authority: str) -> dict[str, Any]:
    return {
        "issuer": f"{authority}/v2.0",
        "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
        "token_endpoint": authority + TOKEN,
        "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{authority}/discovery/v2.0/keys",
        "response_types_supported": ["code", "token"],
        "subject_types_supported": ["pairwise"],
    }


def _token(world: World, request: Request, now: datetime) -> Response:
    """A bearer token for the client credentials told at the start; anything else is refused as Entra would."""
    sent = {key: values[0] for key, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    account = world.account
    if sent.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
    if sent.get("client_id") != account.client_id:
        text = f"AADSTS700016: Application with identifier '{sent.get('client_id', '')}' was not found."
        return _refused(400, "unauthorized_client", text)
    secret = sent.get("client_secret", "")
    if not account.client_secret or not hmac.compare_digest(secret.encode(), account.client_secret.encode()):
        return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    told = {"token_type": "Bearer", "expires_in": LIFETIME_S, "ext_expires_in": LIFETIME_S}
    return answer(200, {**told, "access_token": _bearer(world, request, now)})


def _bearer(world: World, request: Request, now: datetime) -> str:
    """In the form of a JWT, for clients that look inside; nobody checks its signature."""
    issued = int(now.timestamp())
    claims = {
        "aud": request.base,
        "iss": f"{request.base}/{world.account.tenant}/",
        "iat": issued,
        "exp": issued + LIFETIME_S,
        "appid": world.account.client_id,
        "oid": world.account.object_id,
        "tid": world.account.tenant,
    }
    return ".".join((_part({"typ": "JWT", "alg": "RS256"}), _part(claims), opaque(f"token/{issued}", 86)))


def _part(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _refused(status: int, code: str, text: str) -> Response:
    return answer(status, {"error": code, "error_description": text})
