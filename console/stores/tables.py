"""Tables whose names and columns are configured: every name quoted, and what is missing said by its key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnClause, Connection
    from sqlalchemy.sql.expression import TableClause

MISSING = "42703"


def table_of(name: str, columns: Iterable[str]) -> TableClause:
    """A table, perhaps with its schema (`app.system_prompts`), and those of its columns that are named."""
    from sqlalchemy import column, table
    from sqlalchemy.sql import quoted_name

    schema, _, bare = name.rpartition(".")
    found: list[ColumnClause[Any]] = [column(quoted_name(one, quote=True)) for one in dict.fromkeys(columns) if one]
    where = quoted_name(schema, quote=True) if schema else None
    return table(quoted_name(bare, quote=True), *found, schema=where)


def as_it_is(value: Any) -> BindParameter[Any]:
    """A value without a type of its own, so that the database reads `7` as whatever the column holds."""
    from sqlalchemy import bindparam
    from sqlalchemy.types import NullType

    return bindparam(None, value, type_=NullType(), unique=True)


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns that a table or view has."""
    from sqlalchemy import literal_column, select

    return tuple(connection.execute(select(literal_column("*")).select_from(table_of(table, ())).limit(0)).keys())


def demand(table: str, has: Iterable[str], wanted: Mapping[str, str]) -> None:
    """Raises Failure where a wanted column does not exist; `wanted` gives the configuration's key by column."""
    known = tuple(has)
    for column, key in wanted.items():
        if column in known:
            continue
        near = difflib.get_close_matches(column, known, 1)
        hint = f"; it has {near[0]}" if near else f"; it has {', '.join(known[:12])}"
        sentence = f"{table} has no column {column}: {key} says what it is called{hint}"
        raise Failure(FailureKind.NOT_FOUND, clean(sentence, 400), MISSING)


def utc(connection: Connection) -> None:
    """Moments without a zone are read and compared as UTC."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")


def as_written(connection: Connection, query: str) -> list[dict[str, Any]]:
    """The rows of a query of the team's: without parameters no driver reads a % as the beginning of one."""
    rows = connection.execution_options(no_parameters=True).exec_driver_sql(query)
    return [dict(row) for row in rows.mappings()]
