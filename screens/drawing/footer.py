"""The footer: results rather than verbs, grey with the reason where a key cannot work now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from screens.drawing.text import Line, Span, Tone, fit, line, short, width_of


class Item(NamedTuple):
    """A key, what pressing it brings, and why it cannot work now (None where it can)."""

    key: str
    label: str
    why_not: str | None = None


def footer(items: Sequence[Item], width: int) -> Line:
    """Items from the left, the first ones surest; an item that does not fit whole is left out with what follows."""
    text = line(" ")
    for item in _together(items):
        piece = _piece(item, width)
        if width_of(text) + width_of(piece) > width - 1:
            break
        text = line(text, piece, "  ")
    return fit(text, width)


def _together(items: Sequence[Item]) -> list[Item]:
    """Neighbours that are grey for the same reason say it once: `r R: run 18 is under way`."""
    found: list[Item] = []
    for item in items:
        if found and item.why_not is not None and item.why_not == found[-1].why_not:
            found[-1] = found[-1]._replace(key=f"{found[-1].key} {item.key}")
        else:
            found.append(item)
    return found


def _piece(item: Item, width: int) -> Line:
    if item.why_not is None:
        return line(Span(item.key, Tone.KEY), f" {item.label}")
    return line(Span(f"{item.key}: {short(item.why_not, max(width // 2 - 4, 12))}", Tone.DIM))
