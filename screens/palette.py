"""The command palette: ours alone, from the same definitions as the keys; what cannot be done now is grey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.text import Text
from textual.command import CommandInput, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from screens.actions import DASHBOARD


class Palette(CommandPalette):
    """Textual's palette, without anything that blinks or moves."""

    DEFAULT_CSS = """
    Palette SearchIcon, Palette LoadingIndicator { display: none !important; }
    """

    def on_mount(self) -> None:
        self.query_one(CommandInput).cursor_blink = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One command by name. `why_not` is empty where it can be done now; `do` says the reason where it cannot."""

    title: str
    help: str
    why_not: str
    do: Callable[[], None]

    @property
    def prompt(self) -> Text:
        """Plain text, never read as markup: a reason may quote what Azure said."""
        said = f"not now: {self.why_not}" if self.why_not else self.help
        return Text.assemble((self.title, "dim" if self.why_not else ""), "\n", (said, "dim"))


def entries(screen: Screen[object]) -> Iterator[Entry]:
    """The actions of the dashboard, in their order."""
    judge = getattr(screen, "why_not", None)
    for action in DASHBOARD:
        do = getattr(screen, f"action_{action.name}", None)
        if action.palette and do is not None and judge is not None:
            keys = f" ({action.shown_keys})" if action.keys else ""
            yield Entry(f"{action.title}{keys}", action.help, judge(action), do)


class Commands(Provider):
    """Every entry, or those whose name matches what is typed; what can be done comes first."""

    async def discover(self) -> Hits:
        for entry in sorted(entries(self.screen), key=lambda entry: bool(entry.why_not)):
            yield DiscoveryHit(entry.prompt, entry.do, text=entry.title)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in entries(self.screen):
            score = matcher.match(entry.title)
            if score > 0:
                yield Hit(score / 2 if entry.why_not else score, entry.prompt, entry.do, text=entry.title)
