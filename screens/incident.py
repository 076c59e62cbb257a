"""When did it begin? The first breach, now, or a time that is typed; and a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from textual import events

from console.domain.beginning import HOW, beginnings, typed
from console.domain.beginning import Beginning as Moment
from screens.asking import Asking
from screens.door import Desk
from screens.drawing.asking import Field, Question
from screens.drawing.incident import told
from screens.reading import read_log

_KEYS = (("enter", "go on"), ("esc", "leave"))


class Beginning(Asking):
    """Gives the incident that is under way its beginning, or opens one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._choices: tuple[Moment, ...] = ()
        self._typing = False
        self._began: datetime | None = None
        self._incident = desk.incident
        self._past: Sequence[str] = ()

    def on_mount(self) -> None:
        if self._incident is not None:
            number, guide = self._incident.id, self._desk.guide
            self._past, _ = read_log(lambda: told(guide.answers(number), guide.aftercare(number)), self._past)
        self._choices = beginnings(self._desk.snapshot.signals, self.console.around.now())

    def question(self) -> Question:
        asked = Question(
            "When did it begin?", self._desk.target, trouble=self.trouble, keys=_KEYS, beneath=self._past
        )
        if self._began is not None:
            said = f"It began {self._began:%d %b %H:%M:%S}Z."
            return replace(asked, lead=said, field=Field("Note (may stay empty)", self.text))
        if self._typing:
            return replace(asked, field=Field("Time", self.text, HOW))
        choices = [(str(number), one.title) for number, one in enumerate(self._choices, 1)]
        choices.append((str(len(choices) + 1), "another time"))
        return replace(asked, lead=self._lead(), choices=choices, keys=(("esc", "leave"),))

    def _lead(self) -> str:
        if self._incident is None:
            return "This opens an incident; what is done from now on belongs to it."
        number, began = self._incident.id, self._incident.began
        return f"Incident {number} is under way since {began:%d %b %H:%M:%S}Z ({self._incident.source})."

    def press(self, event: events.Key) -> None:
        if self._began is not None:
            if event.key == "enter":
                self._begin(self._began)
            else:
                self.type_on(event)
        elif self._typing:
            self._type_time(event)
        elif event.key.isdigit():
            self._choose(int(event.key) - 1)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._choices):
            self._began = self._choices[index].at
        elif index == len(self._choices):
            self._typing = True

    def _type_time(self, event: events.Key) -> None:
        if event.key != "enter":
            self.type_on(event)
            return
        try:
            self._began, self.text = typed(self.text, self.console.around.now()), ""
        except ValueError as error:
            self.trouble = str(error)

    def _begin(self, began: datetime) -> None:
        note = self.text.strip()
        said = f"the incident began {began:%d %b %H:%M:%S}Z"
        self.tell(lambda: self._desk.begin_incident(began, note), said)
