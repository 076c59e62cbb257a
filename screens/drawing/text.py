"""Lines of toned text, measured in terminal cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size


class Tone(StrEnum):
    """What a piece of text means; the theme says how that looks. A tone never carries meaning alone."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    TITLE = "title"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    LIVE = "live"
    RULE = "rule"
    DANGER_RULE = "danger-rule"
    KEY = "key"
    PRODUCTION = "production"
    STAGING = "staging"
    REHEARSAL = "rehearsal"
    CHOSEN = "chosen"


class Span(NamedTuple):
    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]
BLANK: Line = ()


def line(*parts: str | Span | Line) -> Line:
    """A line of these parts; a bare string is plain text, never markup."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, Span):
            spans.append(part)
        elif isinstance(part, str):
            spans.append(Span(part))
        else:
            spans.extend(part)
    return tuple(span for span in spans if span.text)


def plain(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def width_of(spans: Iterable[Span]) -> int:
    """Width in cells."""
    return sum(cell_len(span.text) for span in spans)


def short(text: str, width: int) -> str:
    """`text` in at most `width` cells, losing its middle, never its end."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    head = (width - 1) // 2
    return f"{_first(text, head)}…{_last(text, width - 1 - head)}"


def _first(text: str, width: int) -> str:
    return _whole_cells(text[:width], width)


def _last(text: str, width: int) -> str:
    tail = text[-width:] if width else ""
    while cell_len(tail) > width:
        tail = tail[1:]
    return tail


def _whole_cells(text: str, width: int) -> str:
    while cell_len(text) > width:
        text = text[:-1]
    return text


def pad(text: str, width: int) -> str:
    """`text` in exactly `width` cells: shortened in its middle, or filled with blanks."""
    return set_cell_size(short(text, width), width)


def right(text: str, width: int) -> str:
    """As `pad`, at the right edge."""
    cut = short(text, width)
    return " " * (width - cell_len(cut)) + cut


def fit(spans: Line, width: int) -> Line:
    """The line in exactly `width` cells: cut at its end, or filled with blanks."""
    room = width
    kept: list[Span] = []
    for span in spans:
        size = cell_len(span.text)
        if size > room:
            kept.append(Span(set_cell_size(span.text, room), span.tone))
            return tuple(kept)
        kept.append(span)
        room -= size
    return (*kept, Span(" " * room)) if room else tuple(kept)


def apart(left: Line, rest: Line, width: int) -> Line:
    """`left` at the left edge and `rest` at the right; where both do not fit, `left` is cut."""
    room = width - width_of(rest)
    if room <= 0:
        return fit(rest, width)
    return (*fit(left, room), *rest)


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at blanks where there are any."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        rows.extend(_wrap_one(paragraph, max(width, 1)))
    return rows


def _wrap_one(text: str, width: int) -> list[str]:
    rows, row = [], ""
    for word in text.split(" "):
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        pieces = chop_cells(word, width) if cell_len(word) > width else [word]
        rows.extend(pieces[:-1])
        row = pieces[-1] if pieces else ""
    return [*rows, row]


def fold(text: str, width: int) -> list[str]:
    """A command's lines, broken hard where one is wider than `width`: every character stays."""
    rows: list[str] = []
    for one in text.split("\n"):
        rows.extend(chop_cells(one, max(width, 1)) if cell_len(one) > width else [one])
    return rows


def block(label: str, rows: Sequence[Line], indent: int) -> list[Line]:
    """Rows under a label that stands left of the first."""
    lines = []
    for index, row in enumerate(rows):
        head = Span(pad(label, indent), Tone.DIM) if index == 0 else Span(" " * indent)
        lines.append(line(head, row))
    return lines
