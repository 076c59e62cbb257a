"""The prompts panel: which version of each is active since when, and what it was before."""

from __future__ import annotations

from console.domain.prompt import Prompt, PromptState
from screens.drawing import layer_lines as layers
from screens.drawing.panels import Panel, Place
from screens.drawing.text import Line, Span, Tone, fit, line, pad, short, width_of
from screens.drawing.view import View
from screens.drawing.words import age

LAYER = "prompt"


def _state(view: View) -> PromptState | None:
    found = layers.layer_of(view, LAYER).state
    return found if isinstance(found, PromptState) else None


def shown(view: View, filter_text: str) -> tuple[Prompt, ...]:
    """What changed first, then what is in trouble, then the others as the store has them."""
    state = _state(view)
    if state is None:
        return ()
    wanted = filter_text.lower()
    ranks = {one.change.item: one.rank for one in reversed(view.changes.of(LAYER))}
    found = [prompt for prompt in state.prompts if wanted in prompt.item.lower()]
    return tuple(sorted(found, key=lambda one: (ranks.get(one.item, 1 << 30), not one.trouble)))


def names(view: View, filter_text: str) -> tuple[str, ...]:
    return tuple(prompt.item for prompt in shown(view, filter_text))


def title(view: View, place: Place) -> tuple[Line, Line]:
    """The panel's name; without rows, every active version that fits."""
    head, state = layers.heading(view, LAYER, "Prompts"), _state(view)
    if state is None:
        return head, ()
    many = Span(f"{len(state.prompts)} prompts" if len(state.prompts) != 1 else "1 prompt", Tone.DIM)
    if place.rows:
        hidden = len(shown(view, place.filter)) > place.rows
        return head, line(many) if hidden else line(Span(short(state.mode, 10), Tone.DIM)) if state.mode else ()
    pieces = [f"{short(one.item, 20)} {_active(one)}" for one in shown(view, place.filter)]
    return head, line(layers.brief(pieces, place.width - width_of(head) - 6))


def _active(prompt: Prompt) -> str:
    if prompt.serves is None:
        return prompt.trouble
    found = prompt.find(prompt.serves)
    return short(found.shown if found else prompt.serves, 12)


def wants(view: View, place: Place) -> int:
    return len(layers.notes(view, LAYER, place.width)) + max(len(shown(view, place.filter)), 1)


def needs(view: View, place: Place) -> int:
    """What changed, and what is in trouble."""
    loud = sum(1 for one in shown(view, place.filter)[:4] if one.trouble or view.suspect(LAYER, one.item))
    return len(layers.notes(view, LAYER, place.width)) + max(loud, 1 if place.focused else 0)


def body(view: View, place: Place) -> list[Line]:
    rows = layers.notes(view, LAYER, place.width)[: max(place.rows - 1, 1)]
    found, state = shown(view, place.filter), _state(view)
    if state is None:
        return rows or layers.waiting(view, LAYER)
    if not found:
        said = "no prompt matches the filter" if place.filter else "no prompts"
        return [*rows, line("   ", Span(said, Tone.DIM))]
    room = max(place.rows - len(rows), 1)
    drawn = layers.window(place.cursor if place.focused else 0, len(found), room)
    name = min(max(width_of((Span(found[index].item),)) for index in drawn), 28 if place.width >= 100 else 16)
    return [*rows, *(_row(view, found[index], name, place, index) for index in drawn)]


def _row(view: View, prompt: Prompt, name: int, place: Place, index: int) -> Line:
    suspect = view.suspect(LAYER, prompt.item)
    head = line(layers.pointer(place, index), Span(pad(prompt.item, name), layers.name_tone(place, index)), "  ")
    if prompt.trouble:
        trouble = Span(short(f"✗ {prompt.trouble}", place.width - name - 6), Tone.BAD)
        return fit(line(head, trouble), place.width)
    since = f" for {age(prompt.since, view.now)}" if prompt.since else ", since when not known"
    active = Span(pad(f"{_active(prompt)}{since}", 26 if place.width >= 100 else 18), Tone.STRONG)
    parts = line(head, layers.delta(suspect), active)
    for said in (_was(view, prompt), _calls(prompt)):
        drawn = line(parts, Span(pad(said, 24 if place.width >= 100 else 17), Tone.DIM), " ")
        parts = drawn if width_of(drawn) <= place.width + 1 else parts
    return fit(parts, place.width)


def _was(view: View, prompt: Prompt) -> str:
    if prompt.was is None:
        return ""
    found = prompt.find(prompt.was)
    lasted = f" for {age(prompt.was_since, prompt.since)}" if prompt.was_since is not None and prompt.since else ""
    return f"was {short(found.shown if found else prompt.was, 12)}{lasted}"


def _calls(prompt: Prompt) -> str:
    return f"{prompt.calls:,} calls since" if prompt.calls is not None else ""


PANEL = Panel("prompts", 20, LAYER, title, body, wants, needs, names, lambda view: layers.configured(view, LAYER))
