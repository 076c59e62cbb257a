"""The device code as lines, whole: nothing in it may be shortened."""

from __future__ import annotations

from datetime import UTC, datetime

from screens.drawing.frame import box, filled, sentence
from screens.drawing.text import BLANK, Line, Span, Tone, fold, line


def sign_in(address: str, code: str, expires_on: datetime, now: datetime, width: int, height: int) -> list[Line]:
    """Exactly `height` lines; the address stands on lines of its own, so that it can be copied."""
    inner = max(min(width, 92) - 4, 20)
    until = expires_on.astimezone(UTC)
    left = max(int((expires_on - now).total_seconds() // 60), 0)
    rows: list[Line] = [
        BLANK,
        line("Open this address on any machine with a browser:"),
        BLANK,
        *(line("  ", Span(row, Tone.STRONG)) for row in fold(address, inner - 2)),
        BLANK,
        line("and enter this code:"),
        BLANK,
        line("  ", Span(code, Tone.KEY)),
        BLANK,
        *sentence(f"The code holds until {until:%H:%M}Z, {left} min from now.", Tone.PLAIN, inner),
        *sentence("This goes away once Azure has taken the sign-in.", Tone.DIM, inner),
        BLANK,
        line(Span("esc", Tone.KEY), " hide this; the dashboard keeps saying it"),
    ]
    title = line(Span("Sign in to Azure", Tone.TITLE))
    return filled(box(title, [line(" ", row) for row in rows], BLANK, min(width, 92), False), width, height)
