"""The complete command that does the same without the console."""

from __future__ import annotations

from screens.drawing.text import Line, Span, Tone, fold, line


def by_hand(command: str, width: int) -> list[Line]:
    """The command's lines from the first column, whole: broken where the screen is narrower, never shortened."""
    return [line(Span(row, Tone.STRONG)) for row in fold(command, width)] if command else []


def way_round(bypass: str, width: int) -> list[Line]:
    """The team's own way round Azure, whole; nothing where none is configured."""
    return [line(Span(row, Tone.STRONG)) for row in fold(f"Way round Azure: {bypass}", width)] if bypass else []
