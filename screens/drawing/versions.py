"""The version picker as lines: a window on the versions, and the chosen text against the active one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.good import History
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, too_small
from screens.drawing.layer_lines import window
from screens.drawing.text import BLANK, Line, Span, Tone, fit, line, pad, right, short
from screens.drawing.version_list import Version, kind_of, mark_of, marked_words
from screens.drawing.words import age


@dataclass(frozen=True, slots=True)
class Picking:
    """What is chosen of an item's versions. `found` are the places that the filter leaves; `side` shows two columns.

    `active` is the one that serves, None where several do, or none. `offset` scrolls the text. `refused` says why
    nothing can be planned at all.
    """

    layer: str
    item: str
    versions: tuple[Version, ...] = ()
    found: Sequence[int] = ()
    active: Version | None = None
    cursor: int = 0
    filter: str = ""
    filtering: bool = False
    side: bool = False
    offset: int = 0
    message: str = ""
    refused: str = ""

    @property
    def chosen(self) -> Version | None:
        return self.versions[self.found[self.cursor]] if 0 <= self.cursor < len(self.found) else None

    @property
    def has_text(self) -> bool:
        return self.layer == "prompt"

    @property
    def no_text(self) -> str | None:
        return None if self.has_text else "no text to compare in this layer"

    @property
    def result(self) -> str:
        return f"{short(self.item, 20)}→{short(self.chosen.shown, 20)}" if self.chosen else "choose"

    @property
    def why_not(self) -> str | None:
        if self.refused:
            return self.refused
        if self.chosen is None:
            return "nothing is chosen"
        return "it serves now" if self.active == self.chosen else None

    @property
    def other_view(self) -> str:
        return "unified" if self.side else "side by side"


@dataclass(frozen=True, slots=True)
class Pane:
    """The text under the list: its lines, and what they are."""

    title: str = ""
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Surround:
    """What the picker stands in."""

    target: str
    production: bool
    history: History
    now: datetime


def list_rows(picking: Picking, height: int) -> int:
    """How many versions are seen at once: all the room, or a third of it where a text stands below."""
    room = height - 4
    return room if not picking.has_text else min(max(room // 3, 4), max(len(picking.found), 1))


def picker(
    picking: Picking, pane: Pane, around: Surround, items: Sequence[Item], width: int, height: int
) -> list[Line]:
    """Exactly `height` lines."""
    if is_too_small(width, height):
        return too_small(width, height)
    rows = list_rows(picking, height)
    top = [
        _title(picking, around, width),
        _head(picking, width),
        *filled(_table(picking, around, rows, width), width, rows),
    ]
    last = _filter_line(picking) if picking.filtering else footer(items, width)
    said = line(Span(short(picking.message, width - 8), Tone.STRONG)) if picking.message else BLANK
    bottom = [rule(BLANK, said, width, around.production), last]
    below = _pane(picking, pane, around, width, height - len(top) - len(bottom))
    return filled([*top, *below, *bottom], width, height)


def _title(picking: Picking, around: Surround, width: int) -> Line:
    count, shown = len(picking.versions), len(picking.found)
    many = f"{shown:,} of {count:,}" if shown != count else f"{count:,}"
    left = line(
        Span(f"Versions of {kind_of(picking.layer)} ", Tone.TITLE),
        Span(short(picking.item, max(width - 56, 12)), Tone.STRONG),
    )
    serves = short(picking.active.shown, 20) if picking.active else "no single version"
    return rule(left, line(Span(f"{many}, {serves} serves", Tone.DIM)), width, around.production)


def _widths(picking: Picking, width: int) -> tuple[int, int, int]:
    """Cells for the version, who, and what is said of it; the note takes what is left."""
    version, who, said = (24, 18, 26) if width >= 100 else (18, 10, 14) if width >= 78 else (14, 8, 12)
    return version, who if picking.layer in ("prompt", "code") else 0, said


def _head(picking: Picking, width: int) -> Line:
    version, who, said = _widths(picking, width)
    return line(
        "   ",
        Span(f"{pad('version', version)} {right('made', 7)}  {pad('by', who)} {pad('grade', said)} note", Tone.DIM),
    )


def _table(picking: Picking, around: Surround, rows: int, width: int) -> list[Line]:
    """Only what is seen is drawn."""
    if not picking.found:
        said = "no version matches the filter" if picking.filter else "no versions are known"
        return [line("   ", Span(said, Tone.DIM))]
    return [_row(picking, around, place, width) for place in window(picking.cursor, len(picking.found), rows)]


def _row(picking: Picking, around: Surround, place: int, width: int) -> Line:
    one, chosen = picking.versions[picking.found[place]], place == picking.cursor
    version, who, said = _widths(picking, width)
    grade = "● serves" if one.serves else ""
    mark = mark_of(around.history, one)
    words = marked_words(mark)
    tone = Tone.LIVE if mark is None else Tone.GOOD if mark.good else Tone.BAD
    graded = f"{grade} {words}".strip() if len(f"{grade} {words}") <= said else words or grade
    return fit(
        line(
            Span(" › " if chosen else "   ", Tone.KEY),
            Span(pad(one.shown, version), Tone.CHOSEN if chosen else Tone.PLAIN),
            f" {right(age(one.at, around.now) if one.at else '–', 7)}  ",
            Span(pad(one.by, who), Tone.DIM),
            " ",
            Span(pad(graded, said), tone),
            " ",
            Span(short(one.note, max(width - version - who - said - 16, 4)), Tone.DIM),
        ),
        width,
    )


def _pane(picking: Picking, pane: Pane, around: Surround, width: int, room: int) -> list[Line]:
    """The text, scrolled; nothing in a layer that has none."""
    if not picking.has_text or room < 3:
        return []
    seen = room - 1
    first = min(picking.offset, max(len(pane.lines) - seen, 0))
    left = len(pane.lines) - first - seen
    more = line(Span(f"space: {left} more lines", Tone.DIM)) if left > 0 else BLANK
    head = rule(line(Span(short(pane.title, width - 34), Tone.STRONG)), more, width, around.production)
    return [head, *filled(list(pane.lines[first : first + seen]), width, seen)]


def _filter_line(picking: Picking) -> Line:
    keys = line(Span("enter", Tone.KEY), " keep  ", Span("esc", Tone.KEY), " clear")
    return line(" ", Span("/", Tone.KEY), f" {picking.filter}", Span("▏", Tone.KEY), "   ", keys)
