"""Whether the dialog was seen: only the outermost terminal's answer to the last question counts."""

from __future__ import annotations

from pathlib import Path

from screens.outer_terminal import BLOCKED, DIRECT, descends_from, find_way
from screens.readiness import Sight
from screens.seen import Sighting, question, random_cell, through_tmux


class Terminal:
    """Records what it is asked."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.now_s = 0.0
        self.cells = iter([(4, 9), (6, 2), (8, 3)])
        self.sighting = Sighting(self.written.append, lambda: self.now_s, lambda width, height: next(self.cells))

    def ask(self) -> None:
        self.sighting.ask(80, 24, str)


def test_the_question_moves_the_cursor_and_asks_where_it_is() -> None:
    assert question((4, 9)) == "\x1b[4;9H\x1b[6n"


def test_inside_tmux_it_is_wrapped_with_each_escape_doubled() -> None:
    assert through_tmux("\x1b[6n") == "\x1bPtmux;\x1b\x1b[6n\x1b\\"


def test_the_first_row_is_never_asked_for() -> None:
    cells = [random_cell(80, 24) for _ in range(300)]
    assert all(2 <= row <= 24 and 1 <= column <= 80 for row, column in cells)
    assert len(set(cells)) > 100


def test_only_the_cell_that_was_asked_counts() -> None:
    terminal = Terminal()
    terminal.ask()
    terminal.sighting.answered(8, 4)
    assert terminal.sighting.sight is Sight.ASKING
    terminal.sighting.answered(8, 3)
    assert terminal.sighting.sight is Sight.SEEN


def test_an_answer_about_the_picture_before_does_not_count() -> None:
    terminal = Terminal()
    terminal.ask()
    terminal.ask()
    terminal.sighting.answered(8, 3)
    assert terminal.sighting.sight is Sight.ASKING
    terminal.sighting.answered(1, 5)
    assert terminal.sighting.sight is Sight.SEEN


def test_a_changed_picture_has_not_been_seen() -> None:
    terminal = Terminal()
    terminal.ask()
    terminal.sighting.answered(8, 3)
    terminal.sighting.forget()
    assert terminal.sighting.sight is Sight.ASKING


def test_three_seconds_without_an_answer_are_silence_however_often_it_was_asked() -> None:
    terminal = Terminal()
    terminal.ask()
    terminal.now_s = 2.0
    terminal.ask()
    terminal.now_s = 2.9
    assert terminal.sighting.sight is Sight.ASKING
    terminal.now_s = 3.0
    assert terminal.sighting.sight is Sight.SILENT


def test_where_something_between_would_answer_the_name_is_typed_at_once() -> None:
    terminal = Terminal()
    terminal.sighting.give_up()
    assert terminal.sighting.sight is Sight.SILENT


def test_a_terminal_of_its_own_is_asked_directly() -> None:
    assert find_way({"TERM": "xterm-256color"}) is DIRECT


def test_screen_and_a_foreign_tmux_answer_by_themselves() -> None:
    assert find_way({"TERM": "screen-256color"}) is BLOCKED
    assert find_way({"TERM": "tmux-256color"}) is BLOCKED
    assert find_way({"TERM": "xterm", "STY": "123.pts"}) is BLOCKED


def test_a_parent_is_found_by_its_name(tmp_path: Path) -> None:
    for pid, parent, name in ((9, 5, "python"), (5, 2, "mosh-server"), (2, 1, "sh (x)"), (1, 0, "init")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(f"{pid} ({name}) S {parent} 1 1")
    assert descends_from(9, "mosh-server", tmp_path)
    assert not descends_from(2, "mosh-server", tmp_path)
    assert not descends_from(77, "mosh-server", tmp_path)
