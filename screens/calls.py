"""Which requests used a prompt's version: asks which one, and writes their ids to a file."""

from __future__ import annotations

from dataclasses import replace

from textual import events

from console.domain.prompt import Prompt
from console.domain.snapshot import Snapshot
from screens.asking import Asking
from screens.drawing.asking import Field, Question

_MOST = 8
_KEYS = (("enter", "write the file"), ("esc", "leave"))


class Calls(Asking):
    """First which prompt, where none is given; then which of its versions; then the file is written."""

    def __init__(self, snapshot: Snapshot, item: str | None) -> None:
        super().__init__()
        self._target = snapshot.target
        prompts = snapshot.prompt.state.prompts if snapshot.prompt.state else ()
        changed = [suspect.change.item for suspect in snapshot.changes.of("prompt")]
        self._prompts = sorted(prompts, key=lambda one: one.item not in changed)[:_MOST]
        chosen = next((one for one in prompts if one.item == item), None)
        self._prompt = chosen or (self._prompts[0] if len(self._prompts) == 1 else None)
        self.text = (self._prompt.serves or "") if self._prompt else ""

    def question(self) -> Question:
        asked = Question(
            "Which requests used this prompt?", self._target, trouble=self.trouble, keys=(("esc", "leave"),)
        )
        if self._prompt is None:
            choices = [(str(number), one.item) for number, one in enumerate(self._prompts, 1)]
            return replace(asked, lead="Which prompt?", choices=choices)
        lead = f"The calls of {self._prompt.item} are written to a CSV file of this folder, one id a line."
        how = "a version, such as " + ", ".join(one.shown for one in self._prompt.versions[:3])
        return replace(asked, lead=lead, field=Field("Version", self.text, how), keys=_KEYS)

    def press(self, event: events.Key) -> None:
        if self._prompt is None:
            if event.key.isdigit() and 0 < int(event.key) <= len(self._prompts):
                self._prompt = self._prompts[int(event.key) - 1]
                self.text = self._prompt.serves or ""
        elif event.key == "enter":
            self._write(self._prompt)
        else:
            self.type_on(event)

    def _write(self, prompt: Prompt) -> None:
        found = prompt.find(self.text.strip())
        if found is None:
            self.trouble = f"{prompt.item} has no version {self.text.strip() or '(empty)'}"
            return
        self._busy = True
        self.console.spawn(self._written(prompt.item, found.version))

    async def _written(self, item: str, version: str) -> None:
        self.dismiss(await self.console.export_calls(item, version))
