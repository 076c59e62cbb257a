"""Mode flag: one table, one row a version, and a flag on the one that is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.config.layer_settings import PromptSettings
from console.domain.failure import Failure, FailureKind
from console.stores.prompt_rows import Read, Row
from console.stores.prompts import Activation, Moved, Scope, judged, once
from console.stores.tables import as_it_is, columns_of, demand, table_of
from console.stores.values import text_of, truth

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.sql.expression import TableClause

STAMPS, MAKER = "activated_at", "created_by"


def written(settings: PromptSettings) -> str:
    return settings.table


def read(connection: Connection, settings: PromptSettings) -> Read:
    """Every row but its text, in one query."""
    from sqlalchemy import select

    names, has = settings.columns, columns_of(connection, settings.table)
    demand(settings.table, has, _wanted(settings))
    stamps, maker = stamps_of(settings, has), maker_of(settings, has)
    table = table_of(settings.table, has)
    wanted = [names.name, names.version, names.is_active, names.created_at]
    columns = [table.c[one] for one in (*wanted, *filter(None, (stamps, maker)), *settings.scope)]
    at_stamp, at_maker, at_scope = 4, 4 + bool(stamps), 4 + bool(stamps) + bool(maker)
    rows = connection.execute(select(*columns)).all()
    found = [
        Row(
            row[0],
            row[1],
            tuple(row[at_scope:]),
            truth(row[2]),
            row[3],
            row[at_maker] if maker else None,
            row[at_stamp] if stamps else None,
        )
        for row in rows
    ]
    return Read(found, settings.scope, None, words(rows[0][2] if rows else True), stamps)


def content(connection: Connection, settings: PromptSettings, name: str, scope: Scope, version: str) -> str | None:
    """The text of one version, whatever type its column has."""
    from sqlalchemy import String, cast, select

    names = settings.columns
    table = table_of(settings.table, (names.name, names.version, names.content, *(column for column, _ in scope)))
    found = connection.execute(
        select(table.c[names.content])
        .where(*same(table, names.name, name, scope))
        .where(cast(table.c[names.version], String) == version)
    ).first()
    return text_of(found[0]) if found is not None else None


def activate(connection: Connection, settings: PromptSettings, wanted: Activation) -> None:
    """Locks every version of the name in the order of the key, looks again, deactivates, then activates.

    Two statements in that order: one UPDATE of all rows would break a unique index on the active one, depending on
    the order in which it meets them. Raises Moved.
    """
    from sqlalchemy import select

    names, has = settings.columns, columns_of(connection, settings.table)
    stamps = stamps_of(settings, has)
    table = table_of(settings.table, has)
    of_name = same(table, names.name, wanted.name, wanted.scope)
    version, flag = table.c[names.version], table.c[names.is_active]
    query = select(version, flag).where(*of_name).order_by(version)
    connection.execute(query.with_for_update())
    rows = connection.execute(query).all()
    raw = {str(row[0]): row[0] for row in rows}
    judged(wanted, _active(rows), content(connection, settings, wanted.name, wanted.scope, wanted.goal))
    on, off = _flags(rows, names.is_active)
    for former in wanted.expects:
        if former != wanted.goal:
            turned = table.update().where(*of_name, version == raw[former]).values({flag: off})
            once(connection.execute(turned).rowcount, wanted)
    values: dict[Any, Any] = {flag: on}
    if stamps:
        values[table.c[stamps]] = now_like(connection, table, stamps)
    turned = table.update().where(*of_name, version == raw[wanted.goal]).values(values)
    once(connection.execute(turned).rowcount, wanted)
    if _active(connection.execute(query).all()) != [wanted.goal]:
        raise Moved(f"another version of {wanted.name} became active at the same moment")


def same(table: TableClause, name_column: str, name: str, scope: Scope) -> list[ColumnElement[bool]]:
    """The rows of one name within its scope."""
    return [table.c[column] == as_it_is(value) for column, value in ((name_column, name), *scope)]


def stamps_of(settings: PromptSettings, has: tuple[str, ...]) -> str:
    """The column that keeps when a version was made active: the mapped one, or one that is called so."""
    return settings.columns.activated_at or (STAMPS if STAMPS in has else "")


def maker_of(settings: PromptSettings, has: tuple[str, ...]) -> str:
    return settings.columns.created_by or (MAKER if MAKER in has else "")


def now_like(connection: Connection, table: TableClause, column: str) -> Any:
    """This moment by the database's clock. SQLite keeps no times: there it is written as the column's others are."""
    from sqlalchemy import func, select

    if connection.dialect.name != "sqlite":
        return func.clock_timestamp()
    known = connection.execute(
        select(table.c[column]).where(table.c[column].is_not(None)).order_by(table.c[column].desc()).limit(1)
    ).scalar()
    if isinstance(known, int | float):
        return func.unixepoch() if isinstance(known, int) else func.unixepoch("now", "subsec")
    form = "%Y-%m-%dT%H:%M:%fZ" if isinstance(known, str) and "T" in known else "%Y-%m-%d %H:%M:%f000"
    return func.strftime(form, "now")


def words(value: Any) -> tuple[str, str]:
    """How true and false are written beside this value."""
    return ("1", "0") if isinstance(value, int) and not isinstance(value, bool) else ("true", "false")


def _flags(rows: Any, column: str) -> tuple[Any, Any]:
    """True and false as the rows have them. Raises Failure where they are words."""
    value = rows[0][1]
    if isinstance(value, str):
        sentence = f'the column {column} holds words: prompt.mode = "sql" turns it by the team\'s own statements'
        raise Failure(FailureKind.REJECTED, f"{sentence}; nothing was changed")
    return (True, False) if isinstance(value, bool) else (1, 0)


def _active(rows: Any) -> list[str]:
    return [str(row[0]) for row in rows if truth(row[1])]


def _wanted(settings: PromptSettings) -> dict[str, str]:
    """The columns that must be there, and the key that maps each."""
    mapped = {value: f"prompt.columns.{key}" for key, value in settings.columns.model_dump().items() if value}
    return {**mapped, **dict.fromkeys(settings.scope, "prompt.scope")}
