"""The timeline as lines: one axis, a lane per layer, the incident's beginning, the cursor, the suspects beneath."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.domain.change import Suspect
from screens.drawing.changed import suspect_words
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, sentence, too_small
from screens.drawing.lanes import Cursor, Lane, Timeline
from screens.drawing.text import BLANK, Line, Span, Tone, fit, line, pad, right, short, width_of
from screens.drawing.view import View
from screens.drawing.words import age, span

NAMES = 13
_HATCH = "╱"


def cells(width: int) -> int:
    """How many cells the axis has."""
    return max(width - NAMES - 2, 10)


def cell_s(cursor: Cursor, width: int) -> float:
    """How many seconds one cell is."""
    return cursor.window.total_seconds() / cells(width)


def timeline_screen(
    known: Timeline, cursor: Cursor, view: View, items: Sequence[Item], width: int, height: int
) -> list[Line]:
    """Exactly `height` lines."""
    if is_too_small(width, height):
        return too_small(width, height)
    axis = _Axis(cursor, cells(width))
    lanes = [_lane(one, known, axis, one.name == cursor.lane, width) for one in known.lanes]
    top = [_title(known, cursor, view, width), _ticks(axis, width), *lanes, _under(known, axis, width)]
    at = _at_cursor(known, cursor, view, axis, width)
    said = line(Span(short(cursor.message, width - 8), Tone.STRONG)) if cursor.message else BLANK
    bottom = [rule(BLANK, said, width, view.production), footer(items, width)]
    room = height - len(top) - len(at) - len(bottom)
    ranked = _suspects(known, view, width, room)
    return filled([*top, *at, *filled(ranked, width, max(room, 0)), *bottom], width, height)


class _Axis:
    """Moments as cells."""

    def __init__(self, cursor: Cursor, count: int) -> None:
        self.until, self.since, self.count = cursor.until, cursor.until - cursor.window, count
        self.window = cursor.window
        self.cursor = self.cell(cursor.at)

    def cell(self, at: datetime) -> int | None:
        """The cell of a moment; None outside of what is seen."""
        place = int((at - self.since) / self.window * (self.count - 1) + 0.5)
        return place if self.since <= at <= self.until and 0 <= place < self.count else None

    def reach(self, since: datetime, until: datetime) -> range:
        """The cells from one moment to another, as far as they are seen."""
        if until < self.since or since > self.until:
            return range(0)
        first, last = self.cell(max(since, self.since)), self.cell(min(until, self.until))
        return range(first or 0, (last if last is not None else self.count - 1) + 1)


def _title(known: Timeline, cursor: Cursor, view: View, width: int) -> Line:
    left = line(Span("Timeline ", Tone.TITLE), Span(short(view.target, 24), Tone.STRONG))
    seen = f"{span(cursor.window.total_seconds())} in sight, times are UTC"
    return rule(left, line(Span(seen, Tone.DIM)), width, view.production)


def _ticks(axis: _Axis, width: int) -> Line:
    """Four times, with their day where more than a day is seen."""
    days = axis.window >= timedelta(days=2)
    row = [" "] * axis.count
    end = f"{axis.until:%d %b}╷" if days else f"{axis.until:%H:%M}Z╷"
    for place in _marked(axis):
        at = axis.since + axis.window * (place / max(axis.count - 1, 1))
        text = f"╷{at:%d %b}" if days else f"╷{at:%H:%M}Z"
        if place + len(text) < axis.count - len(end):
            row[place : place + len(text)] = text
    row[axis.count - len(end) :] = end
    return fit(line(Span(" " * NAMES), Span("".join(row[: axis.count]), Tone.DIM)), width)


def _marked(axis: _Axis) -> range:
    """The cells of the axis that have a time."""
    return range(0, axis.count, max(axis.count // 4, 1))


def _lane(lane: Lane, known: Timeline, axis: _Axis, chosen: bool, width: int) -> Line:
    """One lane: what lasted, under it what was not observed, over both what happened."""
    row: list[tuple[str, Tone]] = [(" ", Tone.RULE)] * axis.count
    for place in _marked(axis):
        row[place] = ("╷", Tone.RULE)
    if lane.name not in ("runs", "backups"):
        for gap in known.gaps:
            for place in axis.reach(gap.since, gap.until):
                row[place] = (_HATCH if place % 2 else " ", Tone.RULE)
    for stretch in lane.stretches:
        for place in axis.reach(stretch.since, stretch.until):
            row[place] = (stretch.fill, stretch.tone)
    began = axis.cell(known.began) if known.began else None
    if began is not None:
        row[began] = ("┃", Tone.BAD)
    if axis.cursor is not None:
        row[axis.cursor] = ("┊" if not chosen else "╎", Tone.KEY)
    taken: dict[int, int] = {}
    for happening in lane.happened:
        found = axis.cell(happening.at)
        weight = 1000 - happening.rank if happening.rank else 0
        if found is not None and taken.get(found, -1) <= weight:
            row[found], taken[found] = (happening.symbol, happening.tone), weight
    head = line(
        Span(" › " if chosen else "   ", Tone.KEY),
        Span(pad(lane.name, NAMES - 3), Tone.CHOSEN if chosen else Tone.PLAIN),
    )
    return fit(line(head, *_spans(row)), width)


def _spans(row: Sequence[tuple[str, Tone]]) -> list[Span]:
    """Neighbours of one tone as one span."""
    found: list[Span] = []
    for text, tone in row:
        if found and found[-1].tone is tone:
            found[-1] = Span(found[-1].text + text, tone)
        else:
            found.append(Span(text, tone))
    return found


def _under(known: Timeline, axis: _Axis, width: int) -> Line:
    """Under the lanes: where the cursor and the beginning stand."""
    row = [" "] * axis.count
    began = axis.cell(known.began) if known.began else None
    words = f"┗ incident {known.incident} began" if known.incident else "┗ first over its limit"
    if began is not None:
        text = words if began + len(words) <= axis.count else words[2:] + " ┛"
        start = began if text.startswith("┗") else max(began - len(text) + 1, 0)
        row[start : start + len(text)] = text
    cells = "".join(row[: axis.count])
    if axis.cursor is not None and cells[axis.cursor] == " ":
        cells = f"{cells[: axis.cursor]}▲{cells[axis.cursor + 1 :]}"
    return fit(line(Span(" " * NAMES), Span(cells, Tone.WARN)), width)


def _at_cursor(known: Timeline, cursor: Cursor, view: View, axis: _Axis, width: int) -> list[Line]:
    """The cursor's moment, and what happened next to it in this lane."""
    lane = next((one for one in known.lanes if one.name == cursor.lane), None)
    reach = cursor.window / max(axis.count, 1)
    near = [one for one in (lane.happened if lane else ()) if abs(one.at - cursor.at) <= reach]
    near.sort(key=lambda one: (one.rank is None, abs(one.at - cursor.at)))
    lasting = [one.words for one in (lane.stretches if lane else ()) if one.since <= cursor.at <= one.until]
    hidden = any(gap.since < cursor.at < gap.until for gap in known.gaps)
    said = [*(one.words for one in near[:2]), *lasting[:1], *(["nobody looked then"] if hidden else [])]
    ago = f"{age(cursor.at, known.now)} ago"
    head = line(Span(f"   {cursor.at:%d %b %H:%M:%S}Z", Tone.KEY), Span(f"  {ago}  ", Tone.DIM))
    words = "; ".join(said) or f"nothing known in {cursor.lane} at this moment"
    return [fit(line(head, Span(short(words, width - width_of(head) - 1), Tone.STRONG)), width)]


