"""A file of golden questions that cannot be read is named by the doctor, with its mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.config.layer_settings import GoldenSettings
from console.setup.check import State
from console.setup.golden_checks import golden_checks
from console.signals.golden import Examiner
from tests.engine.played import settings

NOBODY: Any = None


async def checked(folder: Path, text: str) -> tuple[State, str]:
    (folder / "golden.toml").write_text(text, encoding="utf-8")
    target = settings().model_copy(update={"golden": GoldenSettings(), "home": str(folder)})
    (check,) = await golden_checks(Examiner(target, NOBODY, NOBODY))
    return check.state, check.detail


async def test_questions_that_can_be_asked_are_counted(tmp_path: Path) -> None:
    question = '[[question]]\nname = "{}"\npath = "/chat"\ncontains = "x"\n'
    assert await checked(tmp_path, "".join(question.format(name) for name in "abc")) == (
        State.PASS,
        "3 of them, in golden.toml",
    )


async def test_a_file_that_cannot_be_read_is_a_failure_with_its_mistake(tmp_path: Path) -> None:
    state, detail = await checked(tmp_path, "nonsense")
    assert state is State.FAIL
    assert "not valid TOML" in detail


async def test_nothing_is_checked_where_nothing_is_configured() -> None:
    assert await golden_checks(None) == ()
