"""The help as lines: every key of every screen, from the definitions that bind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, too_small
from screens.drawing.text import BLANK, Line, Span, Tone, line, pad, wrap

Groups = Iterable[tuple[str, Sequence[tuple[str, str]]]]

_SYMBOLS = (
    ("★", "known good: marked by a person, or proved by measurement"),
    ("△", "changed since it was good"),
    ("✔ ✗", "holds, or does not;  ○ idle;  ● under way;  ? not known;  – not there"),
)


def without_console(script: str, bypass: str) -> Iterable[tuple[str, Sequence[tuple[str, str]]]]:
    """What there is for the day this console, or Azure, is not to be had."""
    found = []
    if script:
        found.append(("script", f"{script}: the rollback by hand, kept current; it needs az and nothing else"))
    if bypass:
        found.append(("round Azure", bypass))
    return [("Without this console", found)] if found else []


def help_body(groups: Groups, width: int) -> list[Line]:
    """Every line of the help."""
    rows: list[Line] = []
    for name, keys in (*groups, ("Symbols", _SYMBOLS)):
        rows.append(line(" ", Span(name, Tone.TITLE)))
        rows += [row for key, said in keys for row in _entry(key, said, width)]
        rows.append(BLANK)
    return rows


def _entry(key: str, said: str, width: int) -> list[Line]:
    lines = wrap(said, width - 20)
    head = line("   ", Span(pad(key, 15), Tone.KEY), " ", lines[0])
    return [head, *(line(" " * 19, row) for row in lines[1:])]


def help_screen(
    groups: Groups, offset: int, items: Sequence[Item], width: int, height: int
) -> tuple[list[Line], int]:
    """Exactly `height` lines, and the furthest offset that shows something new."""
    if is_too_small(width, height):
        return too_small(width, height), 0
    body = help_body(groups, width)
    room = height - 3
    furthest = max(len(body) - room, 0)
    first = min(offset, furthest)
    more = line(Span(f"{len(body) - first - room} more lines", Tone.DIM)) if first < furthest else ()
    rows = filled(body[first : first + room], width, room)
    title = rule(line(Span("Help", Tone.TITLE)), (), width, False)
    return [title, *rows, rule((), more, width, False), footer(items, width)], furthest
