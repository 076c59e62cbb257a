"""The SQL that does by hand what a plan would do to the registry: whole, in one transaction, for psql or sqlite3."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from console.config.layer_settings import EmbeddingSettings
from console.config.section import FROM_ENVIRONMENT
from console.domain.embedding import EmbeddingState, Index
from console.stores.vectors import name_of

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_RESERVED = frozenset({"active", "default", "index", "order", "table", "user", "group", "rows"}) - {"active", "rows"}


def switch(settings: EmbeddingSettings, state: EmbeddingState, leaves: Index) -> str:
    """Locks the registry's rows, deactivates, activates; psql stops at the first error, and then nothing changes."""
    table, columns = quoted(settings.registry), settings.columns
    name, active = _one(columns.name), _one(columns.active)
    on, off = ("1", "0") if state.numbers else ("true", "false")
    stamped = f", {_one(columns.activated_at)} = {_now(state)}" if columns.activated_at else ""
    lines = [f"SELECT {name}, {active} FROM {table} ORDER BY {name}{_locking(state)};"]
    for one in state.actives:
        if one.name != leaves.name:
            lines.append(f"UPDATE {table} SET {active} = {off} WHERE {name} = {text(one.name)};")
    lines.append(f"UPDATE {table} SET {active} = {on}{stamped} WHERE {name} = {text(leaves.name)};")
    return _transaction(settings, state, lines, 2)


def drop(settings: EmbeddingSettings, state: EmbeddingState, index: Index, with_table: bool) -> str:
    """Drops the vectors' table and the registry's row."""
    table, columns = quoted(settings.registry), settings.columns
    lines = [f"DROP TABLE {quoted(name_of(settings, index.name))};"] if with_table else []
    lines.append(f"DELETE FROM {table} WHERE {_one(columns.name)} = {text(index.name)};")
    return _transaction(settings, state, lines, 3)


def lacking(settings: EmbeddingSettings, state: EmbeddingState, newer: Index, older: Index) -> str:
    """Writes the documents that only the newer index has as CSV."""
    document = _one(settings.document)
    new, old = (quoted(name_of(settings, one.name)) for one in (newer, older))
    query = f"SELECT {document} FROM {new} EXCEPT SELECT {document} FROM {old} ORDER BY 1"
    if state.dialect == "sqlite":
        return f"sqlite3 -csv -header {_file(settings)} {shlex.quote(query)}"
    return f"psql {_address(settings)} --csv -c {shlex.quote(query)}"


def quoted(name: str) -> str:
    """A table's name, perhaps with its schema, quoted where it must be."""
    return ".".join(_one(part) for part in name.split("."))


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _one(name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _locking(state: EmbeddingState) -> str:
    return "" if state.dialect == "sqlite" else " FOR UPDATE"


def _now(state: EmbeddingState) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')" if state.dialect == "sqlite" else "now()"


def _transaction(settings: EmbeddingSettings, state: EmbeddingState, lines: Sequence[str], lock_s: int) -> str:
    if state.dialect == "sqlite":
        return "\n".join((f"sqlite3 -bail {_file(settings)} <<'SQL'", "BEGIN IMMEDIATE;", *lines, "COMMIT;", "SQL"))
    begin = ("BEGIN;", f"SET LOCAL lock_timeout = '{lock_s}s';")
    return "\n".join((f"psql {_address(settings)} -v ON_ERROR_STOP=1 <<'SQL'", *begin, *lines, "COMMIT;", "SQL"))


def _address(settings: EmbeddingSettings) -> str:
    """The address as psql takes it: SQLAlchemy's `postgresql+psycopg://` is not for psql."""
    if settings.url.startswith(FROM_ENVIRONMENT):
        return f'"${settings.url.removeprefix(FROM_ENVIRONMENT)}"'
    return shlex.quote(re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", settings.url))


def _file(settings: EmbeddingSettings) -> str:
    """SQLite's file; of an address in the environment, whatever follows `sqlite:///`."""
    if settings.url.startswith(FROM_ENVIRONMENT):
        return f'"${{{settings.url.removeprefix(FROM_ENVIRONMENT)}#sqlite:///}}"'
    return shlex.quote(settings.url.removeprefix("sqlite:///"))
