"""The open stores of a running stage: what the service finds in them now, and its call log.

Nothing here ever raises or waits long: a database that is locked, missing or broken is what the service meets.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from console.simulator.stores.furnish import CHAT_OFF, FILE, stamp
from console.simulator.stores.repository import Repository
from console.simulator.surroundings import Call, Document, Index, Leaflets, Prompt, Surroundings

WAIT_S = 0.02
UNWRITTEN = 10_000
ACTIVE_PROMPTS = "SELECT name, version, content FROM system_prompts WHERE is_active ORDER BY name, version"
ACTIVE_INDEXES = "SELECT name FROM embedding_indexes WHERE active ORDER BY name"
LOGGED = (
    "INSERT INTO llm_calls (at, prompt_name, prompt_version, revision, model, request_id, status)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
VERSION = "PRAGMA data_version"


class Stores:
    """The folder of one stage's stores. `repository` is there where the prompts are kept in git."""

    def __init__(self, folder: Path, repository: Repository | None = None) -> None:
        self.folder, self.repository = folder, repository
        self.path = folder / FILE
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._seen: tuple[Any, Surroundings] | None = None
        self._earlier: tuple[tuple[datetime, Leaflets], ...] = ()
        self._unwritten: deque[Call] = deque(maxlen=UNWRITTEN)

    def around(self, now: datetime, commits: Iterable[str] = ()) -> Surroundings:
        """What the service finds at this moment; read anew whenever somebody else has written.

        Where the leaflets' columns are not the same any more, they were as before until now.
        """
        found = replace(self._read(now), chat_off=(self.folder / CHAT_OFF).exists())
        if self.repository is None:
            return found
        return replace(found, committed=self.repository.prompts(commits))

    def note(self, call: Call) -> None:
        """Writes a row of the call log now, or with the next one where the database does not take it."""
        self._unwritten.append(call)
        try:
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(LOGGED, [_row(one) for one in self._unwritten])
            connection.execute("COMMIT")
        except sqlite3.Error:
            self._rolled_back()
            return
        self._unwritten.clear()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _read(self, now: datetime) -> Surroundings:
        try:
            connection = self._opened()
            version = (self._file, connection.execute(VERSION).fetchone())
            if self._seen is None or self._seen[0] != version:
                self._seen = (version, self._look(connection, now))
            return self._seen[1]
        except sqlite3.Error as error:
            self._rolled_back()
            return Surroundings(trouble=str(error), earlier=self._earlier)

    def _look(self, connection: sqlite3.Connection, now: datetime) -> Surroundings:
        """One consistent reading of everything."""
        connection.execute("BEGIN")
        try:
            before = self._seen[1].leaflets if self._seen is not None else None
            leaflets = _leaflets(connection)
            if before is not None and before.columns != leaflets.columns:
                self._earlier = (*self._earlier, (now, before))
            prompts = tuple(
                Prompt(str(one), str(v), str(text)) for one, v, text in connection.execute(ACTIVE_PROMPTS)
            )
            active = connection.execute(ACTIVE_INDEXES).fetchall()
            indexes = tuple(self._index(connection, str(name)) for (name,) in active)
            return Surroundings(prompts, indexes, leaflets, self._earlier)
        finally:
            connection.execute("ROLLBACK")

    def _index(self, connection: sqlite3.Connection, name: str) -> Index:
        quoted = name.replace('"', '""')
        try:
            rows = connection.execute(f'SELECT id, embedding FROM "{quoted}" ORDER BY id').fetchall()
            return Index(name, tuple(_document(str(one), str(text)) for one, text in rows))
        except (sqlite3.Error, ValueError) as error:
            return Index(name, trouble=str(error))

    def _opened(self) -> sqlite3.Connection:
        """The connection, made anew where the file is another one than it was."""
        try:
            found = os.stat(self.path)
        except OSError as error:
            self.close()
            raise sqlite3.OperationalError("unable to open database file") from error
        if self._connection is None or self._file != (found.st_dev, found.st_ino):
            self.close()
            self._file, self._seen = (found.st_dev, found.st_ino), None
            self._connection = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
            self._connection.execute("PRAGMA synchronous = OFF")
        return self._connection

    def _rolled_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def backdated(path: Path, calls: Iterable[Call]) -> None:
    """Writes the calls of the past."""
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(LOGGED, [_row(one) for one in calls])
    connection.close()


def _leaflets(connection: sqlite3.Connection) -> Leaflets:
    try:
        cursor = connection.execute("SELECT * FROM leaflets")
        columns = tuple(one[0] for one in cursor.description)
        return Leaflets(columns, tuple(dict(zip(columns, row, strict=True)) for row in cursor))
    except sqlite3.Error as error:
        return Leaflets(trouble=str(error))


def _document(identity: str, text: str) -> Document:
    vector = json.loads(text)
    return Document(identity, len(vector), {place: value for place, value in enumerate(vector) if value})


def _row(call: Call) -> tuple[Any, ...]:
    version = int(call.prompt_version) if call.prompt_version.isdigit() else call.prompt_version or None
    return (
        stamp(call.at),
        call.prompt_name,
        version,
        call.revision,
        call.model or None,
        call.request_id,
        call.status,
    )
