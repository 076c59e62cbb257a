"""Makes the service's database: one SQLite file that others may change while the service reads it.

Moments are text in UTC, `2026-11-21 03:12:00.000000`, as SQLite's own CURRENT_TIMESTAMP and SQLAlchemy write them, so
that they compare as text.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.simulator.stores import beside
from console.simulator.stores.embedders import as_text, dimensions_of
from console.simulator.stores.knowledge import DOCUMENTS, LEAFLETS, prompts

FILE = "service.db"
CHAT_OFF = "chat-off"
BUILT, MIGRATED = timedelta(days=90), timedelta(days=41)
PIPELINE = "pipeline@pharmabot.example"
SMALL, ADA = "text-embedding-3-small", "text-embedding-ada-002"
SCHEMA = """
CREATE TABLE system_prompts (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    activated_at TIMESTAMP,
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX one_active_prompt ON system_prompts (name) WHERE is_active;
CREATE TABLE llm_calls (
    at TIMESTAMP NOT NULL,
    prompt_name TEXT NOT NULL,
    prompt_version INTEGER,
    revision TEXT NOT NULL,
    model TEXT,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL
);
CREATE INDEX llm_calls_at ON llm_calls (at);
CREATE TABLE embedding_indexes (
    name TEXT PRIMARY KEY,
    embedder TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    built_at TIMESTAMP NOT NULL,
    active BOOLEAN NOT NULL DEFAULT 0,
    activated_at TIMESTAMP
);
CREATE TABLE leaflets (id TEXT PRIMARY KEY, medicine TEXT NOT NULL, dosage TEXT NOT NULL);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE schema_changes (at TIMESTAMP NOT NULL, by TEXT, head TEXT NOT NULL);
CREATE TRIGGER schema_changed AFTER UPDATE ON alembic_version BEGIN
    INSERT INTO schema_changes (at, head) VALUES (strftime('%Y-%m-%d %H:%M:%f000', 'now'), new.version_num);
END;
"""


def furnish(folder: Path, now: datetime) -> Path:
    """Makes the database and the files beside it, all well as of `now`; older ones are replaced. Its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    (folder / CHAT_OFF).unlink(missing_ok=True)
    for old in (path, *(path.with_name(FILE + tail) for tail in ("-wal", "-shm", "-journal"))):
        old.unlink(missing_ok=True)
    beside.write(folder)
    with changing(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
    with changing(path) as connection:
        _prompts(connection, now)
        connection.executemany("INSERT INTO leaflets (id, medicine, dosage) VALUES (?, ?, ?)", LEAFLETS)
        connection.execute("INSERT INTO alembic_version VALUES (?)", (beside.HEAD,))
        note_migration(connection, now - MIGRATED, PIPELINE, beside.HEAD)
        add_index(connection, "docs_v1", SMALL, now - BUILT)
        activate_index(connection, "docs_v1", now - BUILT)
    return path


@contextlib.contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the database, from a connection of its own."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection
        connection.commit()
    finally:
        connection.close()


def stamp(at: datetime) -> str:
    """A moment as the tables hold it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def add_prompt(connection: sqlite3.Connection, name: str, version: int, content: str, created: datetime) -> None:
    """A further version, which is not active."""
    query = "INSERT INTO system_prompts (name, version, content, created_at) VALUES (?, ?, ?, ?)"
    connection.execute(query, (name, version, content, stamp(created)))


def activate_prompt(connection: sqlite3.Connection, name: str, version: int, at: datetime) -> None:
    """That version becomes the active one, and no other is."""
    connection.execute("UPDATE system_prompts SET is_active = 0 WHERE name = ?", (name,))
    query = "UPDATE system_prompts SET is_active = 1, activated_at = ? WHERE name = ? AND version = ?"
    connection.execute(query, (stamp(at), name, version))


def add_index(connection: sqlite3.Connection, name: str, embedder: str, built: datetime) -> None:
    """An index of all documents with its vectors, `docs_…`, and its entry in the registry."""
    connection.execute(f'CREATE TABLE "{name}" (id TEXT PRIMARY KEY, content TEXT NOT NULL, embedding TEXT NOT NULL)')
    rows = [(one, content, as_text(embedder, content)) for one, content in DOCUMENTS]
    connection.executemany(f'INSERT INTO "{name}" VALUES (?, ?, ?)', rows)
    query = "INSERT INTO embedding_indexes VALUES (?, ?, ?, ?, ?, 0, NULL)"
    connection.execute(query, (name, embedder, dimensions_of(embedder), len(rows), stamp(built)))


def activate_index(connection: sqlite3.Connection, name: str, at: datetime) -> None:
    """That index is the one in use."""
    connection.execute("UPDATE embedding_indexes SET active = (name = ?)", (name,))
    connection.execute("UPDATE embedding_indexes SET activated_at = ? WHERE name = ?", (stamp(at), name))


def migrate(connection: sqlite3.Connection, current: str, target: str, at: datetime) -> None:
    """What the migration tool would have done then. Whoever changes the head is noted by the database itself."""
    connection.executescript(f"BEGIN;\n{beside.script(current, target)}\nCOMMIT;")
    connection.execute("DELETE FROM schema_changes WHERE rowid = (SELECT max(rowid) FROM schema_changes)")
    note_migration(connection, at, PIPELINE, target)


def note_migration(connection: sqlite3.Connection, at: datetime, by: str, head: str) -> None:
    connection.execute("INSERT INTO schema_changes (at, by, head) VALUES (?, ?, ?)", (stamp(at), by, head))


def _prompts(connection: sqlite3.Connection, now: datetime) -> None:
    made = prompts()
    for name, version, content, age in made:
        add_prompt(connection, name, version, content, now - age - timedelta(days=1))
    for name, version, _, age in made:
        activate_prompt(connection, name, version, now - age)
