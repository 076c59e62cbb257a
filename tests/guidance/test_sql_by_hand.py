"""The SQL of the runbooks, given to psql and to sqlite3 as it would be pasted: it turns what it says, or nothing."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path

import psycopg
import pytest

from console.guidance.placeholders import Name, Names
from console.guidance.runbook import filled, shelf
from tests.guidance.checking import commands

WITH_PSQL = pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
PROMPTS = (
    "CREATE TABLE system_prompts (name text, version integer, is_active boolean, PRIMARY KEY (name, version));"
    "CREATE UNIQUE INDEX one_active ON system_prompts (name) WHERE is_active;"
    "INSERT INTO system_prompts VALUES ('drug_info', 6, false), ('drug_info', 7, true), ('other', 6, true);"
    "CREATE TABLE active_prompts (name text PRIMARY KEY, version integer);"
    "INSERT INTO active_prompts VALUES ('drug_info', 7), ('other', 6);"
)
WITHOUT_6 = PROMPTS.replace("'drug_info', 6, false", "'drug_info', 5, false")
INDEXES = (
    "CREATE TABLE embedding_indexes (name text PRIMARY KEY, active boolean);"
    "INSERT INTO embedding_indexes VALUES ('docs_v1', false), ('docs_v2', true);"
)
SCHEMA = "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('4f2a91');"
DOWN = "BEGIN;\nUPDATE alembic_version SET version_num='8c1d02' WHERE version_num = '4f2a91';\nCOMMIT;\n"
ACTIVE = "SELECT name, version FROM system_prompts WHERE is_active ORDER BY name"
POINTED = "SELECT name, version FROM active_prompts ORDER BY name"
IN_USE = "SELECT name FROM embedding_indexes WHERE active"
HEAD = "SELECT version_num FROM alembic_version"
TAKEN_BACK = [("drug_info", 6), ("other", 6)]
AS_IT_WAS = [("drug_info", 7), ("other", 6)]


def by_hand(name: str, place: str, folder: Path, tool: str, **facts: str) -> list[str]:
    """The commands of a runbook that use a database at `place`."""
    known = {
        "prompt": "drug_info",
        "good_version": "6",
        "bad_version": "7",
        "prompts_table": "system_prompts",
        "pointer_table": "active_prompts",
        "registry": "embedding_indexes",
        "good_index": "docs_v1",
        "bad_index": "docs_v2",
        "home": str(folder),
    }
    quoted = {f"{what}_{kind}" for what in ("prompts", "vectors", "database") for kind in ("url", "file")}
    names = {word: Name(text) for word, text in known.items()} | {
        "down_command": Name("cat printed.sql", quoted=True)
    }
    names |= {word: Name(shlex.quote(place), quoted=True) for word in quoted}
    text = filled(shelf().runbooks[name], Names(names, facts)).text
    return [one.text for one in commands(text) if re.search(rf"\b({tool}|down\.sql)\b", one.text)]


def pasted(command: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"


@WITH_PSQL
@pytest.mark.parametrize(
    ("name", "setup", "mode", "asked", "found"),
    [
        ("prompt-revert", PROMPTS, "flag", ACTIVE, TAKEN_BACK),
        ("prompt-revert", PROMPTS, "pointer", POINTED, TAKEN_BACK),
        (
            "prompt-revert",
            PROMPTS.replace("'drug_info', 6, false", "'drug_info', 5, false"),
            "flag",
            ACTIVE,
            AS_IT_WAS,
        ),
        ("prompt-revert", WITHOUT_6, "pointer", POINTED, AS_IT_WAS),
        ("embedding-index-switch", INDEXES, "flag", IN_USE, [("docs_v1",)]),
        ("embedding-index-switch", INDEXES.replace("docs_v1", "docs_v0"), "flag", IN_USE, [("docs_v2",)]),
        ("schema-down-migration", SCHEMA, "flag", HEAD, [("8c1d02",)]),
        ("schema-code-first", SCHEMA, "flag", HEAD, [("4f2a91",)]),
    ],
)
def test_psql(
    name: str, setup: str, mode: str, asked: str, found: list[object], postgres_url: str, tmp_path: Path
) -> None:
    url = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    (tmp_path / "printed.sql").write_text(DOWN)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(setup)
        facts = {"dialect": "postgresql", "prompts": "database", "prompt mode": mode}
        run = by_hand(name, url, tmp_path, "psql", **facts)
        assert run
        for command in run:
            pasted(command, tmp_path)
        assert connection.execute(asked).fetchall() == found


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed")
@pytest.mark.parametrize(
    ("name", "setup", "asked", "found"),
    [
        ("prompt-revert", PROMPTS, ACTIVE, TAKEN_BACK),
        ("embedding-index-switch", INDEXES, IN_USE, [("docs_v1",)]),
        ("schema-down-migration", SCHEMA, HEAD, [("8c1d02",)]),
    ],
)
def test_sqlite3(name: str, setup: str, asked: str, found: list[object], tmp_path: Path) -> None:
    place = tmp_path / "a service.db"
    (tmp_path / "printed.sql").write_text(DOWN)
    connection = sqlite3.connect(place)
    connection.executescript(setup)
    facts = {"dialect": "sqlite", "prompts": "database", "prompt mode": "flag"}
    for command in by_hand(name, str(place), tmp_path, "sqlite3", **facts):
        pasted(command, tmp_path)
    assert connection.execute(asked).fetchall() == found
    connection.close()
