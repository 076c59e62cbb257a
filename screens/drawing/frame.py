"""Rules and boxes. Production has another shape, not only another colour."""

from __future__ import annotations

from collections.abc import Sequence

from screens.drawing.text import BLANK, Line, Span, Tone, fit, line, short, width_of, wrap

SMALLEST = (60, 20)


def rule(left: Line, right: Line, width: int, production: bool) -> Line:
    """`─ left ───────── right ─`."""
    dash, tone = ("━", Tone.DANGER_RULE) if production else ("─", Tone.RULE)
    start = line(Span(f"{dash} ", tone), left, " ") if left else BLANK
    end = line(" ", right, Span(f" {dash}", tone)) if right else BLANK
    fill = width - width_of(start) - width_of(end)
    return fit(line(start, Span(dash * max(fill, 0), tone), end), width)


def box(title: Line, inside: Sequence[Line], foot: Line, width: int, production: bool) -> list[Line]:
    """Lines in a border of `width` cells, with words in its upper and lower edge."""
    corners, dash, side = ("┏┓┗┛", "━", "┃") if production else ("┌┐└┘", "─", "│")
    tone = Tone.DANGER_RULE if production else Tone.RULE
    inner = width - 2
    head = line(Span(f"{corners[0]}{dash} ", tone), fit_title(title, inner - 4), " ")
    top = line(head, Span(dash * (width - width_of(head) - 1) + corners[1], tone))
    bottom = line(Span(corners[2], tone), *_edge(foot, inner, dash, tone), Span(corners[3], tone))
    rows = [line(Span(side, tone), fit(row, inner), Span(side, tone)) for row in inside]
    return [top, *rows, bottom]


def fit_title(title: Line, width: int) -> Line:
    """A title cut to `width` cells, not filled."""
    return title if width_of(title) <= width else fit(title, width)


def _edge(words: Line, width: int, dash: str, tone: Tone) -> Line:
    if not words:
        return (Span(dash * width, tone),)
    cut = fit_title(words, width - 4)
    before = (width - width_of(cut) - 2) // 2
    after = width - width_of(cut) - 2 - before
    return line(Span(dash * before + " ", tone), cut, Span(" " + dash * after, tone))


def filled(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """Exactly `height` lines of `width` cells."""
    rows = [fit(one, width) for one in lines[:height]]
    return rows + [fit(BLANK, width)] * (height - len(rows))


def too_small(width: int, height: int) -> list[Line]:
    """What a terminal under 60x20 gets instead of a screen."""
    words = (
        f"This terminal is {width}x{height}; the console needs {SMALLEST[0]}x{SMALLEST[1]}. "
        "Make it larger, or q, then: rollback-console status --json"
    )
    return filled([line(Span(row)) for row in wrap(words, max(width, 1))], width, height)


def is_too_small(width: int, height: int) -> bool:
    return width < SMALLEST[0] or height < SMALLEST[1]


def sentence(text: str, tone: Tone, width: int, most: int = 3) -> list[Line]:
    """A sentence wrapped to `width`, in at most `most` lines; a longer one loses its middle first."""
    return [line(Span(row, tone)) for row in wrap(short(text, width * most), width)[:most]] if text else []
