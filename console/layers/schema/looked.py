"""What is looked at for one plan of the schema: the script, the rows, who holds locks, and what we may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.stores.blockers import Blocker


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of the app, without its value; `vault` is its Key Vault address, where it lives there."""

    name: str
    vault: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """`script` is the text from `current` down to `target`; `no_script` says why there is none.

    `counts` are the rows of the configured tables, `holders` who holds locks that the script may wait for. `shared`
    names what else of the service's stands on the same server. `secrets` is None where they were not asked for, or
    not told; `has_value` says whether the new secret's value is at hand. A permission that is None is not known.
    """

    current: str = ""
    target: str = ""
    script: str = ""
    no_script: str = ""
    command: str = ""
    counts: tuple[tuple[str, int | None], ...] = ()
    holders: tuple[Blocker, ...] = ()
    may_restore: bool | None = None
    may_back_up: bool | None = None
    shared: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] | None = None
    has_value: bool = False


def secret(body: Mapping[str, Any]) -> Secret:
    """A secret as Azure names it."""
    words = (body.get(key) for key in ("name", "keyVaultUrl", "identity"))
    return Secret(*(str(word or "") for word in words))


def entry(secret: Secret) -> dict[str, Any]:
    """A secret as it is sent along: by its Key Vault address, or by its name alone."""
    if secret.vault:
        return {"name": secret.name, "keyVaultUrl": secret.vault, "identity": secret.identity or "system"}
    return {"name": secret.name}
