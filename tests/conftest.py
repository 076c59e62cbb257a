"""What every test is kept away from: the home, the state and the configuration of whoever runs it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _private_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Home, XDG folders, state and temporary files below one folder that is this test's own."""
    folder = tmp_path_factory.mktemp("private")
    cache = os.environ.get("PIP_CACHE_DIR") or str(Path.home() / ".cache" / "pip")
    for name in [key for key in os.environ if key.startswith(("ROLLBACK_", "XDG_"))]:
        monkeypatch.delenv(name)
    places = {"HOME": "home", "ROLLBACK_STATE": "state", "XDG_CONFIG_HOME": "config", "TMPDIR": "tmp"}
    for name, place in places.items():
        (folder / place).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder / place))
    monkeypatch.setenv("PIP_CACHE_DIR", cache)
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
