"""Has the dialog been seen? The outermost terminal is asked for its cursor, behind the last byte of the dialog.

The cursor is put on a random cell first, and only that cell counts: what answers has drawn what came before. Row 1
is never asked for, since a report from there looks like Shift+F3 (Textual 8.2's LinuxDriver parses reports into
CursorPosition events).
"""

from __future__ import annotations

from collections.abc import Callable
from random import SystemRandom

from screens.readiness import TERMINAL_S, Sight

Cell = tuple[int, int]

_RANDOM = SystemRandom()


def random_cell(width: int, height: int) -> Cell:
    """A row from 2 on and a column, both counted from 1."""
    return _RANDOM.randint(2, max(height, 2)), _RANDOM.randint(1, max(width, 1))


def question(cell: Cell) -> str:
    """Move there, and report where the cursor is."""
    row, column = cell
    return f"\x1b[{row};{column}H\x1b[6n"


def through_tmux(sequence: str) -> str:
    """The sequence wrapped so that tmux hands it to the terminal outside."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


class Sighting:
    """One dialog's questions and their answers. `now` is a monotonic clock in seconds."""

    def __init__(
        self, write: Callable[[str], None], now: Callable[[], float], choose: Callable[[int, int], Cell]
    ) -> None:
        self._write = write
        self._now = now
        self._choose = choose
        self._cell: Cell | None = None
        self._unanswered_since: float | None = None
        self._hopeless = False
        self._seen = False

    def ask(self, width: int, height: int, wrap: Callable[[str], str]) -> None:
        """Asks about the picture as it is now; answers to earlier questions no longer count."""
        self._seen = False
        self._cell = self._choose(width, height)
        if self._unanswered_since is None:
            self._unanswered_since = self._now()
        self._write(wrap(question(self._cell)))

    def forget(self) -> None:
        """The picture has changed: it has not been seen until the next question is answered."""
        self._seen, self._cell = False, None

    def give_up(self) -> None:
        """Something that is not the outermost terminal would answer: the name is typed instead."""
        self._hopeless = True

    def answered(self, x: int, y: int) -> None:
        """A report of the cursor at column `x` and row `y`, both counted from 0."""
        if self._cell == (y + 1, x + 1):
            self._seen, self._unanswered_since = True, None

    @property
    def sight(self) -> Sight:
        if self._hopeless:
            return Sight.SILENT
        if self._seen:
            return Sight.SEEN
        since = self._unanswered_since
        return Sight.SILENT if since is not None and self._now() - since >= TERMINAL_S else Sight.ASKING
