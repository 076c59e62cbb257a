"""The prompt layer: named system prompts and their versions, from a database or from git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One immutable version. `version` is the store's own word (`7`, `v7`, a commit); its text is read on demand."""

    version: str
    created: datetime | None = None
    by: str = ""
    note: str = ""

    @property
    def shown(self) -> str:
        """`v7` for a bare number, nine digits of a commit's whole name."""
        if len(self.version) in (40, 64) and not set(self.version) - set("0123456789abcdef"):
            return self.version[:9]
        return f"v{self.version}" if self.version.isdecimal() else self.version


@dataclass(frozen=True, slots=True)
class Prompt:
    """One named prompt. Versions come newest first; `active` holds none, one, or, wrongly, several of them.

    `scope` are the values of the scope columns. `since` is when the active version began to serve, where it is known,
    `source` how it is known, `was` the version that served before it, `calls` how many calls named the active one
    since. `odd` says what keeps the console from writing it, such as characters that do not show.
    """

    name: str
    versions: tuple[PromptVersion, ...]
    active: tuple[str, ...]
    scope: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    was: str | None = None
    was_since: datetime | None = None
    calls: int | None = None
    source: str = ""
    odd: str = ""

    @property
    def item(self) -> str:
        """The name with its scope: `drug_info`, or `drug_info (tenant=a)`."""
        scope = ", ".join(f"{column}={value}" for column, value in self.scope)
        return f"{self.name} ({scope})" if scope else self.name

    @property
    def serves(self) -> str | None:
        """The one active version; None where there is none, or where there are several."""
        return self.active[0] if len(self.active) == 1 else None

    def find(self, version: str) -> PromptVersion | None:
        """`7` and `v7` are the same version."""
        bare = version.removeprefix("v")
        return next((one for one in self.versions if version == one.version or bare == one.version), None)

    @property
    def trouble(self) -> str:
        """What is wrong with it, in words; empty where one existing version is active."""
        if not self.active:
            return "no version is active"
        if len(self.active) > 1:
            return f"{len(self.active)} versions are active: {', '.join(self.active[:4])}"
        return "" if self.find(self.active[0]) else f"version {self.active[0]} is active and does not exist"


@dataclass(frozen=True, slots=True)
class Held:
    """What a commit that a revision names holds: the newest commit that touched the prompts, and the one before it.

    `commit` is its whole name; it is None where this clone does not have it.
    """

    commit: str | None = None
    newest: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class PromptState:
    """Every prompt. `mode` is flag, pointer, sql or git; `place` says where they are kept.

    `cache_ttl_s` is how long the service may go on with an old version. `unread` says what could not be told.
    `deployed` is, for git, the deployed commit as the serving revision names it, `variable` the env name in which it
    does, and `held` what each such name means. `dialect` is the database's, and `stamps` the column that keeps when
    a version was made active; both are empty where there is none. `flags` is how the table writes true and false.
    """

    mode: str
    place: str
    prompts: tuple[Prompt, ...]
    cache_ttl_s: float = 0.0
    unread: str = ""
    deployed: str = ""
    dialect: str = ""
    stamps: str = ""
    flags: tuple[str, str] = ("true", "false")
    variable: str = ""
    held: Mapping[str, Held] = field(default_factory=dict)

    def find(self, item: str) -> Prompt | None:
        """By item; by bare name where only one prompt has it."""
        exact = next((prompt for prompt in self.prompts if prompt.item == item), None)
        named = [prompt for prompt in self.prompts if prompt.name == item]
        return exact or (named[0] if len(named) == 1 else None)
