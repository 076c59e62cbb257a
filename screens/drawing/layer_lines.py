"""What the panels of the layers have in common: their marks, their errors, their age, their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.domain.change import Suspect
from console.domain.snapshot import ABSENT, Layer, LayerStatus
from screens.drawing.panels import Place
from screens.drawing.text import Line, Span, Tone, line, short, width_of, wrap
from screens.drawing.view import View
from screens.drawing.words import age

_MOST = 3


def layer_of(view: View, name: str) -> Layer[Any]:
    """The layer as last read; absent before anything was."""
    return view.snapshot.layer(name) if view.snapshot else ABSENT


def configured(view: View, name: str) -> bool:
    return layer_of(view, name).status is not LayerStatus.ABSENT


def heading(view: View, name: str, title: str) -> Line:
    """The panel's name, and how old it is where it is stale."""
    layer = layer_of(view, name)
    if layer.status is LayerStatus.STALE and layer.state is not None:
        return line(Span(title, Tone.TITLE), Span(f"  stale {age(layer.at, view.now)}", Tone.WARN))
    return line(Span(title, Tone.TITLE))


def notes(view: View, name: str, width: int) -> list[Line]:
    """The layer's own error, and what it could not tell."""
    layer = layer_of(view, name)
    failing = layer.status in (LayerStatus.STALE, LayerStatus.ERROR)
    error = (layer.error or "it could not be read") if failing else ""
    unread = getattr(layer.state, "unread", "")
    rows: list[Line] = []
    for mark, said, tone in (("✗", error, Tone.BAD), ("?", unread, Tone.WARN)):
        if said:
            rows += [line(" ", Span(row, tone)) for row in wrap(f"{mark} {said}", width - 2)[:_MOST]]
    return rows


def delta(suspect: Suspect | None) -> Span:
    """△ where it changed since the baseline."""
    return Span("△ " if suspect else "  ", Tone.WARN)


def pointer(place: Place, index: int) -> Span:
    """Which row is chosen, in the panel that has the keys."""
    return Span(" › " if place.focused and index == place.cursor else "   ", Tone.KEY)


def name_tone(place: Place, index: int) -> Tone:
    return Tone.CHOSEN if place.focused and index == place.cursor else Tone.PLAIN


def window(cursor: int, count: int, room: int) -> range:
    """The rows to draw, so that the chosen one is among them."""
    first = min(max(cursor - room + 1, 0), max(count - room, 0))
    return range(first, min(first + room, count))


def brief(pieces: Sequence[str], room: int) -> str:
    """As many of these as fit, and how many there are besides."""
    said = ""
    for index, piece in enumerate(pieces):
        left = len(pieces) - index - 1
        joined = f"{said}   {piece}" if said else piece
        more = f"  +{left}" if left else ""
        if width_of((Span(joined + more),)) > room:
            return f"{said}  +{left + 1}" if said else short(piece, room)
        said = joined
    return said


def waiting(view: View, name: str) -> list[Line]:
    """What stands there before the first state; nothing where an error says it."""
    layer = layer_of(view, name)
    return [] if layer.error else [line("   ", Span("reading…", Tone.DIM))]
