"""The emergency as lines: what is wrong, and the three fast ways out with what each would change now."""

from __future__ import annotations

from collections.abc import Sequence

from screens.door import WayOut
from screens.drawing.by_hand import way_round
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, sentence, too_small
from screens.drawing.header import environment, fresh, stale_sentence
from screens.drawing.panels.signals import limit, value
from screens.drawing.text import BLANK, Line, Span, Tone, line, short, wrap
from screens.drawing.view import View

CONFIRMED = "A digit opens the dialog that confirms it; before that nothing is sent."
_INDENT = 5


def emergency(
    view: View, ways: Sequence[WayOut], blocked: str, message: str, items: Sequence[Item], width: int, height: int
) -> list[Line]:
    """Exactly `height` lines. `blocked` says why nothing at all can be done from here now."""
    if is_too_small(width, height):
        return too_small(width, height)
    said = line(Span(short(message, width - 8), Tone.STRONG)) if message else BLANK
    bottom = [rule(BLANK, said, width, view.production), footer(items, width)]
    top = [_title(view, width), *_wrong(view, width), BLANK]
    room = height - len(top) - len(bottom)
    return filled([*top, *filled(_body(view, ways, blocked, width, room), width, room), *bottom], width, height)


def _title(view: View, width: int) -> Line:
    name = Span(short(view.target or "…", max(width - 50, 8)), Tone.STRONG)
    left = line(Span("! Emergency  ", Tone.BAD), name, "  ", environment(view))
    return rule(left, line(fresh(view)), width, view.production)


def _wrong(view: View, width: int) -> list[Line]:
    """The signals over their limits, and what the console itself cannot do."""
    over = view.snapshot.breached if view.snapshot is not None else ()
    told = ", ".join(f"{one.name} {value(one)} ({limit(one)})" for one in over)
    rows = [line(Span(" ✗ ", Tone.BAD), *row) for row in sentence(told, Tone.BAD, width - 4, 2)]
    stale = stale_sentence(view.snapshot) if view.snapshot is not None else ""
    for trouble in (view.trouble, stale):
        rows += [line(" ", *row) for row in sentence(trouble, Tone.WARN, width - 2, 2)]
    return rows


def _body(view: View, ways: Sequence[WayOut], blocked: str, width: int, room: int) -> list[Line]:
    """The ways, with air between them where there is room, and what is worth knowing beneath."""
    drawn = [_way(way, blocked, width) for way in ways]
    if not ways:
        drawn = [[line("  ", *row) for row in sentence(blocked, Tone.DIM, width - 4, 4)]]
    notes = [line(" ", Span(row, Tone.DIM)) for row in wrap(CONFIRMED, width - 2)]
    notes += [BLANK, *(line(" ", *row) for row in way_round(view.bypass, width - 2))] if view.bypass else []
    airy = room >= sum(len(rows) + 1 for rows in drawn) + len(notes)
    rows = [row for one in drawn for row in (*one, *([BLANK] if airy else []))]
    return [*rows, *([] if airy else [BLANK]), *notes]


def _way(way: WayOut, blocked: str, width: int) -> list[Line]:
    """One way: bright where it can be gone, grey with the reason where not."""
    why_not = blocked or way.why_not
    if why_not or way.intent is None:
        head = line(Span(f"  {way.number}  {way.title}", Tone.DIM))
        return [head, *_under(why_not or "it would change nothing", Tone.DIM, width, "○ not now: ")]
    head = line(Span(f"  {way.number}  ", Tone.KEY), Span(way.title, Tone.STRONG))
    rows = [head, *_under(way.would_change, Tone.WARN, width)]
    if way.stays:
        rows += _under("; ".join(way.stays), Tone.DIM, width, "stays: ", 3)
    if way.typed:
        rows += _under("it will want the target's name typed", Tone.DIM, width)
    return rows


def _under(text: str, tone: Tone, width: int, before: str = "", most: int = 2) -> list[Line]:
    return [line(" " * _INDENT, *row) for row in sentence(before + text, tone, width - _INDENT - 1, most)]
