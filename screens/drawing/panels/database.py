"""The database panel: the migration head, who needs which, the newest backup, and what can be restored."""

from __future__ import annotations

from console.domain.schema import SchemaState, Server
from screens.drawing import layer_lines as layers
from screens.drawing.panels import Panel, Place
from screens.drawing.text import Line, Span, Tone, fit, line, short, width_of
from screens.drawing.view import View
from screens.drawing.words import age

LAYER = "schema"
ITEM = "head"
_OLD_S = 26 * 3600.0


def _state(view: View) -> SchemaState | None:
    found = layers.layer_of(view, LAYER).state
    return found if isinstance(found, SchemaState) else None


def names(view: View, filter_text: str) -> tuple[str, ...]:
    """The one database."""
    return (ITEM,) if _state(view) is not None and filter_text.lower() in ITEM else ()


def head_words(state: SchemaState) -> Span:
    if state.head is not None:
        return Span(f"head {short(state.head, 24)}", Tone.STRONG)
    if not state.heads:
        return Span("✗ no migration head", Tone.BAD)
    return Span(f"✗ {len(state.heads)} heads: {short(', '.join(state.heads), 30)}", Tone.BAD)


def unmet(view: View, state: SchemaState) -> str:
    """The serving revision that needs another head, in words; empty where none says so."""
    for revision in view.code.serving if view.code else ():
        wanted = state.needs.get(revision.name)
        if wanted and wanted not in state.heads:
            return f"{view.short(revision.name)} serves and needs {short(wanted, 20)}"
    return ""


def _delta(view: View) -> Line:
    return line(layers.delta(view.suspect(LAYER))) if view.suspect(LAYER) else ()


def _met(view: View, state: SchemaState) -> str:
    for revision in view.code.serving if view.code else ():
        if state.needs.get(revision.name):
            return f"fits what {short(view.short(revision.name), 16)} needs"
    return ""


def _backup(view: View, server: Server | None) -> Span:
    if server is None:
        return Span("", Tone.DIM)
    newest = server.newest_backup
    if newest is None or newest.completed is None:
        return Span("? no backup known", Tone.WARN)
    old = (view.now - newest.completed).total_seconds() > _OLD_S
    return Span(
        f"backup {age(newest.completed, view.now)} ago {'△ old' if old else '✔'}", Tone.WARN if old else Tone.GOOD
    )


def _restore(view: View, server: Server | None) -> Span:
    if server is None:
        return Span("no server configured: nothing here can be restored", Tone.DIM)
    if server.earliest is None:
        return Span("? no restore point yet", Tone.WARN)
    return Span(f"restorable since {server.earliest:%d %b %H:%M}Z", Tone.PLAIN)


def title(view: View, place: Place) -> tuple[Line, Line]:
    head, state = layers.heading(view, LAYER, "Database"), _state(view)
    if state is None:
        return head, ()
    if place.rows:
        server = state.server
        words = f"{short(server.name, 24)}, {short(server.state, 14)}" if server else short(state.place, 30)
        ready = server is None or server.state.lower() == "ready"
        return head, line(Span(words, Tone.DIM if ready else Tone.WARN))
    return head, line(*_delta(view), head_words(state), "   ", _backup(view, state.server))


def wants(view: View, place: Place) -> int:
    return len(layers.notes(view, LAYER, place.width)) + (2 if _state(view) is not None else 1)


def needs(view: View, place: Place) -> int:
    state = _state(view)
    loud = state is not None and (state.head is None or unmet(view, state) or view.suspect(LAYER))
    rows = len(layers.notes(view, LAYER, place.width))
    return rows + (2 if loud else 1 if place.focused else 0)


def body(view: View, place: Place) -> list[Line]:
    rows = layers.notes(view, LAYER, place.width)[: max(place.rows - 1, 1)]
    state = _state(view)
    if state is None:
        return rows or layers.waiting(view, LAYER)
    lacks, fits = unmet(view, state), _met(view, state)
    needed = Span(f"✗ {lacks}", Tone.BAD) if lacks else Span(f"✔ {fits}" if fits else "", Tone.GOOD)
    pointed = layers.pointer(place, 0)
    moved = _changed(view, state)
    first = _joined(line(pointed, *_delta(view), head_words(state)), (needed, moved), place.width)
    second = _joined(line("   ", _backup(view, state.server)), (_restore(view, state.server),), place.width)
    if state.server is None:
        second = fit(line("   ", _restore(view, None)), place.width)
    return [*rows, first, second]


def _changed(view: View, state: SchemaState) -> Span:
    """When the head came, and from what."""
    if state.changed_at is None:
        return Span("", Tone.DIM)
    by = f" by {short(state.changed_by, 20)}" if state.changed_by else ""
    return Span(f"for {age(state.changed_at, view.now)}{by}", Tone.DIM)


def _joined(first: Line, others: tuple[Span, ...], width: int) -> Line:
    for other in others:
        drawn = line(first, "   ", other) if other.text else first
        first = drawn if width_of(drawn) <= width else first
    return fit(first, width)


PANEL = Panel("database", 50, LAYER, title, body, wants, needs, names, lambda view: layers.configured(view, LAYER))
