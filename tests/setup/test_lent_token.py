"""A sign-in that took a person is lent to the runner, which could only ask that person again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from console.azure.signed_in import Prompt, SignedIn
from console.config.settings import AzureSettings

LATER_S = 2_000_000_000.0


class Person:
    """A credential that shows a code and is let in."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self._prompt("https://microsoft.com/devicelogin", "ABC123", datetime(2033, 5, 18, tzinfo=UTC))
        return AccessToken("for-this-test-alone", int(LATER_S) + 3600)


def signed_in(kind: str, shown: list[str] | None) -> SignedIn:
    settings = AzureSettings(subscription="s", resource_group="g", credential=kind)
    show = None if shown is None else (lambda code: shown.append(code.user_code))
    return SignedIn(settings, Person, show, wall_s=lambda: LATER_S)


async def test_the_runner_uses_what_the_console_was_given_and_asks_nobody() -> None:
    # Given a console that a person signed in
    shown: list[str] = []
    console = signed_in("device-code", shown)
    token = await console.get_token("scope")
    lent: Mapping[str, Any] | None = console.lend()
    assert lent is not None

    # When a runner borrows the token
    runner = signed_in("device-code", None)
    runner.borrow(lent)

    # Then it needs no code of its own
    assert (await runner.get_token("scope")).token == token.token
    assert shown == ["ABC123"]


@pytest.mark.parametrize("kind", ["cli", "managed-identity"])
async def test_what_a_runner_can_sign_in_with_by_itself_is_not_lent(kind: str) -> None:
    console = signed_in(kind, [])
    await console.get_token("scope")

    assert console.lend() is None
