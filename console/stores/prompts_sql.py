"""Mode sql: the team's own statements read the versions and turn the active one, within one transaction of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from console.config.layer_settings import PromptSettings, PromptSqlSettings
from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.stores.prompt_rows import Read, Row
from console.stores.prompts import Activation, Moved, Scope, judged
from console.stores.tables import MISSING, as_it_is, as_written
from console.stores.values import text_of, truth

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.expression import TextClause

COLUMNS = ("name", "version", "created_at", "is_active")


def written(settings: PromptSettings) -> str:
    """Which table the team's statements write is theirs to know."""
    return ""


def statements(sql: PromptSqlSettings) -> tuple[str, ...]:
    """What turns the active version, one statement after the other."""
    return (sql.activate,) if isinstance(sql.activate, str) else sql.activate


def read(connection: Connection, settings: PromptSettings) -> Read:
    """What the versions' query gives; created_by and activated_at where it gives those too."""
    assert settings.sql is not None
    rows = as_written(connection, settings.sql.versions)
    given = rows[0].keys() if rows else (*COLUMNS, *settings.scope)
    for column in (*COLUMNS, *settings.scope):
        if column not in given:
            sentence = f"prompt.sql.versions gives no column {column}; it gives {', '.join(given)}: name it with AS"
            raise Failure(FailureKind.NOT_FOUND, clean(sentence, 400), MISSING)
    found = [
        Row(
            row["name"],
            row["version"],
            tuple(row[column] for column in settings.scope),
            truth(row["is_active"]),
            row["created_at"],
            row.get("created_by"),
            row.get("activated_at"),
        )
        for row in rows
    ]
    return Read(found, settings.scope)


def content(connection: Connection, settings: PromptSettings, name: str, scope: Scope, version: str) -> str | None:
    """The text that the team's query gives for a version."""
    assert settings.sql is not None
    clause = _bound(settings.sql.content, {"name": name, "version": version, **dict(scope)}, "prompt.sql.content")
    found = connection.execute(clause).first()
    return text_of(found[0]) if found is not None else None


def activate(connection: Connection, settings: PromptSettings, wanted: Activation) -> None:
    """The team's statements between two looks: only `wanted.name` may have turned, and only to the goal.

    On PostgreSQL in one snapshot, so that a row that somebody else changed meanwhile ends it. Raises Moved.
    """
    assert settings.sql is not None
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    key, before = (wanted.name, tuple(value for _, value in wanted.scope)), _active(connection, settings)
    judged(
        wanted,
        before.get(key, ()),
        content(connection, settings, wanted.name, wanted.scope, wanted.goal),
    )
    former = wanted.expects[0] if wanted.expects else None
    values = {"name": wanted.name, "version": wanted.goal, "former": former, **dict(wanted.scope)}
    for statement in statements(settings.sql):
        connection.execute(_bound(statement, values, "prompt.sql.activate"))
    after = _active(connection, settings)
    if after.get(key, ()) != (wanted.goal,):
        now = clean(", ".join(after.get(key, ())), 200) or "none"
        raise Moved(f"after prompt.sql.activate the active version of {wanted.name} would be {now}")
    touched = [str(name) for name, _ in before.keys() | after.keys() if before.get((name, _)) != after.get((name, _))]
    if touched != [wanted.name]:
        others = ", ".join(sorted(set(touched) - {wanted.name})) or f"another scope of {wanted.name}"
        raise Moved(f"prompt.sql.activate would turn {clean(others, 200)} too")


def _active(connection: Connection, settings: PromptSettings) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """The active versions of each name."""
    found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
    for row in read(connection, settings).rows:
        key = (str(row.name), tuple(str(value) for value in row.scope))
        found[key] = (*found.get(key, ()), str(row.version)) if row.active else found.get(key, ())
    return found


def _bound(statement: str, values: dict[str, Any], key: str) -> TextClause:
    """The statement with its parameters, each as the database reads it. Raises Failure for one that is not known."""
    from sqlalchemy import text

    clause = text(statement)
    unknown = _wanted(clause) - values.keys()
    if unknown:
        known = ", ".join(f":{name}" for name in values)
        sentence = f"{key} wants :{', :'.join(sorted(unknown))}; it may have {known}"
        raise Failure(FailureKind.REJECTED, clean(sentence, 300))
    parameters = (_named(name, values[name]) for name in sorted(_wanted(clause)))
    return clause.bindparams(*parameters)


def _named(name: str, value: Any) -> Any:
    from sqlalchemy import bindparam

    return bindparam(name, value, type_=as_it_is(value).type)


def _wanted(clause: TextClause) -> set[str]:
    names: Iterable[str] = clause.compile().params
    return set(names)
