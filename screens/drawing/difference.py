"""Two texts compared: unified, or side by side. A long text takes a while: this is for a thread."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from screens.drawing.text import Line, Span, Tone, line, pad, wrap

_CONTEXT = 3
_TAB = "    "


def unified(now: str, then: str, width: int) -> list[Line]:
    """What goes and what comes, with three lines around."""
    before, after = _lines(now), _lines(then)
    if before == after:
        return [line("  ", Span("the texts are the same", Tone.DIM))]
    rows: list[Line] = []
    for group in SequenceMatcher(None, before, after, False).get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        rows.append(line(Span(f"  line {first[1] + 1} to {last[2]}, then {first[3] + 1} to {last[4]}", Tone.DIM)))
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                rows += _signed(before[start:end], "  ", Tone.PLAIN, width)
            else:
                rows += _signed(before[start:end], "- ", Tone.BAD, width)
                rows += _signed(after[other_start:other_end], "+ ", Tone.GOOD, width)
    return rows


def side_by_side(now: str, then: str, width: int) -> list[Line]:
    """What is now at the left, what would be at the right, line by line; all of it."""
    before, after, half = _lines(now), _lines(then), (width - 5) // 2
    rows: list[Line] = []
    for tag, start, end, other_start, other_end in SequenceMatcher(None, before, after, False).get_opcodes():
        left, right = before[start:end], after[other_start:other_end]
        same = tag == "equal"
        for index in range(max(len(left), len(right))):
            old, new = _at(left, index), _at(right, index)
            rows += _pair(old, new, half, same)
    return rows


def plain_text(text: str, width: int) -> list[Line]:
    """One text as it is."""
    return list(_signed(_lines(text), "  ", Tone.PLAIN, width))


def _lines(text: str) -> list[str]:
    return text.replace("\t", _TAB).split("\n")


def _signed(texts: list[str], sign: str, tone: Tone, width: int) -> Iterator[Line]:
    """Each line with its sign; what is wrapped is indented."""
    for text in texts:
        for index, row in enumerate(wrap(text, width - 4)):
            yield line(Span(f" {sign if index == 0 else '  '}{row}", tone))


def _at(texts: list[str], index: int) -> str | None:
    return texts[index] if index < len(texts) else None


def _pair(old: str | None, new: str | None, half: int, same: bool) -> Iterator[Line]:
    left, right = wrap(old or "", half - 2), wrap(new or "", half - 2)
    for index in range(max(len(left), len(right))):
        sign, other = ("  ", "  ") if same else ("- " if old is not None else "  ", "+ " if new is not None else "  ")
        yield line(
            " ",
            Span(
                (sign if index == 0 else "  ") + pad(_at(left, index) or "", half - 2),
                Tone.PLAIN if same else Tone.BAD,
            ),
            Span(" │ ", Tone.RULE),
            Span(
                (other if index == 0 else "  ") + pad(_at(right, index) or "", half - 2),
                Tone.PLAIN if same else Tone.GOOD,
            ),
        )
