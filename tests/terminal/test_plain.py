"""The console as lines in a real terminal: for screen readers, dumb terminals, and who asks for it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.demo import COMMAND, environment, runs, wait_for_outcome
from tests.terminal.terminal import Terminal

Start = Callable[..., Terminal]
WORD = re.compile(r"Type (\d) to go")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    opened: list[Terminal] = []

    def begin(*arguments: str, speed: int = 20, **changes: str) -> Terminal:
        command = (*COMMAND, *arguments, "demo", "--speed", str(speed))
        opened.append(Terminal(command, {**environment(tmp_path), **changes}, 110, 60))
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


def confirm(terminal: Terminal) -> None:
    """Asks for the rollback, and types the digit that is wanted."""
    terminal.wait_for("Number:", "1  Roll back code → v41")
    terminal.send(b"1\n")
    terminal.wait_for("or only enter to leave:")
    found = WORD.search(terminal.text)
    assert found is not None, terminal.text
    terminal.send(f"{found.group(1)}\n".encode())


def test_two_numbers_and_a_digit_roll_back(start: Start, tmp_path: Path) -> None:
    terminal = start("--plain")

    confirm(terminal)

    terminal.wait_for("✔ traffic → v41 100 %", "verified: v41 serves")
    assert wait_for_outcome(tmp_path, environment(tmp_path))["outcome"] == "verified"
    terminal.wait_for("undo run 1")
    terminal.send(b"0\n")
    assert terminal.wait_exit() == 0


@pytest.mark.parametrize("changes", [{"ACCESSIBLE": "1"}, {"TERM": "dumb"}], ids=["ACCESSIBLE", "dumb"])
def test_who_cannot_use_a_screen_gets_lines_unasked(start: Start, changes: dict[str, str]) -> None:
    terminal = start(**changes)
    terminal.wait_for("Number:", "1  Roll back code → v41")
    terminal.send(b"0\n")
    assert terminal.wait_exit() == 0


def test_what_was_typed_ahead_confirms_nothing(start: Start, tmp_path: Path) -> None:
    # Given every digit typed before the question stands
    terminal = start("--plain")
    terminal.wait_for("Number:")
    terminal.send(b"1\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n")

    # Then the question waits all the same, and nothing goes
    terminal.wait_for("or only enter to leave:")
    terminal.send(b"\n")
    terminal.wait_for("Not confirmed; nothing was sent.")
    assert runs(tmp_path, environment(tmp_path)) == []


def test_an_interruption_leaves_the_run_going(start: Start, tmp_path: Path) -> None:
    # Given a run that has been sent
    terminal = start("--plain", speed=2)
    confirm(terminal)
    terminal.wait_for("✔ v41 is ready")

    # When it is interrupted
    terminal.send(b"\x03")

    # Then that is said, and the run goes on to its proof
    terminal.wait_for("Run 1 goes on without this console")
    assert terminal.wait_exit() == 130
    assert wait_for_outcome(tmp_path, environment(tmp_path))["outcome"] == "verified"


def test_an_interruption_at_the_menu_leaves(start: Start) -> None:
    terminal = start("--plain")
    terminal.wait_for("Number:")
    terminal.send(b"\x03")
    assert terminal.wait_exit() == 130


def test_it_only_ever_appends(start: Start) -> None:
    """No escape sequence at all: what a screen reader has read stays as it was."""
    terminal = start("--plain")
    received: list[bytes] = []
    feed = terminal._stream.feed
    terminal._stream.feed = lambda data: (received.append(data), feed(data))[1]  # type: ignore[method-assign]
    confirm(terminal)
    terminal.wait_for("verified")
    assert b"\x1b" not in b"".join(received)


def test_without_any_terminal_it_says_what_to_use(tmp_path: Path) -> None:
    config = tmp_path / "rollback.toml"
    config.write_text("")
    for arguments in ((), ("--plain",)):
        told = subprocess.run(
            [*COMMAND, "--config", str(config), *arguments],
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 2
        assert "Without one: rollback-console status, plan, rollback" in told.stderr
