"""`rollback-console calls`: which requests used the bad prompt, for people, for scripts, and one by one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.rehearsal import Told, call
from tests.stores.stocked import called, sqlite, stocked

CONFIG = """
[targets.bot]
environment = "staging"
[targets.bot.azure]
subscription = "00000000-0000-0000-0000-000000000000"
resource_group = "bot-rg"
[targets.bot.code]
container_app = "bot"
"""
LOGGED = """
[targets.bot.prompt]
url = "sqlite:///service.db"
[targets.bot.calls]
url = "sqlite:///service.db"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    base = stocked(sqlite(tmp_path))
    called(base, [(f"2026-11-21 02:5{n}:00+00:00", "drug_info", 6) for n in range(6)])
    called(base, [(f"2026-11-21 03:0{n}:00+00:00", "drug_info", 7) for n in range(4)])
    path = tmp_path / "rollback.toml"
    path.write_text(CONFIG + LOGGED)
    path.chmod(0o600)
    return path


def ask(config: Path, *arguments: str) -> Told:
    return call("--config", str(config), "calls", "--since", "2026-11-21T00:00:00Z", *arguments)


def test_calls_are_counted_by_version_and_what_serves_is_marked(config: Path) -> None:
    told = ask(config)
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines() == [
        "Calls by prompt and version, since 2026-11-21 00:00Z:",
        "  drug_info  v7               4 calls  2026-11-21 03:00:00Z to 2026-11-21 03:03:00Z  ● serves now",
        "  drug_info  v6               6 calls  2026-11-21 02:50:00Z to 2026-11-21 02:55:00Z  does not serve",
    ]


def test_scripts_get_the_same_as_json(config: Path) -> None:
    body = ask(config, "--prompt", "drug_info", "--version", "v7", "--json").json
    assert body["schema"] == 1
    assert body["calls"] == [
        {
            "prompt": "drug_info",
            "version": "7",
            "count": 4,
            "first": "2026-11-21T03:00:00.000Z",
            "last": "2026-11-21T03:03:00.000Z",
            "serves": True,
        }
    ]


def test_each_call_is_written_once_to_a_file_of_its_own(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "affected.csv"
    told = ask(config, "--version", "7", "--csv", str(path))
    assert told.out.splitlines()[-1] == f"4 calls written to {path}"
    assert [row[5] for row in csv.reader(path.open())] == ["request_id", "r0", "r1", "r2", "r3"]
    again = ask(config, "--csv", str(path))
    assert (again.code, again.err) == (2, f"{path} exists already and is not overwritten.\n")


def test_without_a_call_log_it_says_where_it_would_be_configured(config: Path) -> None:
    config.write_text(CONFIG)
    told = ask(config)
    assert told.code == 2
    assert told.err == "The call log of bot is not configured: [targets.bot.calls] says where.\n"


def test_a_log_that_cannot_be_read_is_a_sentence(config: Path) -> None:
    config.write_text(CONFIG + LOGGED + '[targets.bot.calls.columns]\nprompt_name = "prompt"\n')
    told = ask(config)
    assert told.code == 4
    assert "llm_calls has no column prompt: calls.columns.prompt_name says what it is called" in told.err
