"""Signing in to a database, and what is said where that fails: never a secret, never a file made in passing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.config.section import StoreSection
from console.domain.failure import Failure, FailureKind
from console.stores.entra import token_of
from console.stores.store import ENTRA_SCOPE, Store


def password(connection: Any) -> str:
    return str(connection.connection.driver_connection.info.password)


async def test_the_address_and_its_password_come_from_the_environment(postgres_url: str) -> None:
    url = postgres_url.replace("postgres@", "postgres:from-the-environment@")
    store = Store(StoreSection(url="env:PROMPTS_URL"), {"PROMPTS_URL": url}, "", "the prompts")
    assert await store.read(password) == "from-the-environment"
    await store.close()


async def test_a_token_of_entra_is_the_password(postgres_url: str) -> None:
    asked = []

    class Credential:
        async def get_token(self, scope: str) -> Any:
            asked.append(scope)
            return type("Token", (), {"token": "a-token"})

    section = StoreSection(url=postgres_url, entra=True)
    store = Store(section, {}, "", "the prompts", token_of(Credential()))
    assert await store.read(password) == "a-token"
    assert asked == [ENTRA_SCOPE]
    await store.close()


async def test_a_password_file_of_the_operator_is_used(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pgpass"
    file.write_text("*:*:*:postgres:from-the-file\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    store = Store(StoreSection(url=postgres_url), {}, "", "the prompts")
    assert await store.read(password) in ("from-the-file", "")
    await store.close()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://bob:s3cret-word@127.0.0.1:1/prompts", FailureKind.UNREACHABLE),
        ("postgresql://bob:s3cret-word@127.0.0.1:not-a-port/prompts", FailureKind.REJECTED),
        ("mystery://bob:s3cret-word@host/prompts", FailureKind.REJECTED),
    ],
)
async def test_no_sentence_holds_a_password(url: str, kind: FailureKind) -> None:
    store = Store(StoreSection(url="env:PROMPTS_URL"), {"PROMPTS_URL": url}, "", "the prompts")
    with pytest.raises(Failure) as raised:
        await store.read(password)
    assert raised.value.kind is kind
    assert "s3cret-word" not in raised.value.sentence
    assert raised.value.sentence.startswith("the prompts: ")


async def test_a_variable_that_is_not_set_is_named() -> None:
    store = Store(StoreSection(url="env:PROMPTS_URL"), {}, "", "the prompts")
    with pytest.raises(Failure, match="the environment variable PROMPTS_URL is not set"):
        await store.read(password)


async def test_a_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    store = Store(StoreSection(url="sqlite:///service.db"), {}, str(tmp_path), "the prompts")
    with pytest.raises(Failure, match=r"the prompts: there is no file service\.db"):
        await store.read(password)
    assert not (tmp_path / "service.db").exists()
