"""A question of the decision tree as lines: the way here, the answers under their keys, what is known beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.decision import Node, Taken
from screens.door import Evidence
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, sentence, too_small
from screens.drawing.header import environment, fresh
from screens.drawing.text import BLANK, Line, Span, Tone, fit, line, short, width_of, wrap
from screens.drawing.view import View

WIDE = 110
_LETTERS = {"yes": "y", "no": "n"}
_SUGGESTED = "← suggested"


@dataclass(frozen=True, slots=True)
class Deciding:
    """Where the operator stands: the way so far and its question, or why there is none.

    `evidence` is what is known beside it; `note` goes with the next answer; `offset` scrolls what does not fit.
    """

    path: tuple[Taken, ...] = ()
    node: Node | None = None
    evidence: Sequence[Evidence] = ()
    trouble: str = ""
    note: str = ""
    message: str = ""
    offset: int = 0

    @property
    def no_answer(self) -> str | None:
        return None if self.node is not None else "there is no question"

    @property
    def no_way_back(self) -> str | None:
        return None if self.path else "first question"

    @property
    def answer_keys(self) -> str:
        """`1-9 0`, and the letters where the answers are yes and no."""
        count = len(self.node.answers) if self.node is not None else 0
        digits = f"1-{min(count, 9)}{' 0' if count > 9 else ''}"
        return f"{digits} {' '.join(letter(self.node, place) for place in range(count))}".strip()


def digit(place: int) -> str:
    """The key of an answer: 1 to 9, and 0 for the tenth."""
    return str((place + 1) % 10) if place < 10 else ""


def letter(node: Node | None, place: int) -> str:
    """`y` or `n` for an answer that is yes or no; nothing for others."""
    return _LETTERS.get(node.answers[place].answer, "") if node is not None else ""


def place_of(node: Node, key: str) -> int | None:
    """Which answer a key gives; None where it gives none."""
    places = range(len(node.answers))
    return next((place for place in places if key in (digit(place), letter(node, place)) and key), None)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, and how far and by how much it can be scrolled."""

    lines: list[Line]
    furthest: int = 0
    page: int = 1


def decide(state: Deciding, view: View, items: Sequence[Item], width: int, height: int) -> Picture:
    """Exactly `height` lines."""
    if is_too_small(width, height):
        return Picture(too_small(width, height))
    head = [title(view, width), *crumbs(state.path, state.node, width)]
    bottom = [rule(BLANK, said(state.message, width), width, view.production), footer(items, width)]
    room = height - len(head) - len(bottom)
    node = state.node
    if node is None:
        rows = [line(" ", *row) for one in state.trouble.split("\n") for row in sentence(one, Tone.BAD, width - 2, 4)]
        return Picture(filled([*head, *filled([BLANK, *rows], width, room), *bottom], width, height))
    left = width if width < WIDE else width * 11 // 20
    asked = _question(node, state.evidence, left, room)
    beside = _beside(state, (width - left - 2) if width >= WIDE else width - 2)
    if width >= WIDE:
        seen = room - 1
        pane, furthest, more = scrolled(beside, state.offset, seen)
        edge = rule(line(Span("Evidence", Tone.TITLE)), more, width - left, view.production)
        right_side = [edge, *(line(Span("│", Tone.RULE), " ", *row) for row in filled(pane, width - left - 2, seen))]
        rows = [line(*fit(one, left), *two) for one, two in zip(filled(asked, left, room), right_side, strict=True)]
    else:
        seen = max(room - len(asked) - 1, 0)
        pane, furthest, more = scrolled(beside, state.offset, seen)
        edge = rule(line(Span("Evidence", Tone.TITLE)), more, width, view.production)
        rows = [*asked, edge, *filled([line(" ", *row) for row in pane], width, seen)]
    return Picture(filled([*head, *filled(rows, width, room), *bottom], width, height), furthest, max(seen - 1, 1))


def title(view: View, width: int) -> Line:
    """The screen's name, the target and how fresh the evidence is."""
    name = Span(short(view.target or "…", max(width - 46, 8)), Tone.STRONG)
    left = line(Span("Decide  ", Tone.TITLE), name, "  ", environment(view))
    return rule(left, line(fresh(view)), width, view.production)


