"""What is imported before the first paint, and how the app ends when it must."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["screens.app", "screens.console_app", "screens.confirm", "screens.run_screen"])
def test_no_engine_is_imported_with_a_screen(module: str) -> None:
    heavy = (
        "azure",
        "httpx",
        "sqlalchemy",
        "pydantic",
        "aiohttp",
        "console.desk",
        "console.plan",
        "console.simulator",
    )
    done = python(f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_signals_are_taken_care_of_before_textual_is_imported() -> None:
    done = python("import sys, screens.app; print('textual' in sys.modules)")
    assert done.stdout.strip() == "False"


def test_a_dumb_terminal_is_refused_with_a_way_out() -> None:
    done = python("from screens.app import run; raise SystemExit(run(lambda _: None, first=None))", TERM="dumb")
    assert done.returncode == 2
    assert "rollback-console status" in done.stderr


_BROKEN = """
from datetime import UTC, datetime
from screens.app import run
from tests.screens.scripted_desk import ScriptedDesk

class Broken(ScriptedDesk):
    def __init__(self, show_code):
        super().__init__()

    def usual_s(self, layer="code"):
        secret = "hunter2-in-a-local"
        raise KeyError("password=hunter2-in-a-message")

raise SystemExit(run(Broken, first=None))
"""


def test_an_unexpected_error_ends_with_a_sentence_and_a_report_without_values(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "ROLLBACK_STATE": str(tmp_path / "state"),
        "HOME": str(tmp_path),
    }
    terminal = Terminal((sys.executable, "-c", _BROKEN), environment)
    try:
        terminal.wait_for("r code→v41")
        terminal.send(b"r")
        assert terminal.wait_exit() == 1
        assert "The console had to stop: KeyError" in terminal.text
    finally:
        terminal.close()
    (report,) = (tmp_path / "state").glob("crash-*.txt")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "in usual_s" in report.read_text()
    assert "hunter2" not in report.read_text()
    assert "hunter2" not in terminal.text
