"""Databases of prompts for the tests: the same rows on SQLite and on PostgreSQL, in each mode's tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from console.config.layer_settings import CallsSettings, PromptSettings
from console.stores.calls import CallLog
from console.stores.prompts import PLACE, PromptReader, PromptWriter
from console.stores.store import Store

TEXTS = {
    ("drug_info", 5): "You are a pharmacist.",
    ("drug_info", 6): "You are a careful pharmacist.\nUse {leaflet} only.",
    ("drug_info", 7): "You are a bold salesman.\nUse {leaflet} only.",
    ("triage", 3): "Decide who answers.",
}
ACTIVE = (("drug_info", 7), ("triage", 3))
CREATED = {5: "2026-08-01 09:00:00+00:00", 6: "2026-10-01 09:00:00+00:00", 7: "2026-11-21 02:50:00+00:00"}
FLAG = """
CREATE TABLE system_prompts (
    name TEXT NOT NULL, version INTEGER NOT NULL, content TEXT, is_active BOOLEAN NOT NULL,
    created_at {moment} NOT NULL, created_by TEXT, PRIMARY KEY (name, version));
CREATE UNIQUE INDEX one_active ON system_prompts (name) WHERE is_active;
"""
POINTER = """
CREATE TABLE system_prompts (
    name TEXT NOT NULL, version INTEGER NOT NULL, content TEXT, created_at {moment} NOT NULL, created_by TEXT,
    PRIMARY KEY (name, version));
CREATE TABLE active_prompts (name TEXT PRIMARY KEY, version INTEGER NOT NULL, updated_at {moment});
"""
CALLS = """
CREATE TABLE llm_calls (
    at {moment} NOT NULL, prompt_name TEXT, prompt_version INTEGER, revision TEXT, model TEXT, request_id TEXT,
    status INTEGER);
"""
SQL = {
    "versions": "SELECT name, version, created_at, is_active FROM system_prompts",
    "content": "SELECT content FROM system_prompts WHERE name = :name AND version = :version",
    "activate": (
        "UPDATE system_prompts SET is_active = (1 = 0) WHERE name = :name AND version = :former",
        "UPDATE system_prompts SET is_active = (1 = 1) WHERE name = :name AND version = :version",
    ),
}


class Base:
    """One database: `url` for the console, `run` for the test itself, by a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")

    def run(self, script: str, *rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Each statement of a script, or one statement for each of `rows`; the last one's rows."""
        script = script.replace("{moment}", "TEXT" if self.sqlite else "TIMESTAMPTZ")
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            if rows:
                cursor.executemany(script.replace("?", "?" if self.sqlite else "%s"), rows)
            else:
                for statement in filter(str.strip, script.split(";\n")):
                    cursor.execute(statement)
            found = cursor.fetchall() if cursor.description and not rows else []
            connection.commit()
        return found

    def connect(self) -> Any:
        if self.sqlite:
            import sqlite3

            return sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=10)
        import psycopg

        return psycopg.connect(self.url)

    def active(self, name: str = "drug_info") -> list[int]:
        """The active versions by the table itself."""
        return [row[0] for row in self.run(f"SELECT version FROM system_prompts WHERE name = '{name}' AND is_active")]


def stocked(url: str, mode: str = "flag") -> Base:
    """The usual prompts: drug_info 5, 6 and 7, of which 7 is active, and triage 3."""
    base = Base(url)
    base.run(POINTER if mode == "pointer" else FLAG)
    base.run(CALLS)
    rows = [(*key, text, CREATED.get(key[1], "2026-07-01 09:00:00+00:00"), "ann") for key, text in TEXTS.items()]
    if mode == "pointer":
        base.run(
            "INSERT INTO system_prompts (name, version, content, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
            *rows,
        )
        base.run(
            "INSERT INTO active_prompts VALUES (?, ?, ?)", *((*key, "2026-11-21 03:00:00+00:00") for key in ACTIVE)
        )
    else:
        columns = "name, version, content, created_at, created_by, is_active"
        query = f"INSERT INTO system_prompts ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
        base.run(query, *((*row, row[:2] in ACTIVE) for row in rows))
    return base


def called(base: Base, rows: Iterable[tuple[str, str | None, int | None]], revision: str = "v41") -> None:
    """Calls: when, prompt, version."""
    query = "INSERT INTO llm_calls VALUES (?, ?, ?, ?, ?, ?, ?)"
    base.run(query, *((*row, revision, "gpt-4o", f"r{place}", 200) for place, row in enumerate(rows)))


def settings(base: Base, mode: str = "flag", **more: Any) -> PromptSettings:
    sql = {"sql": SQL} if mode == "sql" else {}
    return PromptSettings.model_validate({"mode": mode, "url": base.url, **sql, **more})


def store(base: Base) -> Store:
    return Store(settings(base), {}, "", PLACE)


def reader(base: Base, mode: str = "flag", **more: Any) -> PromptReader:
    return PromptReader(settings(base, mode, **more), store(base))


def writer(base: Base, mode: str = "flag", **more: Any) -> PromptWriter:
    return PromptWriter(settings(base, mode, **more), store(base))


def call_log(base: Base, **columns: str) -> CallLog:
    return CallLog(CallsSettings.model_validate({"url": base.url, "columns": columns}), {}, "")


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'service.db'}"