def said(message: str, width: int) -> Line:
    """What came of the last key."""
    return line(Span(short(message, width - 8), Tone.STRONG)) if message else BLANK


def crumbs(path: Sequence[Taken], node: Node | None, width: int, most: int = 2) -> list[Line]:
    """`emergency? no › ours? ours › changed?`; a way that is too long loses its beginning."""
    told = [f"{_asks(taken.node)}? {taken.answer.answer}" for taken in path]
    here = [f"{_asks(node)}?"] if node is not None else []
    parts, lost = [*told, *here], False
    while len(parts) > 1 and len(wrap(" › ".join(parts), width - 4)) > most:
        parts, lost = parts[1:], True
    text = ("… › " if lost else "") + " › ".join(parts)
    rows = wrap(text, width - 2)[:most] if text else ["the first question"]
    return [line(" ", Span(row, Tone.DIM)) for row in rows]


def _asks(node: Node) -> str:
    return short(node.asks.replace("_", " "), 30)


def scrolled(rows: Sequence[Line], offset: int, seen: int) -> tuple[list[Line], int, Line]:
    """The rows that are seen, the furthest offset, and a word about the rest."""
    furthest = max(len(rows) - seen, 0)
    first = min(offset, furthest)
    left = len(rows) - first - seen
    more = f"space: {left} more line{'s' if left != 1 else ''}" if left > 0 else "k: back" if first else ""
    return list(rows[first : first + seen]), furthest, line(Span(more, Tone.DIM)) if more else BLANK


def _question(node: Node, evidence: Sequence[Evidence], width: int, room: int) -> list[Line]:
    """What is asked and its answers, which keep their place whatever the evidence says."""
    asked = [line(" ", *row) for row in sentence(node.question, Tone.STRONG, width - 2, 3)]
    lettered = any(letter(node, place) for place in range(len(node.answers)))
    hint = next((one.suggested for one in evidence if one.suggested), None)
    answers = [_answer(node, place, hint, lettered, width) for place in range(len(node.answers))]
    air = [BLANK] if room >= len(asked) + len(answers) + 10 else []
    return [*air, *asked, *air, *answers, *air]


def _answer(node: Node, place: int, hint: str | None, lettered: bool, width: int) -> Line:
    one = node.answers[place]
    key = f"  {digit(place) or '·'} {letter(node, place) or ' '}  " if lettered else f"  {digit(place) or '·'}  "
    marked = line("  ", Span(_SUGGESTED, Tone.LIVE)) if hint == one.answer else BLANK
    text = short(one.title or one.answer, max(width - len(key) - width_of(marked) - 1, 8))
    return line(Span(key, Tone.KEY), text, *marked)


def _beside(state: Deciding, width: int) -> list[Line]:
    """Why one answer is suggested, what is known, how to find out more, and the note that goes with the answer."""
    node = state.node
    rows: list[Line] = []
    if node is None:
        return rows
    if state.note:
        rows += _labelled("Note", state.note, Tone.STRONG, width)
    for one in state.evidence:
        place = next((at for at, given in enumerate(node.answers) if given.answer == one.suggested), None)
        if place is not None:
            rows += _labelled(f"Why {digit(place)}", one.reason, Tone.LIVE, width)
            break
    told = [text for one in state.evidence for text in one.lines] or ["no evidence here: nothing shows it"]
    for place, text in enumerate(told):
        rows += _labelled("Known" if place == 0 else "", text, Tone.PLAIN, width)
    if node.help:
        rows += _labelled("Tell by", node.help, Tone.DIM, width)
    return rows


def _labelled(label: str, text: str, tone: Tone, width: int) -> list[Line]:
    """A text under a short word that stands left of it."""
    drawn = [line(Span(row, tone)) for row in wrap(short(text, 1500), max(width - 9, 10))]
    return [line(Span(f"{label if place == 0 else '':<8} ", Tone.DIM), *row) for place, row in enumerate(drawn)]
