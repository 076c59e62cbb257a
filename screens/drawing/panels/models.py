"""The models panel: what each deployment runs, whether it is pinned, and when that retires."""

from __future__ import annotations

from console.domain.model import RETIRING, Deployment, ModelState
from screens.drawing import layer_lines as layers
from screens.drawing.panels import Panel, Place
from screens.drawing.panels.signals import limit, value
from screens.drawing.text import Line, Span, Tone, fit, line, pad, short, width_of
from screens.drawing.view import View
from screens.drawing.words import SIGNALS, age, span

LAYER = "model"


def _state(view: View) -> ModelState | None:
    found = layers.layer_of(view, LAYER).state
    return found if isinstance(found, ModelState) else None


def shown(view: View, filter_text: str) -> tuple[Deployment, ...]:
    """What changed first, then what serves, then the configured ones, then the others of the account."""
    state = _state(view)
    if state is None:
        return ()
    wanted = filter_text.lower()
    ranks = {one.change.item: one.rank for one in reversed(view.changes.of(LAYER))}
    serving = {one.name for one in state.serving}
    found = [one for one in state.deployments if wanted in one.name.lower()]
    return tuple(
        sorted(found, key=lambda one: (ranks.get(one.name, 1 << 30), one.name not in serving, not one.watched))
    )


def _notes(view: View, width: int) -> list[Line]:
    """The layer's own error; and a deployment that is called and is not there."""
    state = _state(view)
    lost = [(who, name) for who, name in (state.calls if state else ()) if state and state.find(name) is None]
    said = [f"✗ {short(who, 20)} calls {short(name, 30)}, which the account does not have" for who, name in lost]
    return [*layers.notes(view, LAYER, width), *(line(" ", Span(short(one, width - 2), Tone.BAD)) for one in said)]


def names(view: View, filter_text: str) -> tuple[str, ...]:
    return tuple(one.name for one in shown(view, filter_text))


def title(view: View, place: Place) -> tuple[Line, Line]:
    """The panel's name, and the account's 429s where they are measured; without rows, what runs."""
    head, state = layers.heading(view, LAYER, "Models"), _state(view)
    if state is None:
        return head, ()
    busy = line(Span("  another write is under way", Tone.WARN)) if state.busy else ()
    if place.rows:
        return line(head, busy), _throttled(view)
    found = [one for one in shown(view, place.filter) if one.watched]
    loose = any(not one.pinned for one in found)
    pinned = Span("  △ not pinned" if loose else "  pinned", Tone.WARN if loose else Tone.DIM)
    left = line(head, busy)
    room = place.width - width_of((*left, pinned)) - 6
    return left, line(layers.brief([f"{short(one.name, 18)} {one.runs}" for one in found], room), pinned)


def _throttled(view: View) -> Line:
    reading = next((one for one in (view.snapshot.signals if view.snapshot else ()) if "429" in one.name), None)
    if reading is None:
        return ()
    late = f", {age(reading.at, view.now)} late" if reading.at else ""
    mark = SIGNALS[reading.state]
    said = f"{short(reading.name, 20)} {value(reading)}"
    return line(Span(said, mark.tone), Span(f"  {short(reading.source, 20)}{late}, {limit(reading)}", Tone.DIM))


def wants(view: View, place: Place) -> int:
    return len(_notes(view, place.width)) + max(len(shown(view, place.filter)), 1)


def needs(view: View, place: Place) -> int:
    """What changed, and what is in trouble."""
    loud = sum(1 for one in shown(view, place.filter)[:4] if _failed(one) or view.suspect(LAYER, one.name))
    return len(_notes(view, place.width)) + max(loud, 1 if place.focused else 0)


def body(view: View, place: Place) -> list[Line]:
    rows = _notes(view, place.width)[: max(place.rows - 1, 1)]
    found, state = shown(view, place.filter), _state(view)
    if state is None:
        return rows or layers.waiting(view, LAYER)
    if not found:
        said = "no deployment matches the filter" if place.filter else "no deployments"
        return [*rows, line("   ", Span(said, Tone.DIM))]
    room = max(place.rows - len(rows), 1)
    drawn = layers.window(place.cursor if place.focused else 0, len(found), room)
    wide = place.width >= 100
    name = min(max(width_of((Span(found[index].name),)) for index in drawn), 28 if wide else 14)
    runs = min(max(width_of((Span(found[index].runs),)) for index in drawn), 36 if wide else 18)
    return [*rows, *(_row(view, state, found[index], (name, runs), place, index) for index in drawn)]


def _row(view: View, state: ModelState, one: Deployment, widths: tuple[int, int], place: Place, index: int) -> Line:
    suspect = view.suspect(LAYER, one.name)
    parts = line(
        layers.pointer(place, index),
        Span(pad(one.name, widths[0]), layers.name_tone(place, index)),
        "  ",
        layers.delta(suspect),
        Span(pad(one.runs, widths[1]), Tone.STRONG if one.watched else Tone.DIM),
        "  ",
    )
    upgrade = Span(pad("pinned", 17), Tone.DIM) if one.pinned else Span(pad("△ upgrades itself", 17), Tone.WARN)
    if _failed(one):
        upgrade = Span(pad(f"✗ {one.state}", 17), Tone.BAD)
    elif not one.settled:
        upgrade = Span(pad(f"● {one.state}", 17), Tone.WARN)
    elif one.shadow_of:
        upgrade = Span(pad(f"○ shadow of {one.shadow_of}", 17), Tone.DIM)
    retires, capacity = _retires(view, state, one), Span(pad(_capacity(one), 10), Tone.DIM)
    pieces = (
        (upgrade, retires, capacity)
        if retires.tone is not Tone.DIM and place.width < 100
        else (
            upgrade,
            capacity,
            retires,
        )
    )
    callers = ", ".join(who for who, name in state.calls if name.lower() == one.name.lower())
    called = Span(f" called by {short(callers, 20)}" if callers else "", Tone.LIVE)
    for piece in (*pieces, called):
        drawn = line(parts, piece, " ")
        parts = drawn if width_of(drawn) <= place.width + 1 else parts
    return fit(parts, place.width)


def _failed(one: Deployment) -> bool:
    return bool(one.state) and one.settled and not one.ready


def _capacity(one: Deployment) -> str:
    if one.tokens_per_min is not None:
        return f"{one.tokens_per_min / 1000:g} K/min"
    return f"{one.capacity} units" if one.capacity is not None else ""


def _retires(view: View, state: ModelState, one: Deployment) -> Span:
    at = state.retires(one)
    if at is None:
        return Span("", Tone.DIM)
    if at <= view.now:
        return Span(f"✗ retired {span((view.now - at).total_seconds())} ago", Tone.BAD)
    soon = at - view.now <= RETIRING
    return Span(
        f"{'△ ' if soon else ''}retires {span((at - view.now).total_seconds())}", Tone.WARN if soon else Tone.DIM
    )


PANEL = Panel("models", 30, LAYER, title, body, wants, needs, names, lambda view: layers.configured(view, LAYER))
