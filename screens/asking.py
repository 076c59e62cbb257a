"""What every small dialog shares: it stands above the rest, takes every key, and ends with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from screens.door import sentence_of
from screens.drawing.asking import Question, asking
from screens.drawing.text import Line
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp

MOST = 200


class Asking(ModalScreen[str]):
    """One question after another, in one place. Its result is a sentence that says what came of it."""

    AUTO_FOCUS = None
    DEFAULT_CSS = "Asking { background: $background; }"

    def __init__(self) -> None:
        super().__init__()
        self.text, self.trouble, self._busy = "", "", False

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def question(self) -> Question:
        """What is asked now."""
        raise LookupError(type(self).__name__)

    def press(self, event: events.Key) -> None:
        """One key; escape has been taken care of."""

    def paint(self) -> None:
        for canvas in self.query(Canvas):
            canvas.paint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if self._busy:
            return
        if event.key == "escape":
            self.dismiss("")
            return
        self.trouble = ""
        self.press(event)
        if self.is_current:
            self.paint()

    def type_on(self, event: events.Key) -> None:
        """The key as a letter of what is typed."""
        if event.key == "backspace":
            self.text = self.text[:-1]
        elif event.is_printable and event.character:
            self.text = (self.text + event.character)[:MOST]

    def tell(self, do: Callable[[], object], sentence: str) -> None:
        """Has the engine do it in a thread; a refusal is shown here, and the dialog stands."""
        self._busy = True
        self.console.spawn(self._told(do, sentence))

    async def _told(self, do: Callable[[], object], sentence: str) -> None:
        try:
            await asyncio.to_thread(do)
        except Exception as error:
            self.trouble = f"{sentence_of(error)}"
            self._busy = False
            self.paint()
        else:
            self.console.hide_device_code()
            self.dismiss(sentence)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        return asking(self.question(), width, height)
