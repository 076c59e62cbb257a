"""Rows of the prompts' tables made into prompts: versions in order, which is active, and what is odd about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from console.domain.clean import clean
from console.domain.prompt import Prompt, PromptVersion
from console.stores.values import moment

LONGEST = 200


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


@lru_cache(maxsize=2**16)
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
    met = Counter(prompt.item for prompt in prompts)
    for prompt in prompts:
        yield replace(prompt, odd=prompt.odd or "another name looks the same") if met[prompt.item] > 1 else prompt
