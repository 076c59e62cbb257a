"""The embedding panel: who embeds the questions, which index they are asked of, and whether those fit."""

from __future__ import annotations

from console.domain.embedding import EmbeddingState, Index
from screens.drawing import layer_lines as layers
from screens.drawing.frame import sentence
from screens.drawing.panels import Panel, Place
from screens.drawing.text import Line, Span, Tone, fit, line, pad, short, width_of
from screens.drawing.view import View
from screens.drawing.words import age

LAYER = "embedding"


def _state(view: View) -> EmbeddingState | None:
    found = layers.layer_of(view, LAYER).state
    return found if isinstance(found, EmbeddingState) else None


def shown(view: View, filter_text: str) -> tuple[Index, ...]:
    """Those in use first, then as the registry has them: newest first."""
    state, wanted = _state(view), filter_text.lower()
    if state is None:
        return ()
    used = {one.name for one in state.actives}
    return tuple(
        sorted((one for one in state.indexes if wanted in one.name.lower()), key=lambda one: one.name not in used)
    )


def names(view: View, filter_text: str) -> tuple[str, ...]:
    return tuple(one.name for one in shown(view, filter_text))


def verdict(state: EmbeddingState) -> Span:
    """Whether the embedder and the index fit: only what was compared is a match."""
    if state.mismatch:
        return Span("✗ mismatch", Tone.BAD)
    active = state.active
    if active is None or not active.embedder or not state.asking:
        return Span("? whether they fit is not known", Tone.WARN)
    return Span("✔ match", Tone.GOOD)


def _serves(view: View, state: EmbeddingState, width: int) -> Line:
    """`text-embedding-3-small, 1536 → docs_v1  ✔ match`."""
    active = state.active
    embedder = " and ".join(state.asking) or "embedder not known"
    size = f", {active.found_dimensions or active.dimensions}" if active and active.dimensions else ""
    said = f"{short(embedder, max(width // 3, 16))}{size} → {short(active.name if active else '?', 24)}"
    return line(layers.delta(view.suspect(LAYER)), Span(said, Tone.STRONG), "  ", verdict(state))


def title(view: View, place: Place) -> tuple[Line, Line]:
    head, state = layers.heading(view, LAYER, "Embedding"), _state(view)
    if state is None:
        return head, ()
    if place.rows:
        newest = state.recall[0] if state.recall else None
        found = f"recall {short(newest.words, 24)} of {short(newest.index, 16)}" if newest else ""
        ago = f", {age(newest.at, view.now)} ago" if newest and newest.at else ""
        return head, line(Span(found + ago, Tone.DIM)) if found else ()
    return head, _serves(view, state, place.width - 20)


def _loud(view: View) -> bool:
    state = _state(view)
    return bool(view.suspect(LAYER)) or bool(state and state.mismatch)


def _misfit(state: EmbeddingState | None, width: int) -> list[Line]:
    """How they do not fit, whole."""
    if state is None or not state.mismatch:
        return []
    return [line("     ", row) for row in sentence(state.mismatch, Tone.BAD, width - 6, 2)]


def wants(view: View, place: Place) -> int:
    state = _state(view)
    above = len(layers.notes(view, LAYER, place.width)) + 1 + len(_misfit(state, place.width))
    return above + len(shown(view, place.filter))


def needs(view: View, place: Place) -> int:
    state = _state(view)
    rows = len(layers.notes(view, LAYER, place.width)) + (_loud(view) or place.focused)
    return rows + len(_misfit(state, place.width)) + (1 if place.focused and shown(view, place.filter) else 0)


def body(view: View, place: Place) -> list[Line]:
    rows = layers.notes(view, LAYER, place.width)[: max(place.rows - 1, 1)]
    state, found = _state(view), shown(view, place.filter)
    if state is None:
        return rows or layers.waiting(view, LAYER)
    rows.append(fit(line(" ", _serves(view, state, place.width)), place.width))
    rows += _misfit(state, place.width)
    room = place.rows - len(rows)
    drawn = layers.window(place.cursor if place.focused else 0, len(found), max(room, 0))
    name = min(max((width_of((Span(found[index].name),)) for index in drawn), default=4), 28)
    return [*rows, *(_row(view, found[index], name, place, index) for index in drawn)]


def _row(view: View, one: Index, name: int, place: Place, index: int) -> Line:
    state = _state(view)
    used = state is not None and one in state.actives
    rows = one.found_rows if one.found_rows is not None else one.rows
    about = "about " if one.estimated else ""
    built = f"built {age(one.built_at, view.now)} ago" if one.built_at else ""
    if one.progress is not None and one.progress < 100:
        built = f"{one.progress:.0f} % built"
    wrong = (
        f"✗ {one.in_place:,} rows re-embedded in place" if one.in_place else f"? {one.unread}" if one.unread else ""
    )
    parts = line(
        layers.pointer(place, index),
        Span(pad(one.name, name), layers.name_tone(place, index)),
        "  ",
        pad(one.stamp, 34 if place.width >= 100 else 24),
    )
    for piece in (
        Span(short(wrong, 32), Tone.BAD if one.in_place else Tone.WARN),
        Span(pad("● in use" if used else "○ idle", 9), Tone.LIVE if used else Tone.DIM),
        Span(pad(f"{about}{rows:,} rows" if rows is not None else "", 15), Tone.DIM),
        Span(built, Tone.DIM),
    ):
        drawn = line(parts, " ", piece) if piece.text else parts
        parts = drawn if width_of(drawn) <= place.width else parts
    return fit(parts, place.width)


PANEL = Panel("embedding", 40, LAYER, title, body, wants, needs, names, lambda view: layers.configured(view, LAYER))
