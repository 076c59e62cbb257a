"""A sign-in that lasts: tokens kept in memory, renewed before they end, asked for without holding anything up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError

from console.azure.sign_in_errors import explained
from console.config.settings import SignInSettings
from console.domain.clean import clean

FRESH_S = 300.0
USABLE_S = 15.0
CODE_S = 15.0


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person enters where, and until when, so that this console is signed in."""

    verification_uri: str
    user_code: str
    expires_on: datetime

    @property
    def sentence(self) -> str:
        until = self.expires_on.astimezone(UTC)
        return f"open {self.verification_uri} and enter the code {self.user_code} before {until:%H:%M} Z"


OnDeviceCode = Callable[[DeviceCode], None]
Prompt = Callable[[str, str, datetime], None]
Build = Callable[[Prompt], TokenCredential]


class SignedIn:
    """One of azure-identity's blocking credentials, asked in a thread of its own.

    A token is kept while it is fresh and renewed in its last five minutes; where that fails, the old one serves for
    as long as it lives. Whoever asks meanwhile waits for the same answer. A device code goes to `on_device_code`, in
    the event loop; where there is nobody to show it to, it is the sentence of the error.

    Every error is a `ClientAuthenticationError` whose message says what to do.
    """

    def __init__(
        self,
        settings: SignInSettings,
        build: Build,
        on_device_code: OnDeviceCode | None = None,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._build, self._wall_s = settings, build, wall_s
        self._on_device_code = on_device_code
        self._credential: TokenCredential | None = None
        self._kept: AccessToken | None = None
        self._asking: asyncio.Future[AccessToken] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._code: DeviceCode | None = None
        self._prompted = asyncio.Event()

    @property
    def waits_for_a_person(self) -> bool:
        """Whether a token may take as long as a person takes, who has been shown a code."""
        return self._settings.credential == "device-code" and self._on_device_code is not None

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        kept = None if kwargs.get("claims") else self._kept
        if self._lives(kept, FRESH_S):
            return kept
        try:
            return await self._asked(scopes, kwargs)
        except ClientAuthenticationError:
            if self._lives(kept, USABLE_S):
                return kept
            raise

    def lend(self) -> Mapping[str, Any] | None:
        """The token of a sign-in that took a person, for a runner of ours that could only ask that person again."""
        if not self.waits_for_a_person or not self._lives(self._kept, USABLE_S):
            return None
        return {"token": self._kept.token, "expires_on": self._kept.expires_on}

    def borrow(self, lent: Mapping[str, Any]) -> None:
        """Uses a token that the console lent, for as long as it lives."""
        self._kept = AccessToken(str(lent["token"]), int(lent["expires_on"]))

    def forget(self) -> None:
        """Drops the token: Azure does not take it any more."""
        self._kept = None

    async def close(self) -> None:
        close = getattr(self._credential, "close", None)
        if callable(close):
            close()

    async def __aenter__(self) -> SignedIn:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.close()

    def _lives(self, token: AccessToken | None, seconds: float) -> TypeGuard[AccessToken]:
        return token is not None and token.expires_on - self._wall_s() > seconds

    async def _asked(self, scopes: tuple[str, ...], options: dict[str, Any]) -> AccessToken:
        if self._asking is None or self._asking.done():
            self._asking = self._start(scopes, options)
        if self._settings.credential == "device-code" and self._on_device_code is None:
            return await self._unattended(self._asking)
        return await asyncio.shield(self._asking)

    async def _unattended(self, asking: asyncio.Future[AccessToken]) -> AccessToken:
        """The code is told at once, as an error; a later question finds the sign-in done."""
        prompted = asyncio.ensure_future(self._prompted.wait())
        either: set[asyncio.Future[Any]] = {asking, prompted}
        try:
            await asyncio.wait(either, timeout=CODE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            prompted.cancel()
        if asking.done():
            return asking.result()
        told = self._code.sentence if self._code else "no device code came from Microsoft Entra ID"
        raise ClientAuthenticationError(message=told)

    def _start(self, scopes: tuple[str, ...], options: dict[str, Any]) -> asyncio.Future[AccessToken]:
        """Asks in a daemon thread: a sign-in that hangs must not keep the console from ending."""
        loop = asyncio.get_running_loop()
        asking: asyncio.Future[AccessToken] = loop.create_future()
        asking.add_done_callback(_heard)
        self._code, self._prompted, self._loop = None, asyncio.Event(), loop

        def ask() -> None:
            try:
                self._credential = self._credential or self._build(self._prompt)
                token = self._credential.get_token(*scopes, **options)
            except (AzureError, ValueError, OSError) as error:
                refused = ClientAuthenticationError(message=explained(self._settings, error, os.environ))
                _later(loop, lambda: asking.set_exception(refused))
            else:
                _later(loop, lambda: self._keep(asking, token))

        threading.Thread(target=ask, name="azure sign-in", daemon=True).start()
        return asking

    def _keep(self, asking: asyncio.Future[AccessToken], token: AccessToken) -> None:
        """Keeps the token even where nobody waits for it any more."""
        self._kept = token
        asking.set_result(token)

    def _prompt(self, verification_uri: str, user_code: str, expires_on: datetime) -> None:
        """What azure-identity calls in its thread instead of printing."""
        if self._loop is not None:
            code = DeviceCode(clean(verification_uri, 200), clean(user_code, 40), expires_on)
            _later(self._loop, lambda: self._tell(code))

    def _tell(self, code: DeviceCode) -> None:
        self._code = code
        self._prompted.set()
        if self._on_device_code is not None:
            self._on_device_code(code)


def _later(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    """Hands `action` to the event loop, unless that has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(action)


def _heard(asking: asyncio.Future[AccessToken]) -> None:
    """An error that nobody waits for any more is not one of the event loop's."""
    if not asking.cancelled():
        asking.exception()
