"""Rooms and doors: who imports whom, as written and as loaded."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import console.domain

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = sorted(f"console.domain.{module.name}" for module in pkgutil.iter_modules(console.domain.__path__))
HEAVY = ("textual", "screens", "azure", "httpx", "aiohttp", "sqlalchemy", "psycopg", "sqlite3")


def loaded_by(*modules: str) -> set[str]:
    """The names of everything that importing these modules loads, in a process of their own."""
    code = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *modules]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    return set(told.stdout.split())


def test_every_contract_of_the_project_holds() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    code = "import importlinter.cli as cli; cli.lint_imports_command(['--no-cache'])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert told.returncode == 0, told.stdout + told.stderr


def test_the_domain_loads_nothing_that_reaches_out() -> None:
    assert DOMAIN
    loaded = loaded_by(*DOMAIN)

    assert not loaded & {*HEAVY, "socket", "subprocess", "asyncio"}


def test_the_command_line_starts_with_next_to_nothing() -> None:
    assert not loaded_by("console.cli") & {*HEAVY, "pydantic", "asyncio"}


@pytest.mark.parametrize("command", ["status", "plan", "rollback", "history"])
def test_a_command_loads_no_screen_no_simulator_and_no_credentials_it_may_not_need(command: str) -> None:
    loaded = loaded_by(f"console.commands.{command}")

    assert not loaded & {"textual", "screens", "aiohttp", "azure.identity", "sqlalchemy", "psycopg"}
    assert not {name for name in loaded if name.startswith("console.simulator")}


def test_the_runner_loads_no_screen() -> None:
    assert not loaded_by("console.detached", "console.target") & {"textual", "screens", "aiohttp", "azure.identity"}


def test_nothing_of_the_console_loads_textual() -> None:
    modules = [
        module.name
        for module in pkgutil.walk_packages([str(ROOT / "console")], "console.")
        if not module.name.endswith(("__main__",))
    ]

    assert not loaded_by(*modules) & {"textual", "screens"}
