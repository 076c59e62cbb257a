"""What belongs together, judged by what names what: pure, and every judgement with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from console.azure.survey import Account, App, Server, Survey
from console.domain.snapshot import Environment

T = TypeVar("T", Server, Account)

# Words of a resource's kind, as Microsoft's naming convention puts before or behind a name
# (https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-abbreviations).
_KINDS = {
    "ca", "aca", "app", "api", "web", "psql", "pg", "postgres", "postgresql", "db", "database", "oai", "aoai",
    "openai", "cog", "ai", "llm", "rg",
}  # fmt: skip
_STAGES = {
    "prod": "production", "production": "production", "prd": "production", "live": "production",
    "stg": "staging", "stage": "staging", "staging": "staging", "uat": "staging", "qa": "staging", "test": "staging",
    "tst": "staging", "dev": "staging", "development": "staging", "sandbox": "staging",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Related(Generic[T]):
    """Something that belongs to an app, and why we think so."""

    item: T
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An app with what seems to belong to it."""

    app: App
    servers: tuple[Related[Server], ...]
    accounts: tuple[Related[Account], ...]

    @property
    def related(self) -> int:
        return len(self.servers) + len(self.accounts)


def propose(found: Survey) -> tuple[Proposal, ...]:
    """Every visible app with its relations, those with most first."""
    apps = found.apps.items
    proposals = (
        Proposal(app, _related(app, apps, found.servers.items), _related(app, apps, found.accounts.items))
        for app in apps
    )
    return tuple(sorted(proposals, key=lambda one: (-one.related, one.app.group.lower(), one.app.name.lower())))


def evident(proposals: Sequence[Proposal]) -> Proposal | None:
    """The app that can be proposed: the only one, or the only one that an Azure OpenAI account belongs to."""
    candidates = proposals if len(proposals) == 1 else [one for one in proposals if one.accounts]
    return candidates[0] if len(candidates) == 1 else None


def environment_of(app: App) -> Environment:
    """What its names say; production where they say nothing."""
    stage = _stage(app.name) or _stage(app.group) or "production"
    return Environment(stage)


def _related(app: App, apps: Sequence[App], items: Iterable[T]) -> tuple[Related[T], ...]:
    judged = ((item, _why(app, apps, item)) for item in items)
    return tuple(Related(item, why) for item, why in judged if why)


def _why(app: App, apps: Sequence[App], item: Server | Account) -> str:
    """Why `item` belongs to `app`; nothing where it does not seem to."""
    naming = [name for name, value in app.env if _names(value, item)]
    if naming:
        return f"{naming[0]} names it"
    if any(_names(value, item) for other in apps for _, value in other.env):
        return ""
    same_group = app.group.lower() == item.group.lower()
    if _akin(app.name, item.name):
        return "same name, same group" if same_group else f"same name, in group {item.group}"
    alone = sum(other.group.lower() == app.group.lower() for other in apps) == 1
    return "the group has no other app" if same_group and alone else ""


def _names(value: str, item: Server | Account) -> bool:
    """Whether a plain environment value has the item's name or host in it, as a whole word."""
    hosts = (item.fqdn if isinstance(item, Server) else re.sub(r"^https?://|/.*$", "", item.endpoint), item.name)
    text = value.lower()
    return any(host and re.search(rf"(?<![a-z0-9-]){re.escape(host.lower())}(?![a-z0-9-])", text) for host in hosts)


def _akin(one: str, other: str) -> bool:
    """Whether two names begin alike once kinds and stages are left out, and do not say different stages."""
    if (_stage(one) or "production") != (_stage(other) or "production"):
        return False
    first, second = _stem(one), _stem(other)
    return bool(first) and bool(second) and first[0] == second[0] and len(first[0]) >= 3


def _stem(name: str) -> list[str]:
    return [word for word in _words(name) if word not in _KINDS and word not in _STAGES]


def _stage(name: str) -> str:
    return next((_STAGES[word] for word in _words(name) if word in _STAGES), "")


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
