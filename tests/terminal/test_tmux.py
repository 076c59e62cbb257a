"""The demo inside tmux, whose client is a terminal of ours: what answers must be the outermost one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.demo import COMMAND, environment, runs, wait_for_outcome
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

Start = Callable[..., Terminal]
LIVE = "y  go"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the demo in a tmux server of its own, seen through a terminal."""
    opened: list[Terminal] = []
    socket = f"rollback-test-{os.getpid()}-{tmp_path.name[-12:]}"

    def begin(*arguments: str, delay_s: float = 0.0) -> Terminal:
        inside = " ".join([*COMMAND, "demo", *arguments])
        command = ("tmux", "-L", socket, "-f", "/dev/null", "new-session", inside)
        opened.append(Terminal(command, environment(tmp_path), 80, 25, delay_s))
        return opened[-1]

    yield begin
    subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True, check=False)
    for terminal in opened:
        terminal.close()


def test_two_keys_work_inside_tmux(start: Start, tmp_path: Path) -> None:
    terminal = start("--speed", "10")
    terminal.wait_for("r code→v41", "breached")

    terminal.send(b"r")
    terminal.wait_for(LIVE)
    terminal.send(b"y")

    terminal.wait_for("verified", "recovered")
    assert wait_for_outcome(tmp_path, environment(tmp_path))["outcome"] == "verified"


def test_a_blind_y_through_tmux_over_a_slow_link_confirms_nothing(start: Start, tmp_path: Path) -> None:
    # Given tmux near the console and a person 2 s away from both
    terminal = start("--speed", "10", delay_s=2.0)
    terminal.wait_for("r code→v41")

    # When y follows r before the dialog can have been seen; tmux itself would answer at once
    terminal.send(b"r")
    terminal.read(1.0)
    assert "Roll back code" not in terminal.text
    terminal.send(b"y")

    # Then the dialog stands, unconfirmed
    terminal.wait_for("Roll back code", "type pharmabot")
    terminal.send(b"\x1b")
    terminal.wait_for("r code→v41")
    assert runs(tmp_path, environment(tmp_path)) == []


def test_a_detached_client_leaves_the_run_going(start: Start, tmp_path: Path) -> None:
    terminal = start("--speed", "2")
    terminal.wait_for("r code→v41", "breached")
    terminal.send(b"r")
    terminal.wait_for(LIVE)
    terminal.send(b"y")
    terminal.wait_for("Rolling back")

    terminal.cut()

    assert wait_for_outcome(tmp_path, environment(tmp_path))["outcome"] == "verified"
