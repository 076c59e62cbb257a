"""Marks a revision good or bad: one key says which, a line says why."""

from __future__ import annotations

from textual import events

from screens.asking import Asking
from screens.door import Desk
from screens.drawing.asking import Field, Question

_KEYS = (("enter", "mark it"), ("esc", "leave"))


class Mark(Asking):
    """Good or bad, and an optional reason."""

    def __init__(self, desk: Desk, version: str, name: str) -> None:
        super().__init__()
        self._desk, self._version, self._name = desk, version, name
        self._good: bool | None = None

    def question(self) -> Question:
        title = f"Mark {self._name}"
        if self._good is None:
            lead = "A version marked good is chosen before any other; one marked bad is never chosen."
            choices = (("g", "good"), ("b", "bad"))
            return Question(title, self._desk.target, lead, choices, keys=(("esc", "leave"),), trouble=self.trouble)
        word = "good" if self._good else "bad"
        field = Field("Why (may stay empty)", self.text)
        return Question(f"{title} {word}", self._desk.target, field=field, keys=_KEYS, trouble=self.trouble)

    def press(self, event: events.Key) -> None:
        if self._good is None:
            self._good = {"g": True, "b": False}.get(event.key)
        elif event.key == "enter":
            self._mark(self._good)
        else:
            self.type_on(event)

    def _mark(self, good: bool) -> None:
        reason = self.text.strip()
        word = "good" if good else "bad"
        self.tell(lambda: self._desk.mark(self._version, good, reason), f"{self._name} is marked {word}")
