"""How each tone looks: sober on a dark ground, and still readable with no colour at all."""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from screens.drawing.text import Tone

CONSOLE_THEME = Theme(
    name="console",
    primary="#6ca0dc",
    foreground="#d4d7dc",
    background="#101418",
    surface="#161b21",
    panel="#1c232b",
    success="#7fbf7f",
    warning="#e0b050",
    error="#f07068",
    accent="#6ca0dc",
    dark=True,
)

STYLES = {
    Tone.PLAIN: Style(),
    Tone.DIM: Style(color="#8b949e"),
    Tone.STRONG: Style(bold=True),
    Tone.TITLE: Style(color="#e6e9ee", bold=True),
    Tone.GOOD: Style(color="#7fbf7f"),
    Tone.WARN: Style(color="#e0b050"),
    Tone.BAD: Style(color="#f07068", bold=True),
    Tone.LIVE: Style(color="#7fb4f0"),
    Tone.RULE: Style(color="#56606b"),
    Tone.DANGER_RULE: Style(color="#c0453e"),
    Tone.KEY: Style(color="#7fb4f0", bold=True),
    Tone.PRODUCTION: Style(color="#ffffff", bgcolor="#a02822", bold=True),
    Tone.STAGING: Style(color="#101418", bgcolor="#e0b050", bold=True),
    Tone.REHEARSAL: Style(color="#101418", bgcolor="#7fb4f0", bold=True),
    Tone.CHOSEN: Style(bold=True, underline=True),
}

_COLOURLESS = {
    Tone.PRODUCTION: Style(bold=True, reverse=True),
    Tone.STAGING: Style(bold=True),
    Tone.REHEARSAL: Style(bold=True),
    Tone.DIM: Style(),
}


def style(tone: Tone, colourless: bool) -> Style:
    """The tone's style; without colour what matters is bold or reversed, and nothing is dim."""
    if not colourless:
        return STYLES[tone]
    look = STYLES[tone]
    return _COLOURLESS.get(tone, Style(bold=look.bold, underline=look.underline))
