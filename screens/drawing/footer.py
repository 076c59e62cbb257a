"""The footer: results rather than verbs, grey with the reason where a key cannot work now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from screens.drawing.text import Line, Span, Tone, fit, line, short, width_of


class Item(NamedTuple):
    """A key, what pressing it brings, and why it cannot work now (None where it can).

    A `sure` one is always seen, by its `brief` label where there is little room.
    """

    key: str
    label: str
    why_not: str | None = None
    sure: bool = False
    brief: str = ""


def footer(items: Sequence[Item], width: int) -> Line:
    """Items from the left; one that does not fit whole is left out with what follows, but for the sure ones."""
    text, full, shown = line(" "), False, _together(items)
    for place, item in enumerate(shown):
        later = [one if item.why_not else _brief(one) for one in shown[place + 1 :] if one.sure]
        kept = sum(width_of(_piece(one, width)) + 2 for one in later)
        room = width - 1 - width_of(text) - kept
        piece = _piece(item, width, room)
        if item.sure and width_of(piece) > room:
            piece = _piece(_brief(item), width, room)
        full = full or width_of(piece) > room
        if item.sure or not full:
            text = line(text, piece, "  ")
    return fit(text, width)


def _brief(item: Item) -> Item:
    return item._replace(label=item.brief or item.label)


def _together(items: Sequence[Item]) -> list[Item]:
    """Neighbours that are grey for the same reason say it once: `r R: run 18 is under way`."""
    found: list[Item] = []
    for item in items:
        if found and item.why_not is not None and item.why_not == found[-1].why_not:
            found[-1] = found[-1]._replace(key=f"{found[-1].key} {item.key}")
        else:
            found.append(item)
    return found


def _piece(item: Item, width: int, room: int = 1000) -> Line:
    """An item as it stands; a reason is shortened to its room, where that still says something."""
    if item.why_not is None:
        return line(Span(item.key, Tone.KEY), f" {item.label}")
    most = max(width // 2 - 4, 12)
    left = room - width_of((Span(f"{item.key}: "),))
    return line(Span(f"{item.key}: {short(item.why_not, min(most, left) if left >= 12 else most)}", Tone.DIM))
