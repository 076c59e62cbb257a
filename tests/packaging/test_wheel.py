"""What a stranger gets: the wheel alone, in a clean environment, from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project built from a copy, so that no build folder is left behind."""
    source = tmp_path_factory.mktemp("source")
    for name in ("console", "screens", "runbooks", "pyproject.toml", "README.md"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(source)], check=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run([*build, "--outdir", str(source / "dist"), str(source)], check=True, capture_output=True)
    return next((source / "dist").glob("*.whl"))


def test_the_wheel_carries_screens_and_runbooks(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "runbooks/code-traffic-shift.md" in names
    assert "runbooks/roles/operator.json" in names
    assert "screens/app.py" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_wheel_runs_the_demo_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    # Given the wheel, installed where nothing else is
    venv, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(venv / "bin" / "pip"), "install", "-q", str(wheel)], check=True, capture_output=True)

    # When the demo runs without a terminal
    environment = {**os.environ, "ROLLBACK_STATE": str(tmp_path / "state")}
    environment.pop("PYTHONPATH", None)
    command = [str(venv / "bin" / "rollback-console"), "demo", "--speed", "20"]
    quiet = subprocess.DEVNULL
    demo = subprocess.run(command, cwd=empty, env=environment, stdin=quiet, capture_output=True, text=True)

    # Then it tells the story to its proof, and leaves the folder empty
    assert demo.returncode == 0, demo.stderr
    assert "verified: v41 serves" in demo.stdout
    assert list(empty.iterdir()) == []
    # And the runbooks came with it
    code = "import importlib.resources as r; print((r.files('runbooks') / 'code-traffic-shift.md').read_text()[:3])"
    shown = subprocess.run([str(venv / "bin" / "python"), "-c", code], cwd=empty, capture_output=True, text=True)
    assert shown.stdout.startswith("---")
