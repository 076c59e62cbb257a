"""The SQLite file behind a record: private, synced, append-only, and never on a network filesystem."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from console.record.place import network_filesystem

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
    step INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run, seq);
CREATE TABLE IF NOT EXISTS marks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT NOT NULL, good INTEGER NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, at TEXT NOT NULL, began TEXT NOT NULL,
    by TEXT NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
    node TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS aftercare (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
    leaf TEXT NOT NULL, text TEXT NOT NULL, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS carried (version TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bundles (digest TEXT PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS observed (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    looks INTEGER NOT NULL, measured INTEGER NOT NULL, breached INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lease (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, run INTEGER NOT NULL, holder TEXT NOT NULL,
    expires TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the run log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the run log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS answers_stay BEFORE UPDATE ON answers
    BEGIN SELECT RAISE(ABORT, 'the run log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS answers_remain BEFORE DELETE ON answers
    BEGIN SELECT RAISE(ABORT, 'the run log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS aftercare_stays BEFORE UPDATE ON aftercare
    BEGIN SELECT RAISE(ABORT, 'the run log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS aftercare_remains BEFORE DELETE ON aftercare
    BEGIN SELECT RAISE(ABORT, 'the run log is append-only'); END;
"""


class RecordError(Exception):
    """The record cannot be read or written; `sentence` says why and what is safe to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Database:
    """One open record file.

    Raises RecordError where the file cannot be opened for writing, or lies on a network filesystem.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _refuse_network(path)
        try:
            self._connection = _open(path)
        except (sqlite3.Error, OSError) as error:
            raise RecordError(f"the run log {path} cannot be written: {error}") from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction, synced to disk when the block ends. Raises RecordError."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            raise RecordError(f"the run log {self.path} cannot be written: {error}") from error

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """What a query finds. Raises RecordError."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise RecordError(f"the run log {self.path} cannot be read: {error}") from error

    def close(self) -> None:
        self._connection.close()


def open_or_set_aside(path: Path, now: datetime) -> tuple[Database, str]:
    """The record at `path`; a corrupt file is set aside, whole, and the second value says so."""
    if not path.exists() or _sound(path):
        return Database(path), ""
    aside = path.with_name(f"{path.name}.corrupt-{now:%Y%m%dT%H%M%SZ}")
    try:
        os.replace(path, aside)
    except OSError as error:
        raise RecordError(f"the run log {path} is corrupt and cannot be set aside: {error}") from error
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    return Database(path), f"the run log was corrupt: it is kept as {aside.name}, and a new one began"


def _sound(path: Path) -> bool:
    """Whether SQLite can read the file's structure; one that cannot be opened at all is not called corrupt."""
    try:
        connection = sqlite3.connect(path, timeout=5)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _create(path)
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(_SCHEMA)
    return connection


def _create(path: Path) -> None:
    """Makes the file, readable by us alone, where there is none.

    One that exists is never opened here: closing any descriptor of it would drop the locks that SQLite holds on it in
    this process (https://www.sqlite.org/howtocorrupt.html, 2.2), and another process would then delete its log.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _refuse_network(path: Path) -> None:
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    kind = network_filesystem(path.parent.absolute(), mounts)
    if kind:
        raise RecordError(
            f"the run log {path} would lie on a network filesystem ({kind}): set ROLLBACK_STATE elsewhere"
        )
