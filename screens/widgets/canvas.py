"""A widget that draws toned lines, and sends to the terminal only the lines that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from console.domain.clean import clean
from screens.drawing.text import Line, Span, fit
from screens.theme import style

Draw = Callable[[int, int], Sequence[Line]]


class Canvas(Widget):
    """Draws what `draw(width, height)` returns. Text goes to the terminal as it is, never read as markup.

    Each span is cleaned once more on its way out, so that nothing that slipped through a door moves a cursor.
    """

    DEFAULT_CSS = "Canvas { width: 1fr; height: 1fr; }"

    def __init__(self, draw: Draw) -> None:
        super().__init__(markup=False)
        self._draw = draw
        self._lines: list[Line] = []
        self._drawn_for = (-1, -1)

    def paint(self) -> None:
        """Draws again; lines that are as they were are left alone."""
        size = (self.size.width, self.size.height)
        fresh = self._compute(*size)
        if self._drawn_for != size:
            self._lines, self._drawn_for = fresh, size
            self.refresh()
            return
        changed = [y for y, line in enumerate(fresh) if line != self._lines[y]]
        self._lines = fresh
        if changed:
            self.refresh(*(Region(0, y, size[0], 1) for y in changed))

    def on_resize(self) -> None:
        self.paint()

    def render_line(self, y: int) -> Strip:
        size = (self.size.width, self.size.height)
        if self._drawn_for != size:
            self._lines, self._drawn_for = self._compute(*size), size
        base, theme, colourless = self.rich_style, self.app.theme, self.app.no_color
        spans = self._lines[y] if y < len(self._lines) else ()
        segments = [Segment(span.text, base + style(span.tone, theme, colourless)) for span in spans]
        return Strip(segments).extend_cell_length(size[0], base).crop(0, size[0])

    def _compute(self, width: int, height: int) -> list[Line]:
        lines = [_cleaned(line, width) for line in self._draw(width, height)][:height]
        return lines + [()] * (height - len(lines))


def _cleaned(line: Line, width: int) -> Line:
    """The line as it may go to a terminal; only what was unclean is measured again."""
    spans = tuple(Span(clean(span.text), span.tone) for span in line)
    return line if spans == line else fit(spans, width)
