"""Reports of unexpected errors say where, and never what was in a variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.crash import describe, redact, write_report
from tests.screens.scripted_desk import NOW


@pytest.mark.parametrize(
    "secret",
    [
        "Authorization: Bearer abc.def",
        "postgresql://bob:hunter2@db/prompts",
        "client_secret=abc.def&x=1",
        "token: abc.def",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def",
        "A" * 48,
    ],
)
def test_what_looks_like_a_secret_is_cut(secret: str) -> None:
    cut = redact(f"before {secret} after")
    assert not any(word in cut for word in ("abc.def", "hunter2", "abc-def", "A" * 40))
    assert cut.startswith("before ")
    assert cut.endswith("after")


def test_a_report_names_the_causes() -> None:
    try:
        try:
            raise ValueError("first")
        except ValueError as error:
            raise KeyError("second") from error
    except KeyError as error:
        text = describe(error, NOW)
    assert text.index("KeyError") < text.index("ValueError")
    assert "test_crash.py" in text


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = write_report(ValueError("x"), tmp_path / "file", NOW)
    assert "ValueError" in said
    assert "No report could be written" in said
