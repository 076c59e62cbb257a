"""The tables that hold an index's vectors: what stands in them, and which documents are nearest to a question."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.config.layer_settings import EmbeddingSettings
from console.domain.clean import clean

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, ColumnElement, Connection
    from sqlalchemy.sql.expression import TableClause

LARGE = 100_000
LARGE_BYTES = 64 * 1024 * 1024
MOST_COMPARED = 5_000
PGVECTOR = ("vector", "halfvec")


@dataclass(frozen=True, slots=True)
class Found:
    """What one table holds. `stamps` are the embedders that its rows name; `unread` says what could not be told."""

    dimensions: int | None = None
    rows: int | None = None
    estimated: bool = False
    rewritten: int | None = None
    stamps: tuple[str, ...] = ()
    unread: str = ""


def name_of(settings: EmbeddingSettings, index: str) -> str:
    """The table of an index's vectors, as the template names it."""
    return (settings.vectors or "{index}").replace("{index}", index)


def table_of(settings: EmbeddingSettings, index: str) -> TableClause:
    """The table, its name always quoted: an index's name comes from a registry that anybody may have written."""
    from sqlalchemy import column, table
    from sqlalchemy.sql import quoted_name

    schema, _, template = (settings.vectors or "{index}").rpartition(".")
    names = (settings.vector, settings.document, settings.written_at, settings.stamp)
    columns: list[ColumnClause[Any]] = [column(quoted_name(name, quote=True)) for name in names if name]
    where = quoted_name(schema, quote=True) if schema else None
    return table(quoted_name(template.replace("{index}", index), quote=True), *columns, schema=where)


def measure(
    connection: Connection,
    settings: EmbeddingSettings,
    index: str,
    built_at: datetime | None,
    thoroughly: bool = False,
) -> Found:
    """What the index's table holds; `thoroughly` counts large tables too, and looks at every row's stamp."""
    from sqlalchemy import func, select

    rows = table_of(settings, index)
    missing, kind, estimate = _described(connection, settings, rows)
    if missing:
        return Found(unread=missing)
    large = estimate is not None and not thoroughly
    dimensions = kind[1] or _dimensions(connection, rows, settings)
    count = estimate if large else connection.execute(select(func.count()).select_from(rows)).scalar_one()
    rewritten = None
    if settings.written_at and built_at is not None and not large:
        rewritten = _written_since(connection, rows, settings, built_at)
    stamps = _stamps(connection, rows, settings) if settings.stamp and thoroughly else ()
    unread = "" if count is None or count >= 0 else "it is large, and its rows were never counted"
    return Found(dimensions, count if count is not None and count >= 0 else None, large, rewritten, stamps, unread)


def nearest(
    connection: Connection, settings: EmbeddingSettings, index: str, asked: Sequence[Sequence[float]], most: int
) -> tuple[tuple[str, ...], ...]:
    """For each vector asked the documents nearest by cosine, nearest first: asked of pgvector, or reckoned here.

    Raises ValueError where they cannot be: other dimensions, or too many rows to reckon with.
    """
    from sqlalchemy import select, text

    rows = table_of(settings, index)
    missing, (kind, dimensions), _ = _described(connection, settings, rows)
    if missing:
        raise ValueError(missing)
    dimensions = dimensions or _dimensions(connection, rows, settings)
    strange = next((len(one) for one in asked if dimensions is not None and len(one) != dimensions), None)
    if strange is not None:
        raise ValueError(f"{clean(index, 80)} holds {dimensions} dimensions, the question has {strange}")
    if kind not in PGVECTOR:
        return _reckoned(connection, rows, settings, asked, most)
    document, column = rows.c[settings.document], rows.c[settings.vector]
    found = select(document).order_by(column.op("<=>")(text(f"CAST(:asked AS {kind})"))).limit(most)
    answers = (connection.execute(found, {"asked": json.dumps(list(vector))}) for vector in asked)
    return tuple(tuple(clean(str(row[0]), 200) for row in answer) for answer in answers)


def lacking(
    connection: Connection, settings: EmbeddingSettings, newer: str, older: str, most: int
) -> tuple[int, tuple[str, ...]]:
    """How many documents of `newer` are not in `older`, and the first `most` of them in order.

    Raises ValueError where one of the tables cannot be compared.
    """
    from sqlalchemy import String, cast, exists, func, select

    new, old = table_of(settings, newer).alias("newer"), table_of(settings, older).alias("older")
    for table in (table_of(settings, newer), table_of(settings, older)):
        missing, _, _ = _described(connection, settings, table)
        if missing:
            raise ValueError(missing)
    document = cast(new.c[settings.document], String)
    same = exists().where(cast(old.c[settings.document], String) == document)
    count = connection.execute(select(func.count()).select_from(new).where(~same)).scalar_one()
    first = connection.execute(select(document).where(~same).order_by(document).limit(most)) if count else ()
    return int(count), tuple(clean(str(row[0]), 200) for row in first)