def _suspects(known: Timeline, view: View, width: int, room: int) -> list[Line]:
    """Every suspect with its reason, the best first, as far as there is room."""
    if room < 2:
        return []
    rows: list[Line] = [rule(line(Span("Suspects", Tone.TITLE)), BLANK, width, view.production)]
    if not known.suspects:
        return [*rows, line("   ", Span("nothing is known to have changed", Tone.DIM))]
    for index, suspect in enumerate(known.suspects):
        drawn = _suspect(suspect, view, known, width)
        if len(rows) + len(drawn) > room:
            left = len(known.suspects) - index
            rows = [*rows[: room - 1], line("   ", Span(f"and {left} more: changes --json lists them all", Tone.DIM))]
            break
        rows += drawn
    return rows


def _suspect(suspect: Suspect, view: View, known: Timeline, width: int) -> list[Line]:
    change = suspect.change
    when = f"{change.at:%d %b %H:%M:%S}Z" if change.at else "when not known"
    by = f" by {short(change.by, 24)}" if change.by else ""
    head = line(
        Span(right(str(suspect.rank), 4), Tone.KEY),
        "  ",
        Span(suspect_words(suspect, view), Tone.WARN),
        Span(f"  {when}{by}", Tone.DIM),
    )
    return [fit(head, width), *(line("      ", row) for row in sentence(suspect.reason, Tone.PLAIN, width - 8, 2))]
