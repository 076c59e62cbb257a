"""How each tone looks: dark, light, in the terminal's own sixteen colours, and with no colour at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.style import Style
from textual.theme import Theme

from screens.drawing.text import Tone

DARK = Theme(
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
LIGHT = Theme(
    name="console-light",
    primary="#0b5cad",
    foreground="#22272e",
    background="#fbfbf8",
    surface="#f1f1ed",
    panel="#e8e8e3",
    success="#1a6f33",
    warning="#825400",
    error="#b3261e",
    accent="#0b5cad",
    dark=False,
)

_DARK = {
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
_LIGHT = {
    **_DARK,
    Tone.DIM: Style(color="#596069"),
    Tone.TITLE: Style(color="#101418", bold=True),
    Tone.GOOD: Style(color="#1a6f33"),
    Tone.WARN: Style(color="#825400"),
    Tone.BAD: Style(color="#b3261e", bold=True),
    Tone.LIVE: Style(color="#0b5cad"),
    Tone.RULE: Style(color="#8c959f"),
    Tone.DANGER_RULE: Style(color="#b3261e"),
    Tone.KEY: Style(color="#0b5cad", bold=True),
    Tone.PRODUCTION: Style(color="#ffffff", bgcolor="#b3261e", bold=True),
    Tone.STAGING: Style(color="#22272e", bgcolor="#efc75e", bold=True),
    Tone.REHEARSAL: Style(color="#ffffff", bgcolor="#0b5cad", bold=True),
}
_SIXTEEN = {
    **_DARK,
    Tone.DIM: Style(dim=True),
    Tone.TITLE: Style(bold=True),
    Tone.GOOD: Style(color="green"),
    Tone.WARN: Style(color="yellow"),
    Tone.BAD: Style(color="red", bold=True),
    Tone.LIVE: Style(color="cyan"),
    Tone.RULE: Style(dim=True),
    Tone.DANGER_RULE: Style(color="red"),
    Tone.KEY: Style(color="cyan", bold=True),
    Tone.PRODUCTION: Style(color="white", bgcolor="red", bold=True),
    Tone.STAGING: Style(color="black", bgcolor="yellow"),
    Tone.REHEARSAL: Style(color="black", bgcolor="cyan"),
}
_COLOURLESS = {
    **{tone: Style(bold=look.bold, underline=look.underline) for tone, look in _DARK.items()},
    Tone.PRODUCTION: Style(bold=True, reverse=True),
    Tone.STAGING: Style(bold=True),
    Tone.REHEARSAL: Style(bold=True),
    Tone.DIM: Style(),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One theme: what it is called by a person, what Textual calls it, and its tones."""

    name: str
    title: str
    theme: str
    styles: Mapping[Tone, Style]


LOOKS = (
    Look("dark", "dark", DARK.name, _DARK),
    Look("light", "light", LIGHT.name, _LIGHT),
    Look("ansi", "the terminal's sixteen colours", "ansi-dark", _SIXTEEN),
)
_BY_THEME = {look.theme: look for look in LOOKS}


def look_named(name: str) -> Look:
    """The look of this name; dark where there is none."""
    return next((look for look in LOOKS if look.name == name), LOOKS[0])


def style(tone: Tone, theme: str, colourless: bool) -> Style:
    """The tone's style; without colour what matters is bold or reversed, and nothing is dim."""
    if colourless:
        return _COLOURLESS[tone]
    return _BY_THEME.get(theme, LOOKS[0]).styles[tone]
