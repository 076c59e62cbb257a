"""One line that is kept with an answer."""

from __future__ import annotations

from textual import events

from screens.asking import Asking
from screens.drawing.asking import Field, Question

NOTHING = " "


class Note(Asking):
    """Its result is the note, blank where it was emptied; nothing where it was left."""

    def __init__(self, target: str, text: str = "") -> None:
        super().__init__()
        self._target, self.text = target, text

    def question(self) -> Question:
        field = Field("Note", self.text, "what you saw or did; kept in the incident, with its time and your name")
        return Question("Note", self._target, field=field, keys=(("enter", "keep"), ("esc", "leave")))

    def press(self, event: events.Key) -> None:
        if event.key == "enter":
            self.dismiss(self.text.strip() or NOTHING)
        else:
            self.type_on(event)
