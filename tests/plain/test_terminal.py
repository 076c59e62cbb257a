"""Which terminals get lines instead of a screen."""

from __future__ import annotations

import pytest

from console.commands.terminal import wants_lines


@pytest.mark.parametrize(
    ("environment", "lines"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "ACCESSIBLE": "1"}, True),
        ({"TERM": "xterm-256color", "ACCESSIBLE": "0"}, False),
        ({"TERM": "xterm-256color", "ACCESSIBLE": ""}, False),
        ({"TERM": "dumb"}, True),
        ({"TERM": ""}, True),
        ({}, True),
        ({"TERM": "a-terminal-newer-than-this-bastion"}, False),
    ],
)
def test_lines_are_for_who_asks_and_for_what_cannot_draw(environment: dict[str, str], lines: bool) -> None:
    assert wants_lines(environment) is lines


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    import curses

    monkeypatch.setattr(curses, "setupterm", lambda term, fd: None)
    monkeypatch.setattr(curses, "tigetstr", lambda name: None)
    assert wants_lines({"TERM": "teletype"})
