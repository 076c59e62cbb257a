"""Prompts in a database: every version but never its text in bulk, which is active, and the one write there is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from console.config.layer_settings import PromptSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.domain.prompt import Prompt, PromptVersion
from console.stores.store import Store
from console.stores.tables import utc
from console.stores.values import moment

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
Key = tuple[str, tuple[tuple[str, str], ...]]

PLACE = "the prompts"
WRITE_S = 5.0
LONGEST = 200


class Moved(Exception):
    """The prompt is not as it was shown; the transaction is rolled back."""


class Row(NamedTuple):
    """One version as its row tells it: raw values, but for the active flag, which is the mode's to judge."""

    name: Any
    version: Any
    scope: tuple[Any, ...] = ()
    active: bool = False
    created: Any = None
    by: Any = None
    activated: Any = None


@dataclass(frozen=True, slots=True)
class Pointed:
    """Mode pointer: which version a name's row points to; `scope` by column."""

    name: Any
    version: Any
    scope: Mapping[str, Any]
    updated: Any = None


@dataclass(frozen=True, slots=True)
class Read:
    """What one transaction read. `words` are how the table writes true and false; `stamps` and `made_by` columns."""

    rows: Sequence[Row]
    scope: tuple[str, ...] = ()
    pointed: Sequence[Pointed] | None = None
    words: tuple[str, str] = ("true", "false")
    stamps: str = ""


@dataclass(frozen=True, slots=True)
class Prompts:
    """Every prompt, by name, and what writing them by hand must know."""

    prompts: tuple[Prompt, ...]
    dialect: str
    words: tuple[str, str]
    stamps: str


@dataclass(frozen=True, slots=True)
class Activation:
    """`goal` becomes the active version of a name where exactly `expects` are; its text must have this digest."""

    name: str
    scope: tuple[tuple[str, str], ...]
    expects: tuple[str, ...]
    goal: str
    digest: str


@dataclass(frozen=True, slots=True)
class Access:
    """What this login may do, None where the database does not say; `standby` where nothing can be written at all."""

    may_write: bool | None = None
    standby: bool = False
    table: str = ""


