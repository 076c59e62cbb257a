"""The demo in a real pseudo-terminal, with its keys pressed and its screen read."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.demo import COMMAND, environment, runs, wait_for_outcome
from tests.terminal.terminal import Terminal

Start = Callable[..., Terminal]
LIVE = "y  go"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the demo on a terminal; what still runs is ended afterwards."""
    opened: list[Terminal] = []

    def begin(*arguments: str, delay_s: float = 0.0, columns: int = 80, lines: int = 24) -> Terminal:
        command = (*COMMAND, "demo", *arguments)
        opened.append(Terminal(command, environment(tmp_path), columns, lines, delay_s))
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


def test_two_keys_take_the_traffic_back_and_prove_it(start: Start, tmp_path: Path) -> None:
    # Given the demo on a terminal, with a bad revision serving
    terminal = start("--speed", "10")
    terminal.wait_for("100 %", "breached", "r code→v41")

    # When r is pressed, and y once the dialog lives
    terminal.send(b"r")
    terminal.wait_for("Roll back code", "state read just now", LIVE)
    terminal.send(b"y")

    # Then the run is shown, and proven
    terminal.wait_for("verified", "recovered")
    run = wait_for_outcome(tmp_path, environment(tmp_path))
    assert run["outcome"] == "verified"
    assert run["to"] == "pharmabot--v41"
    assert run["recovered_s"] is not None

    # And the console ends where it began, with the command on the screen
    terminal.send(b"\x1b")
    terminal.wait_for("nothing changed since known good")
    terminal.send(b"q")
    assert terminal.wait_exit() == 0
    assert "az containerapp ingress traffic set" in terminal.text


def test_a_killed_terminal_does_not_stop_the_run(start: Start, tmp_path: Path) -> None:
    # Given a run that has been sent
    terminal = start("--speed", "2")
    terminal.wait_for("r code→v41", "breached")
    terminal.send(b"r")
    terminal.wait_for(LIVE)
    terminal.send(b"y")
    terminal.wait_for("Rolling back", "InProgress")

    # When the terminal goes away
    terminal.cut()
    terminal.wait_exit()

    # Then the run goes on to its proof
    assert wait_for_outcome(tmp_path, environment(tmp_path))["outcome"] == "verified"


def test_r_and_y_in_one_write_confirm_nothing(start: Start, tmp_path: Path) -> None:
    terminal = start("--speed", "10")
    terminal.wait_for("r code→v41")

    terminal.send(b"ry")

    # The dialog opens, comes alive, and waits for somebody who has seen it
    terminal.wait_for(LIVE)
    terminal.send(b"n")
    terminal.wait_for("r code→v41")
    assert runs(tmp_path, environment(tmp_path)) == []


def test_a_blind_y_over_a_slow_link_confirms_nothing(start: Start, tmp_path: Path) -> None:
    # Given a link that takes 2 s each way
    terminal = start("--speed", "10", delay_s=2.0)
    terminal.wait_for("r code→v41")

    # When y follows r long before the dialog can have been seen
    terminal.send(b"r")
    terminal.read(1.0)
    assert "Roll back code" not in terminal.text
    terminal.send(b"y")

    # Then nothing is confirmed: the dialog still stands when everything has arrived
    terminal.wait_for("Roll back code", "type pharmabot")
    terminal.send(b"\x1b")
    terminal.wait_for("r code→v41")
    assert runs(tmp_path, environment(tmp_path)) == []


def test_a_stalled_terminal_still_ends_on_sigterm(start: Start) -> None:
    # Given a console whose terminal has stopped taking anything, with its link full of what it wanted to show
    terminal = start("--speed", "10")
    terminal.wait_for("r code→v41")
    terminal.send(b"/")
    assert terminal.stall(b"j") > 4000

    # When it is asked to end, then it ends
    terminal.kill(signal.SIGTERM)
    assert terminal.wait_exit_without_reading(20.0) in (128 + signal.SIGTERM, -signal.SIGTERM, 0)


def test_a_hang_up_ends_it_cleanly(start: Start) -> None:
    terminal = start("--speed", "10")
    terminal.wait_for("r code→v41")

    terminal.kill(signal.SIGHUP)

    assert terminal.wait_exit(20.0) in (128 + signal.SIGHUP, 0)


def test_a_terminal_too_small_says_so(start: Start) -> None:
    terminal = start("--speed", "10", columns=40, lines=12)

    terminal.wait_for("60")
    terminal.send(b"q")
    assert terminal.wait_exit() == 0
