"""The dashboard as lines: header, what changed, the panels, the command by hand, the footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screens.drawing.by_hand import by_hand, way_round
from screens.drawing.changed import changed, suspect_lines
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, too_small
from screens.drawing.header import header, run_line, trouble
from screens.drawing.panels import Panel, Place, panels
from screens.drawing.text import Line, Span, Tone, fold, line, short
from screens.drawing.view import View

_LEAST = 5
_TALL = 30


@dataclass(frozen=True, slots=True)
class Focus:
    """What is chosen on the dashboard. `message` stands above the footer; `filtering` while the filter is typed."""

    panel: str = "traffic"
    cursor: int = 0
    filter: str = ""
    filtering: bool = False
    message: str = ""


def present(view: View) -> list[Panel]:
    """The panels that have something to show."""
    return [panel for panel in panels() if panel.present(view)]


def dashboard(view: View, focus: Focus, items: Sequence[Item], width: int, height: int) -> list[Line]:
    """Exactly `height` lines of `width` cells."""
    if is_too_small(width, height):
        return too_small(width, height)
    top = [header(view, width), *trouble(view, width), *changed(view, width)]
    running = run_line(view, width)
    shown = [(panel, _place(panel, focus, width)) for panel in present(view)]
    room = height - len(top) - len(running) - 2
    spare = room - len(shown) - sum(panel.needs(view, place) for panel, place in shown)
    reason = suspect_lines(view, width, 2 if height >= _TALL else min(spare, 2))
    top, room = [*top, *reason], room - len(reason)
    command = by_hand(view.focused.by_hand, width) if view.focused else []
    placed = _placed(view, shown, room, len(command))
    middle = [row for panel, place in placed for row in _panel(view, panel, place)]
    left = room - len(middle)
    hand = _hand(view, [*command, *_besides(view, width)], width, left) or _hand(view, command, width, left)
    gap = [()] * max(left - len(hand), 0)
    return filled([*top, *running, *middle, *gap, *hand, *_bottom(view, focus, items, width)], width, height)


def _place(panel: Panel, focus: Focus, width: int) -> Place:
    focused = panel.name == focus.panel
    return Place(width, 1, focus.cursor if focused else 0, focused, focus.filter if focused else "")


def _placed(view: View, shown: list[tuple[Panel, Place]], room: int, command: int) -> list[tuple[Panel, Place]]:
    """Each panel with its rows: first what each needs, then one after another to all that want more.

    The command keeps its place as long as the panels keep a few rows each; one without rows says all in its title.
    """
    wants = [panel.wants(view, place) for panel, place in shown]
    left = room - len(shown)
    if command and left - command - 1 >= sum(min(want, _LEAST) for want in wants):
        left -= command + 1
    rows = [0] * len(shown)
    order = sorted(range(len(shown)), key=lambda index: not shown[index][1].focused)
    for index in order:
        panel, place = shown[index]
        rows[index] = max(min(panel.needs(view, place), left), 0)
        left -= rows[index]
    while left > 0 and any(row < want for row, want in zip(rows, wants, strict=True)):
        for index in order:
            if left > 0 and rows[index] < wants[index]:
                rows[index], left = rows[index] + 1, left - 1
    return [(panel, replace(place, rows=n)) for (panel, place), n in zip(shown, rows, strict=True)]


def _panel(view: View, panel: Panel, place: Place) -> list[Line]:
    title, right = panel.title(view, place)
    marked = line(Span("› ", Tone.KEY), title) if place.focused else title
    rows = panel.body(view, place)[: place.rows] if place.rows else []
    return [rule(marked, right, place.width, view.production), *rows]


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
