"""What is looked at for one plan of the schema: the script, the rows, who holds locks, and what we may do."""

from __future__ import annotations

from dataclasses import dataclass

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
