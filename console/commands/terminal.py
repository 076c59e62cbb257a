"""What kind of terminal this is: one that draws screens, or one that prints lines."""

from __future__ import annotations

import contextlib
import curses
from collections.abc import Mapping

_NOT_SAID = ("", "dumb", "unknown")


def wants_lines(environment: Mapping[str, str]) -> bool:
    """Whether plain lines are wanted (ACCESSIBLE), or are all that this terminal can show.

    A terminal that terminfo knows and that cannot move its cursor prints lines. One that terminfo does not know, as
    is usual for a new terminal on an old bastion, is taken to draw.
    """
    if environment.get("ACCESSIBLE", "") not in ("", "0"):
        return True
    term = environment.get("TERM", "")
    return term in _NOT_SAID or not _moves_its_cursor(term)


def _moves_its_cursor(term: str) -> bool:
    with contextlib.suppress(curses.error):
        curses.setupterm(term, 1)
        return curses.tigetstr("cup") is not None
    return True
