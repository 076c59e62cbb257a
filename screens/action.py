"""What a key is: one definition gives its binding, palette entry, footer item and help line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.binding import Binding, BindingType

from console.domain.intent import Intent
from screens.drawing.footer import Item

T = TypeVar("T")

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "exclamation_mark": "!",
}
_EVERY_DIGIT = "1 2 3 4 5 6 7 8 9 0"


def _always(state: object) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Action(Generic[T]):
    """One thing a person may do. `label` prints the result; `why_not` says why it cannot be done now, or None.

    `intent` is what a plan is made of, where the action begins with a plan; an action without keys is in the palette
    alone. A `sure` one never leaves the footer, where `brief` is its shortest label. `shown` are the keys as the
    footer has them, where they are several.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    label: Callable[[T], str]
    why_not: Callable[[T], str | None] = _always
    footer: bool = False
    palette: bool = False
    intent: Callable[[T], Intent | None] | None = None
    sure: bool = False
    shown: Callable[[T], str] | None = None
    brief: str = ""

    @property
    def shown_keys(self) -> str:
        """The keys as a person knows them."""
        return " ".join(_NAMES.get(key, key) for key in self.keys).replace(_EVERY_DIGIT, "1-9 0")


def says(words: str) -> Callable[[object], str]:
    """A label that is always the same."""
    return lambda state: words


def bindings(actions: Sequence[Action[T]]) -> list[BindingType]:
    """Textual's bindings for these actions."""
    return [
        Binding(",".join(action.keys), action.name, action.title, show=False) for action in actions if action.keys
    ]


def items(actions: Sequence[Action[T]], state: T) -> list[Item]:
    """The footer's items, with their results."""
    return [
        Item(_footer_key(action, state), action.label(state), action.why_not(state), action.sure, action.brief)
        for action in actions
        if action.footer
    ]


def _footer_key(action: Action[T], state: T) -> str:
    return action.shown(state) if action.shown is not None else _NAMES.get(action.keys[0], action.keys[0])


def for_key(actions: Sequence[Action[T]], key: str) -> Action[T] | None:
    """The action of this key."""
    return next((action for action in actions if key in action.keys), None)
