"""The command palette: ours alone, from the same definitions as the keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import SystemCommand
from textual.command import CommandInput, CommandPalette
from textual.screen import Screen

from screens.actions import DASHBOARD


class Palette(CommandPalette):
    """Textual's palette, without anything that blinks or moves."""

    DEFAULT_CSS = """
    Palette SearchIcon, Palette LoadingIndicator { display: none !important; }
    """

    def on_mount(self) -> None:
        self.query_one(CommandInput).cursor_blink = False


def commands(screen: Screen[Any]) -> Iterable[SystemCommand]:
    """The actions of the dashboard, where they belong; their words are ours, since the palette reads markup."""
    for action in DASHBOARD:
        method = getattr(screen, f"action_{action.name}", None)
        if action.palette and method is not None:
            yield SystemCommand(f"{action.title} ({action.shown_keys})", action.help, method)
