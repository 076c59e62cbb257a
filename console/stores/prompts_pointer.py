"""Mode pointer: one table of versions, and another whose row names the active version of each prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.config.layer_settings import PromptSettings
from console.stores.prompt_rows import Pointed, Read, Row
from console.stores.prompts import Activation, Moved, Scope, judged, once
from console.stores.prompts_flag import maker_of, now_like, same
from console.stores.tables import as_it_is, columns_of, demand, table_of
from console.stores.values import text_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

STAMPS = "updated_at"


def written(settings: PromptSettings) -> str:
    return settings.pointer.table


def read(connection: Connection, settings: PromptSettings) -> Read:
    """Every version but its text, and every pointer: two queries of one transaction."""
    from sqlalchemy import select

    names, has = settings.columns, columns_of(connection, settings.table)
    mapped = {key: value for key, value in names.model_dump().items() if value and key not in _UNUSED}
    demand(settings.table, has, {value: f"prompt.columns.{key}" for key, value in mapped.items()})
    maker, table = maker_of(settings, has), table_of(settings.table, has)
    scope = tuple(column for column in settings.scope if column in has)
    wanted = (names.name, names.version, names.created_at, *([maker] if maker else []), *scope)
    rows = [
        Row(row[0], row[1], tuple(row[3 + bool(maker) :]), False, row[2], row[3] if maker else None)
        for row in connection.execute(select(*(table.c[one] for one in wanted)))
    ]
    pointed, stamps = _pointers(connection, settings)
    return Read(rows, scope, pointed, stamps=stamps)


def content(connection: Connection, settings: PromptSettings, name: str, scope: Scope, version: str) -> str | None:
    """The text of one version, whatever type its column has."""
    found = _versions(connection, settings, name, scope, version)
    return text_of(found[1]) if found is not None else None


def activate(connection: Connection, settings: PromptSettings, wanted: Activation) -> None:
    """Locks the pointer, looks again, and turns it only where it still points to what was expected. Raises Moved."""
    from sqlalchemy import select

    pointer, has = settings.pointer, columns_of(connection, settings.pointer.table)
    table, stamps = table_of(pointer.table, has), stamps_of(settings, has)
    of_name = same(table, pointer.name, wanted.name, wanted.scope)
    query = select(table.c[pointer.version]).where(*of_name)
    connection.execute(query.with_for_update())
    now = [str(row[0]) for row in connection.execute(query)]
    found = _versions(connection, settings, wanted.name, wanted.scope, wanted.goal)
    judged(wanted, now, text_of(found[1]) if found is not None else None)
    assert found is not None
    if len(now) != 1:
        raise Moved(f"{wanted.name} has {len(now)} pointers, and only one can be turned")
    values: dict[Any, Any] = {table.c[pointer.version]: found[0]}
    if stamps:
        values[table.c[stamps]] = now_like(connection, table, stamps)
    expected = table.c[pointer.version] == as_it_is(wanted.expects[0])
    once(connection.execute(table.update().where(*of_name, expected).values(values)).rowcount, wanted)


def stamps_of(settings: PromptSettings, has: tuple[str, ...]) -> str:
    """The column that keeps when the pointer was turned: the mapped one, or one that is called so."""
    return settings.pointer.updated_at or (STAMPS if STAMPS in has else "")


_UNUSED = ("is_active", "activated_at")


def _pointers(connection: Connection, settings: PromptSettings) -> tuple[list[Pointed], str]:
    from sqlalchemy import select

    pointer, has = settings.pointer, columns_of(connection, settings.pointer.table)
    keys = {pointer.name: "prompt.pointer.name", pointer.version: "prompt.pointer.version"}
    if pointer.updated_at:
        keys[pointer.updated_at] = "prompt.pointer.updated_at"
    demand(pointer.table, has, {**keys, **dict.fromkeys(settings.scope, "prompt.scope")})
    stamps, table = stamps_of(settings, has), table_of(pointer.table, has)
    wanted = (pointer.name, pointer.version, *([stamps] if stamps else []), *settings.scope)
    first = 2 + bool(stamps)
    rows = connection.execute(select(*(table.c[one] for one in wanted)))
    return [
        Pointed(row[0], row[1], dict(zip(settings.scope, row[first:], strict=True)), row[2] if stamps else None)
        for row in rows
    ], stamps


def _versions(
    connection: Connection, settings: PromptSettings, name: str, scope: Scope, version: str
) -> tuple[Any, Any] | None:
    """The raw version and text of one row."""
    from sqlalchemy import String, cast, select

    names, has = settings.columns, columns_of(connection, settings.table)
    table = table_of(settings.table, has)
    shared = tuple((column, value) for column, value in scope if column in has)
    found = connection.execute(
        select(table.c[names.version], table.c[names.content])
        .where(*same(table, names.name, name, shared))
        .where(cast(table.c[names.version], String) == version)
    ).first()
    return (found[0], found[1]) if found is not None else None
