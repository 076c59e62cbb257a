"""Signing in to PostgreSQL with a token of Microsoft Entra ID.

https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-configure-sign-in-azure-ad-authentication
"""

from __future__ import annotations

from typing import Any

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.stores.store import ENTRA_SCOPE, Token


def token_of(credential: Any) -> Token:
    """What gives a fresh token of the credential, as `Store` wants it; it raises Failure."""

    async def token() -> str:
        try:
            return str((await credential.get_token(ENTRA_SCOPE)).token)
        except Failure:
            raise
        except Exception as error:
            raise Failure(FailureKind.SIGN_IN, f"no token for PostgreSQL: {clean(str(error), 300)}") from error

    return token
