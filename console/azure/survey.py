"""What exists in a subscription or a group: container apps, PostgreSQL flexible servers, Azure OpenAI accounts.

Shapes: Microsoft.App/containerApps, Microsoft.DBforPostgreSQL/flexibleServers, Microsoft.CognitiveServices/accounts
and their deployments, as recorded in containerapps-*, postgres-* and cognitive-*.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from console.azure.arm import Arm
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

APPS, APPS_VERSION = "Microsoft.App/containerApps", "2024-03-01"
SERVERS, SERVERS_VERSION = "Microsoft.DBforPostgreSQL/flexibleServers", "2022-12-01"
ACCOUNTS, ACCOUNTS_VERSION = "Microsoft.CognitiveServices/accounts", "2023-05-01"
OPENAI_KINDS = ("openai", "aiservices")
AT_ONCE = 4

Body = Mapping[str, Any]
T = TypeVar("T")

_GROUP = re.compile(r"/resourceGroups/([^/]+)/", re.IGNORECASE)
_ANSWERED = (FailureKind.NOT_ALLOWED, FailureKind.NOT_FOUND, FailureKind.REJECTED)


@dataclass(frozen=True, slots=True)
class App:
    """A container app. `env` are the names and plain values of its newest template: never shown, only compared."""

    name: str
    group: str
    mode: str = ""
    external: bool = False
    fqdn: str = ""
    image: str = ""
    readiness: str = ""
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL flexible server."""

    name: str
    group: str
    fqdn: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An Azure OpenAI account and its deployments, each as `name: model version`."""

    name: str
    group: str
    endpoint: str = ""
    deployments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What of one kind is visible; `error` where Azure refused to say. `action` on `scope` makes more visible."""

    kind: str
    items: tuple[T, ...]
    action: str
    scope: str
    error: str = ""

    @property
    def sentence(self) -> str:
        """How many are visible, and what may be in the way of more."""
        if self.items:
            return f"{len(self.items)} {self.kind if len(self.items) > 1 else self.kind.removesuffix('s')} visible"
        told = f"; {self.error}" if self.error else ""
        return f"0 {self.kind} visible: this identity may lack read ({self.action} on {self.scope}){told}"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look around found."""

    apps: Listing[App]
    servers: Listing[Server]
    accounts: Listing[Account]


async def survey(arm: Arm, subscription: str, group: str | None = None, app: str | None = None) -> Survey:
    """Looks around in a subscription, or in one group; with a group and an app, asks for that app alone.

    Raises Failure where Azure does not answer or does not know us. What it refuses stands in each listing.
    """
    scope = f"/subscriptions/{quote(subscription, safe='')}"
    if group:
        scope += f"/resourceGroups/{quote(group, safe='')}"
    apps, servers, accounts = await asyncio.gather(
        _apps(arm, scope, group, app),
        _listing("PostgreSQL servers", f"{SERVERS}/read", scope, lambda: _servers(arm, scope)),
        _listing("Azure OpenAI accounts", f"{ACCOUNTS}/read", scope, lambda: _accounts(arm, scope)),
    )
    return Survey(apps, servers, accounts)


async def _apps(arm: Arm, scope: str, group: str | None, name: str | None) -> Listing[App]:
    path = f"{scope}/providers/{APPS}"
    action = f"{APPS}/read"
    if name and group:
        own = f"{path}/{quote(name, safe='')}"

        async def one() -> Sequence[App]:
            return [read_app((await arm.get(own, APPS_VERSION, f"container app {clean(name, 60)}")).body)]

        return await _listing("container apps", action, own, one)

    async def every() -> Sequence[App]:
        found = [read_app(body) for body in await arm.listed(path, APPS_VERSION, "the container apps")]
        return [app for app in found if name is None or app.name.lower() == name.lower()]

    return await _listing("container apps", action, scope, every)


async def _servers(arm: Arm, scope: str) -> Sequence[Server]:
    found = await arm.listed(f"{scope}/providers/{SERVERS}", SERVERS_VERSION, "the PostgreSQL servers")
    return [read_server(body) for body in found]


async def _accounts(arm: Arm, scope: str) -> Sequence[Account]:
    found = await arm.listed(f"{scope}/providers/{ACCOUNTS}", ACCOUNTS_VERSION, "the Azure OpenAI accounts")
    turn = asyncio.Semaphore(AT_ONCE)

    async def whole(body: Body) -> Account:
        async with turn:
            return read_account(body, await _deployments(arm, body))

    return await asyncio.gather(*(whole(body) for body in found if _word(body, "kind").lower() in OPENAI_KINDS))


async def _deployments(arm: Arm, account: Body) -> Sequence[Body]:
    """The deployments of an account; none where we may not see them."""
    identity = _word(account, "id")
    if not identity.startswith("/subscriptions/"):
        return ()
    try:
        return await arm.listed(f"{quote(identity)}/deployments", ACCOUNTS_VERSION, "the deployments")
    except Failure:
        return ()


async def _listing(kind: str, action: str, scope: str, read: Callable[[], Awaitable[Sequence[T]]]) -> Listing[T]:
    try:
        return Listing(kind, tuple(await read()), action, scope)
    except Failure as failure:
        if failure.kind not in _ANSWERED:
            raise
        return Listing(kind, (), action, scope, failure.sentence)


def read_app(body: Body) -> App:
    """A container app from its body."""
    properties = _section(body, "properties")
    configuration = _section(properties, "configuration")
    ingress = _section(configuration, "ingress")
    containers = _section(properties, "template").get("containers") or ()
    first: Body = next((one for one in containers if isinstance(one, Mapping)), {})
    return App(
        name=_word(body, "name"),
        group=_group(body),
        mode=_word(configuration, "activeRevisionsMode") or "Single",
        external=bool(ingress.get("external")),
        fqdn=_word(ingress, "fqdn"),
        image=_word(first, "image"),
        readiness=_readiness(first),
        env=tuple((_word(one, "name"), str(one.get("value") or "")) for one in _entries(first, "env")),
    )


def read_server(body: Body) -> Server:
    """A PostgreSQL flexible server from its body."""
    properties = _section(body, "properties")
    return Server(
        _word(body, "name"),
        _group(body),
        _word(properties, "fullyQualifiedDomainName"),
        _word(properties, "version"),
    )


def read_account(body: Body, deployments: Sequence[Body] = ()) -> Account:
    """An Azure OpenAI account from its body and its deployments' bodies."""
    named = tuple(_deployment(one) for one in deployments)
    return Account(_word(body, "name"), _group(body), _word(_section(body, "properties"), "endpoint"), named)


def _deployment(body: Body) -> str:
    model = _section(_section(body, "properties"), "model")
    return f"{_word(body, 'name')}: {_word(model, 'name')} {_word(model, 'version')}".rstrip()


def _readiness(container: Body) -> str:
    """The path of the container's readiness probe, or nothing."""
    for probe in _entries(container, "probes"):
        path = _word(_section(probe, "httpGet"), "path")
        if _word(probe, "type").lower() == "readiness" and path.startswith("/"):
            return path
    return ""


def _group(body: Body) -> str:
    found = _GROUP.search(_word(body, "id"))
    return found.group(1) if found else ""


def _section(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _entries(body: Body, key: str) -> list[Body]:
    value = body.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _word(body: Body, key: str) -> str:
    value = body.get(key)
    return clean(value, 300) if isinstance(value, str) else ""