def parsed(value: Any) -> list[float]:
    """A vector as it stands in a column: pgvector's or JSON's text, or an array. Raises ValueError."""
    if isinstance(value, list | tuple):
        return [float(one) for one in value]
    text = str(value).strip().strip("[]{}()")
    return [float(one) for one in text.split(",")] if text else []


Described = tuple[str, tuple[str, int | None], int | None]


def _described(connection: Connection, settings: EmbeddingSettings, rows: TableClause) -> Described:
    """What is missing, in words; the vectors' type with its dimensions; the estimated rows, where they are many."""
    wanted = [name for name in (settings.vector, settings.document, settings.written_at, settings.stamp) if name]
    found, kind, estimate = (_in_sqlite if connection.dialect.name == "sqlite" else _in_postgresql)(
        connection, settings, rows
    )
    shown = clean(f"{rows.schema}.{rows.name}" if rows.schema else rows.name, 120)
    if found is None:
        return f"the table {shown} does not exist", kind, None
    absent = [name for name in wanted if name not in found]
    if absent:
        return f"the table {shown} has no column {', '.join(absent)}", kind, None
    return "", kind, estimate


Shape = tuple[set[str] | None, tuple[str, int | None], int | None]


def _in_sqlite(connection: Connection, settings: EmbeddingSettings, rows: TableClause) -> Shape:
    found = connection.exec_driver_sql("SELECT name FROM pragma_table_info(?)", (str(rows.name),))
    return {str(row[0]) for row in found} or None, ("", None), None


# https://www.postgresql.org/docs/current/catalog-pg-class.html: reltuples is -1 where nothing ever counted the rows.
# A pgvector column's atttypmod is its dimensions, -1 where the column takes any.
_SHAPE = """
SELECT a.attname, t.typname, a.atttypmod, c.reltuples, pg_table_size(c.oid)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""


def _in_postgresql(connection: Connection, settings: EmbeddingSettings, rows: TableClause) -> Shape:
    quote = connection.dialect.identifier_preparer.quote_identifier
    name = ".".join(quote(str(part)) for part in (rows.schema, rows.name) if part)
    found = connection.exec_driver_sql(_SHAPE, (name,)).all()
    if not found:
        return None, ("", None), None
    types = {row[0]: (str(row[1]), int(row[2])) for row in found}
    kind, modifier = types.get(settings.vector, ("", -1))
    dimensions = modifier if kind in PGVECTOR and modifier > 0 else None
    counted, size = int(found[0][3]), int(found[0][4])
    many = counted > LARGE or (counted < 0 and size > LARGE_BYTES)
    return set(types), (kind, dimensions), counted if many else None


def _dimensions(connection: Connection, rows: TableClause, settings: EmbeddingSettings) -> int | None:
    """How long one row's vector is."""
    from sqlalchemy import String, cast, select

    column = rows.c[settings.vector]
    text = connection.execute(select(cast(column, String)).where(column.is_not(None)).limit(1)).scalar()
    try:
        return len(parsed(text)) or None if text is not None else None
    except ValueError:
        return None


def _written_since(connection: Connection, rows: TableClause, settings: EmbeddingSettings, at: datetime) -> int:
    from sqlalchemy import func, literal, select

    column: ColumnElement[Any] = rows.c[settings.written_at]
    moment: Any = literal(at)
    if connection.dialect.name == "sqlite":
        column, moment = func.julianday(column), func.julianday(at.isoformat())
    return int(connection.execute(select(func.count()).select_from(rows).where(column > moment)).scalar_one())


def _stamps(connection: Connection, rows: TableClause, settings: EmbeddingSettings) -> tuple[str, ...]:
    from sqlalchemy import select

    found = connection.execute(select(rows.c[settings.stamp]).distinct().limit(4))
    return tuple(sorted(clean(str(row[0]), 120) for row in found))


def _reckoned(
    connection: Connection,
    rows: TableClause,
    settings: EmbeddingSettings,
    asked: Sequence[Sequence[float]],
    most: int,
) -> tuple[tuple[str, ...], ...]:
    """The nearest by cosine, reckoned row by row where the database does not know vectors."""
    from sqlalchemy import String, cast, func, select

    count = connection.execute(select(func.count()).select_from(rows)).scalar_one()
    if count > MOST_COMPARED:
        raise ValueError(f"{count:,} rows are too many to compare without pgvector")
    ranked: list[list[tuple[float, str]]] = [[] for _ in asked]
    for document, text in connection.execute(
        select(rows.c[settings.document], cast(rows.c[settings.vector], String))
    ):
        held = parsed(text)
        for vector, found in zip(asked, ranked, strict=True):
            found.append((-_cosine(vector, held), str(document)))
    return tuple(tuple(clean(name, 200) for _, name in heapq.nsmallest(most, found)) for found in ranked)


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other):
        raise ValueError(f"the rows do not all have {len(one)} dimensions")
    length = math.sqrt(math.fsum(a * a for a in one)) * math.sqrt(math.fsum(b * b for b in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / length if length else 0.0