class PromptReader:
    """Reads of the prompts; each raises Failure."""

    def __init__(self, settings: PromptSettings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._mode = mode_of(settings)
        self._last: tuple[Read, Prompts] | None = None

    async def read(self) -> Prompts:
        """Every prompt by name, with its versions, newest first."""
        return await self._read(self._whole)

    async def content(self, name: str, scope: tuple[tuple[str, str], ...], version: str) -> str | None:
        """One version's text, raw; None where there is no such version."""
        return await self._read(
            lambda connection: self._mode.content(connection, self._settings, name, scope, version)
        )

    async def access(self) -> Access:
        """Whether this login may write what the mode writes."""
        return await self._read(lambda connection: _access(connection, self._mode.written(self._settings)))

    def _whole(self, connection: Connection) -> Prompts:
        """Thousands of rows are made into prompts once, and again only when a row differs."""
        found: Read = self._mode.read(connection, self._settings)
        if self._last is None or self._last[0] != found:
            self._last = (found, Prompts(made(found), connection.dialect.name, found.words, found.stamps))
        return self._last[1]

    async def _read(self, action: Callable[[Connection], T]) -> T:
        return await self._store.read(lambda connection: _in_utc(connection, action))


class PromptWriter:
    """The one write. Only the runner's process builds one."""

    def __init__(self, settings: PromptSettings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._mode = mode_of(settings)

    async def activate(self, wanted: Activation) -> None:
        """One transaction: locks, looks again, deactivates, activates, looks once more. Raises Failure.

        Of kind UNKNOWN only where the connection was lost while committing; otherwise nothing was changed.
        """
        from console.stores.blockers import Waiting

        waiting = Waiting(self._store, self._mode.written(self._settings) or PLACE)

        def action(connection: Connection) -> None:
            waiting.begins(connection)
            _in_utc(connection, lambda one: self._mode.activate(one, self._settings, wanted))

        try:
            async with waiting:
                await self._store.write(action, statement_s=WRITE_S)
        except Moved as moved:
            raise Failure(FailureKind.CONFLICT, f"{moved}; nothing was changed") from moved
        except Failure as failure:
            raise waiting.told(failure) from failure


def mode_of(settings: PromptSettings) -> ModuleType:
    """The module that speaks to the tables as the configured mode keeps them."""
    import importlib

    return importlib.import_module(f"console.stores.prompts_{settings.mode}")


def digest_of(text: str) -> str:
    """Identity of a text: 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def judged(wanted: Activation, active: Iterable[str], text: str | None) -> None:
    """Raises Moved where what is active, or the goal's text, is not as it was shown."""
    now = tuple(sorted(active))
    if now != tuple(sorted(wanted.expects)):
        raise Moved(f"{wanted.name} moved meanwhile: active is {', '.join(now) or 'none'}")
    if text is None:
        raise Moved(f"version {wanted.goal} of {wanted.name} does not exist any more")
    if wanted.digest and digest_of(text) != wanted.digest:
        raise Moved(f"the text of version {wanted.goal} of {wanted.name} is not the one that was shown")


def once(count: int, wanted: Activation) -> None:
    """Raises Moved where a statement did not change exactly one row."""
    if count != 1:
        raise Moved(f"one row of {wanted.name} should have changed, and {count} did")


def made(found: Read) -> tuple[Prompt, ...]:
    """Prompts of rows, by name; versions newest first."""
    grouped: dict[tuple[Any, tuple[Any, ...]], list[Row]] = {}
    for row in found.rows:
        grouped.setdefault((row.name, row.scope), []).append(row)
    if found.pointed is not None:
        return _pointed(found, grouped)
    prompts = [
        _prompt(name, tuple(zip(found.scope, scope, strict=True)), rows, None)
        for (name, scope), rows in grouped.items()
    ]
    return tuple(sorted(_alone(prompts), key=lambda prompt: prompt.item))


def _pointed(found: Read, grouped: Mapping[tuple[Any, tuple[Any, ...]], list[Row]]) -> tuple[Prompt, ...]:
    """Each row of the pointers' table with the versions of its name; names without one have no active version."""
    pointers: dict[tuple[str, tuple[tuple[str, Any], ...]], list[Pointed]] = {}
    for one in found.pointed or ():
        pointers.setdefault((str(one.name), tuple(one.scope.items())), []).append(one)
    prompts, met = [], set()
    for (name, scope), several in pointers.items():
        shared = tuple(value for column, value in scope if column in found.scope)
        key = (several[0].name, shared)
        met.add((str(key[0]), key[1]))
        prompts.append(_prompt(name, scope, grouped.get(key, []), several))
    for (raw, values), rows in grouped.items():
        if (str(raw), values) not in met:
            prompts.append(_prompt(raw, tuple(zip(found.scope, values, strict=True)), rows, []))
    return tuple(sorted(_alone(prompts), key=lambda prompt: prompt.item))


def _prompt(
    name: Any, scope: Iterable[tuple[str, Any]], rows: Sequence[Row], pointed: Sequence[Pointed] | None
) -> Prompt:
    aged = sorted(((_age(row), place) for place, row in enumerate(rows)), reverse=True)
    ordered = [rows[place] for _, place in aged]
    dates = [created if created is not _NEVER else None for (created, _, _), _ in aged]
    versions = tuple(
        PromptVersion(_word(row.version), created, _word(row.by)) for row, created in zip(ordered, dates, strict=True)
    )
    shown = tuple((column, _word(value)) for column, value in scope)
    raw = [name, *(value for _, value in scope), *(row.version for row in rows)]
    prompt = Prompt(_word(name), versions, (), shown, odd=_odd(raw, versions))
    if pointed is not None:
        since = moment(pointed[0].updated) if len(pointed) == 1 else None
        active = tuple(_word(one.version) for one in pointed)
        return replace(prompt, active=active, since=since, source="the pointer's own date" if since else "")
    return _dated(replace(prompt, active=tuple(_word(row.version) for row in ordered if row.active)), ordered)


def _dated(prompt: Prompt, rows: Sequence[Row]) -> Prompt:
    """Since when the active version serves and which one did before, where the rows keep when each was activated."""
    stamped = sorted(
        ((at, _word(row.version)) for row in rows if row.activated is not None and (at := moment(row.activated))),
        reverse=True,
    )
    since = next((at for at, version in stamped if version == prompt.serves), None)
    if since is None:
        return prompt
    was = next(((at, version) for at, version in stamped if at < since), None)
    return replace(
        prompt,
        since=since,
        source="the table",
        was=was[1] if was else None,
        was_since=was[0] if was else None,
    )


def _age(row: Row) -> tuple[datetime, int, str]:
    """Versions go by their creation, and where that says nothing by their number."""
    created, version = moment(row.created), _word(row.version).removeprefix("v")
    return (created or _NEVER, int(version) if version.isdecimal() else -1, version)


_NEVER = moment(0) or datetime.min


@cache
def _cleaned(text: str) -> str:
    return clean(text, LONGEST)


def _word(value: Any) -> str:
    """A name or version in one line."""
    return _cleaned(str(value)) if value is not None else ""


def _odd(raw: Iterable[Any], versions: Sequence[PromptVersion]) -> str:
    """Why the console does not write this prompt: what it shows must be what it would write."""
    hidden = next((one for one in raw if one is None or str(one) != _word(one)), "")
    if hidden != "":
        return "a name or version of it is empty, or holds characters that do not show"
    if len({one.version for one in versions}) != len(versions):
        return "it has several rows of one version"
    return ""


def _alone(prompts: Sequence[Prompt]) -> Iterable[Prompt]:
    """Two names that look the same are told apart by neither the screen nor a command."""
    met: dict[str, int] = {}
    for prompt in prompts:
        met[prompt.item] = met.get(prompt.item, 0) + 1
    for prompt in prompts:
        yield replace(prompt, odd=prompt.odd or "another name looks the same") if met[prompt.item] > 1 else prompt


def _access(connection: Connection, table: str) -> Access:
    from sqlalchemy import func, select

    if connection.dialect.name != "postgresql":
        return Access(table=table)
    standby = bool(connection.execute(select(func.pg_is_in_recovery())).scalar_one())
    if not table:
        return Access(None, standby, table)
    schema, _, bare = table.rpartition(".")
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, bare) if part)
    may = connection.execute(select(func.has_table_privilege(quoted, "UPDATE"))).scalar_one()
    return Access(bool(may), standby, table)


def _in_utc(connection: Connection, action: Callable[[Connection], T]) -> T:
    utc(connection)
    return action(connection)
