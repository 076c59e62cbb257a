"""A runner from its start to its go. Whatever fails before the go, nothing was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from console.domain.plan import Plan
from screens.door import Desk, Prepared, sentence_of
from screens.readiness import Runner
from screens.reading import read_log

NOTHING_SENT = "nothing was sent"
Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Handover:
    """One runner for one dialog. `over` is a sentence once nothing can be handed over any more.

    `spawn` runs what must outlive the dialog; `changed` is called when something became known.
    """

    def __init__(self, desk: Desk, spawn: Spawn, changed: Callable[[], None]) -> None:
        self._desk, self._spawn, self._changed = desk, spawn, changed
        self._prepared: Prepared | None = None
        self._left = self._offering = self._going = False
        self.offered: Plan | None = None
        self.over = ""

    def start(self) -> None:
        """Starts the runner in a thread; a dialog left before it stands still ends it."""
        self._spawn(self._prepare())

    async def _prepare(self) -> None:
        try:
            prepared = await asyncio.to_thread(self._desk.prepare)
        except Exception as error:
            self._end(f"No runner can be started: {sentence_of(error)}")
            return
        self._prepared = prepared
        if self._left:
            prepared.dismiss()
        self._changed()

    def leave(self) -> None:
        """Nothing will be sent."""
        self._left = True
        if self._prepared is not None:
            self._prepared.dismiss()

    def look(self) -> tuple[Runner, str]:
        """How far the runner is, and what it waits for."""
        if self._prepared is None or self._going:
            return Runner.STARTING, ""
        if not self._prepared.alive and not self.over:
            self.over = f"The runner ended before you confirmed: {NOTHING_SENT}. Leave, and try again"
        run_id = self._prepared.run_id
        run, trouble = read_log(lambda: self._desk.run(run_id), None)
        if run is None:
            return Runner.ALIVE, trouble
        return (Runner.READY if run.ready else Runner.ALIVE), run.waiting

    def offer(self, plan: Plan) -> None:
        """Records what is shown, once; `offered` says when it is done."""
        if self._prepared is not None and not self._offering and self.offered != plan and not self.over:
            self._offering = True
            self._spawn(self._offer(self._prepared, plan))

    async def _offer(self, prepared: Prepared, plan: Plan) -> None:
        try:
            await asyncio.to_thread(prepared.offer, plan)
            self.offered = plan
        except Exception as error:
            self._end(f"What is shown could not be recorded: {sentence_of(error)}; {NOTHING_SENT}")
        self._offering = False
        self._changed()

    async def go(self, plan: Plan) -> int | None:
        """Hands exactly this plan to the runner: the run's number, or None where the runner could not be told."""
        prepared = self._prepared
        if prepared is None:
            return None
        self._going = True
        try:
            if self.offered != plan:
                await asyncio.to_thread(prepared.offer, plan)
            await asyncio.to_thread(prepared.go)
        except Exception as error:
            self._going = False
            self._end(f"The runner could not be told to go: {sentence_of(error)}; {NOTHING_SENT}")
            return None
        return prepared.run_id

    def _end(self, sentence: str) -> None:
        self.over = self.over or sentence
        self._changed()
