"""The dashboard as lines: header, what changed, the panels, the command by hand, the footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screens.drawing.by_hand import by_hand, way_round
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, too_small
from screens.drawing.header import changed, header, run_line, trouble
from screens.drawing.panels import Panel, Place, panels
from screens.drawing.text import Line, Span, Tone, fold, line, short
from screens.drawing.view import View

_LEAST = 5


@dataclass(frozen=True, slots=True)
class Focus:
    """What is chosen on the dashboard. `message` stands above the footer; `filtering` while the filter is typed."""

    panel: int = 0
    cursor: int = 0
    filter: str = ""
    filtering: bool = False
    message: str = ""


def dashboard(view: View, focus: Focus, items: Sequence[Item], width: int, height: int) -> list[Line]:
    """Exactly `height` lines of `width` cells."""
    if is_too_small(width, height):
        return too_small(width, height)
    top = [header(view, width), *trouble(view, width), *changed(view, width), *run_line(view, width)]
    command = by_hand(view.draft.by_hand, width) if view.draft else []
    besides = _besides(view, width)
    room = height - len(top) - 2
    places = _places(view, focus, width, room, len(command))
    middle = [row for panel, place in places for row in _panel(view, panel, place)]
    left = room - len(middle)
    hand = _hand(view, [*command, *besides], width, left) or _hand(view, command, width, left)
    gap = [()] * max(room - len(middle) - len(hand), 0)
    return filled([*top, *middle, *gap, *hand, *_bottom(view, focus, items, width)], width, height)


def _places(view: View, focus: Focus, width: int, room: int, command: int) -> list[tuple[Panel, Place]]:
    """Each panel with its rows. The command keeps its place as long as the first panel keeps a few rows."""
    found = panels()
    places = [
        Place(width, 0, focus.cursor, index == focus.panel, focus.filter if index == focus.panel else "")
        for index in range(len(found))
    ]
    wanted = [panel.wants(view, place) for panel, place in zip(found, places, strict=True)]
    others = sum(wanted[1:]) + len(found)
    others_kept = min(others, max(room - _LEAST, len(found)))
    left = room - others_kept
    if command and left - command - 1 >= min(wanted[0], _LEAST):
        left -= command + 1
    rows = [max(min(wanted[0], left), 1), *(min(want, others_kept) for want in wanted[1:])]
    return [(panel, replace(place, rows=n)) for panel, place, n in zip(found, places, rows, strict=True)]


def _panel(view: View, panel: Panel, place: Place) -> list[Line]:
    title, right = panel.title(view, place.width)
    return [rule(title, right, place.width, view.production), *panel.body(view, place)[: place.rows]]


def _besides(view: View, width: int) -> list[Line]:
    """What else there is for the day this console, or Azure, is not to be had."""
    script = fold(f"The same, kept current: {view.script}", width) if view.script else []
    return [*way_round(view.bypass, width), *(line(Span(row, Tone.DIM)) for row in script)]


def _hand(view: View, command: list[Line], width: int, room: int) -> list[Line]:
    if not command or len(command) + 1 > room:
        return []
    return [rule(line(Span("By hand", Tone.TITLE)), (), width, view.production), *command]


def _bottom(view: View, focus: Focus, items: Sequence[Item], width: int) -> list[Line]:
    said = line(Span(short(focus.message, width - 8), Tone.STRONG)) if focus.message else ()
    last = _filter_line(focus) if focus.filtering else footer(items, width)
    return [rule((), said, width, view.production), last]


def _filter_line(focus: Focus) -> Line:
    keys = line(Span("enter", Tone.KEY), " keep  ", Span("esc", Tone.KEY), " clear")
    return line(" ", Span("/", Tone.KEY), f" {focus.filter}", Span("▏", Tone.KEY), "   ", keys)
