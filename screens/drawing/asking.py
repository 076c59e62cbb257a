"""Small dialogs as lines: a title, choices under their keys, one line that is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screens.drawing.frame import box, filled, is_too_small, sentence, too_small
from screens.drawing.text import BLANK, Line, Span, Tone, line, short


@dataclass(frozen=True, slots=True)
class Field:
    """A line that is typed: its name, what stands in it, and what it takes."""

    name: str
    text: str
    takes: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `choices` are keys with words, `keys` those that end the dialog, `trouble` why it goes on.

    `beneath` is what is worth knowing, a line each, as far as there is room.
    """

    title: str
    target: str
    lead: str = ""
    choices: Sequence[tuple[str, str]] = ()
    field: Field | None = None
    keys: Sequence[tuple[str, str]] = ()
    trouble: str = ""
    beneath: Sequence[str] = ()


def asking(question: Question, width: int, height: int) -> list[Line]:
    """Exactly `height` lines with the dialog at the top."""
    if is_too_small(width, height):
        return too_small(width, height)
    outer = min(width, 92)
    inner = outer - 4
    rows: list[Line] = [BLANK, *sentence(question.lead, Tone.PLAIN, inner, 4)]
    if question.choices:
        rows += [BLANK, *(_choice(key, said, inner) for key, said in question.choices)]
    if question.field is not None:
        rows += [BLANK, *_field(question.field, inner)]
    if question.trouble:
        rows += [BLANK, *sentence(question.trouble, Tone.BAD, inner, 4)]
    rows += [BLANK, line(*(part for key, said in question.keys for part in (Span(key, Tone.KEY), f" {said}    ")))]
    room = height - len(rows) - 3
    told = [row for one in question.beneath for row in sentence(one, Tone.DIM, inner, 2)]
    rows += [BLANK, *told[:room]] if told and room > 0 else []
    title = line(Span(question.title, Tone.TITLE), "  ", Span(short(question.target, 30), Tone.STRONG))
    drawn = box(title, [line(" ", row) for row in rows], BLANK, outer, False)
    return filled(drawn, width, height)


def _choice(key: str, said: str, width: int) -> Line:
    return line(Span(f"{key}  ", Tone.KEY), short(said, width - 4))


def _field(field: Field, width: int) -> list[Line]:
    room = max(width - len(field.name) - 4, 10)
    shown = field.text[-room:]
    rows = [line(f"{field.name}: ", Span(shown, Tone.STRONG), Span("▏", Tone.KEY))]
    return [*rows, *sentence(field.takes, Tone.DIM, width, 2)]
