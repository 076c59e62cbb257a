"""The command by hand as a file: for its owner alone, and never over somebody else's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from screens.command_file import write_command
from tests.screens.scripted_desk import NOW, plan


def test_it_is_a_script_that_needs_only_az(tmp_path: Path) -> None:
    path = write_command(plan(), tmp_path, NOW)
    assert path.name == "rollback-pharmabot-by-hand.sh"
    assert path.stat().st_mode & 0o777 == 0o600
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


def test_our_own_is_written_anew_and_anothers_is_left_alone(tmp_path: Path) -> None:
    first = write_command(plan(), tmp_path, NOW)
    assert write_command(plan(by_hand="az other"), tmp_path, NOW) == first
    assert "az other" in first.read_text()
    first.write_text("somebody's notes")
    second = write_command(plan(), tmp_path, NOW)
    assert second.name == "rollback-pharmabot-by-hand-2.sh"
    assert first.read_text() == "somebody's notes"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("precious")
    (tmp_path / "rollback-pharmabot-by-hand.sh").symlink_to(tmp_path / "notes")
    write_command(plan(), tmp_path, NOW)
    assert (tmp_path / "notes").read_text() == "precious"


def test_a_name_cannot_leave_the_folder_nor_its_comment(tmp_path: Path) -> None:
    path = write_command(plan(target="../x\nrm -rf /"), tmp_path, NOW)
    assert path.parent == tmp_path
    assert "\nrm" not in path.read_text()


def test_where_everything_is_taken_it_says_so(tmp_path: Path) -> None:
    for extra in ("", "-2", "-3"):
        (tmp_path / f"rollback-pharmabot-by-hand{extra}.sh").write_text("mine")
    with pytest.raises(FileExistsError):
        write_command(plan(), tmp_path, NOW)
