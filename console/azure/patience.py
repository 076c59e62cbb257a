"""How long a read may take, and what comes of it when it takes longer or says what nobody can read."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError

from console.azure.errors import read_failure
from console.domain.failure import Failure, FailureKind

T = TypeVar("T")

READ_S = 20.0
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits for reads of one credential's: for a person as long as it takes, for Azure at most `READ_S` seconds."""

    credential: AsyncTokenCredential
    scope: str

    async def told(self, call: Coroutine[Any, Any, T], resource: str) -> T:
        """What `call` answers. Raises Failure, `UNREACHABLE` where Azure does not answer in time or not readably."""
        try:
            if getattr(self.credential, "waits_for_a_person", False):
                await self.credential.get_token(self.scope)
            async with asyncio.timeout(READ_S):
                return await call
        except AzureError as error:
            raise read_failure(error, resource) from error
        except TimeoutError:
            sentence = f"Azure did not answer for {resource} within {READ_S:.0f} s"
            raise Failure(FailureKind.UNREACHABLE, sentence) from None
        except UNREADABLE as error:
            sentence = f"Azure's answer for {resource} cannot be read ({type(error).__name__})"
            raise Failure(FailureKind.UNREACHABLE, sentence) from error
        finally:
            call.close()
