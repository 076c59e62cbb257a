"""Observes all layers side by side and yields snapshots: every layer with its own age or its own error."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.code import CodeState
from console.domain.failure import Failure
from console.domain.good import Choice, History, choose
from console.domain.signal import SignalState
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from console.record.database import RecordError
from console.record.run_log import RunLog
from console.signals.window import Window, readings
from console.steps.step import Prober

PACE_S = 5.0
STALE_S = 30.0
TELL_S = 1.0


class Reader(Protocol):
    """What observing needs of Azure; each call raises Failure."""

    async def principal(self) -> str: ...
    async def code_state(self) -> CodeState: ...


class Observer:
    """Reads Azure and probes the service, each at its own pace; `snapshot` is always the latest that is known."""

    def __init__(
        self, name: str, settings: TargetSettings, reader: Reader, prober: Prober, log: RunLog | None, clock: Clock
    ) -> None:
        self._name, self._settings = name, settings
        self._reader, self._prober, self._log, self._clock = reader, prober, log, clock
        self._code: Layer[CodeState] = Layer(LayerStatus.ABSENT)
        self._identity: str | None = None
        self._carrying: tuple[str, ...] = ()
        self._breached: dict[str, datetime] = {}
        self._now = asyncio.Event()
        self._changed = asyncio.Event()
        self.window = Window()

    @property
    def snapshot(self) -> Snapshot:
        """What is known at this moment, judged at this moment."""
        now = self._clock.now()
        history = self._history()
        code = self._aged(self._code)
        choice = choose(code.state, history) if code.state else Choice(None, code.error or "not read yet")
        signals = tuple(
            replace(reading, since=self._breached.get(reading.name))
            for reading in readings(self._settings, self.window, now)
        )
        return Snapshot(
            target=self._name,
            environment=self._settings.environment,
            at=now,
            code=code,
            signals=signals,
            history=history,
            choice=choice,
            identity=self._identity,
        )

    async def once(self) -> Snapshot:
        """One reading of everything, and the snapshot it gives. Never raises for a layer."""
        await self._read()
        return self.snapshot

    async def sample(self, count: int, together: int = 6) -> None:
        """Asks the app `count` times, a few requests side by side."""
        state = self._code.state
        while state is not None and count > 0:
            size = min(together, count)
            for sample in await asyncio.gather(*(self._prober.ask_app(state) for _ in range(size))):
                self.window.add(sample)
            count -= size
        self._note_breaches()

    def refresh(self) -> None:
        """Reads Azure now rather than at the next pace."""
        self._now.set()

    async def watch(self) -> AsyncIterator[Snapshot]:
        """Snapshots for ever: after each reading of Azure, and at most once a second while samples come in."""
        tasks = [asyncio.create_task(self._pace(self._read_at_pace)), asyncio.create_task(self._pace(self._probe))]
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                self._note_breaches()
                yield self.snapshot
                await self._clock.sleep(TELL_S if self._code.state else 0.05)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pace(self, action: Callable[[], object]) -> None:
        while True:
            waiting = action()
            if asyncio.iscoroutine(waiting):
                await waiting

    async def _read_at_pace(self) -> None:
        await self._read()
        self._changed.set()
        self._now.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._now.wait(), PACE_S)

    async def _probe(self) -> None:
        state = self._code.state
        if state is None:
            await self._clock.sleep(0.05)
            return
        started = self._clock.now()
        self.window.add(await self._prober.ask_app(state))
        self._changed.set()
        spent = (self._clock.now() - started).total_seconds()
        await self._clock.sleep(max(0.0, self._prober.every_s - spent))

    async def _read(self) -> None:
        try:
            if self._identity is None:
                self._identity, state = await asyncio.gather(self._reader.principal(), self._reader.code_state())
            else:
                state = await self._reader.code_state()
        except Failure as failure:
            status = LayerStatus.STALE if self._code.state else LayerStatus.ERROR
            self._code = Layer(status, self._code.state, self._code.at, failure.sentence)
            return
        self._code = Layer(LayerStatus.OK, state, self._clock.now())
        self._note_carrying(state)

    def _note_breaches(self) -> None:
        """Remembers since when each signal has been over its limit."""
        now = self._clock.now()
        for reading in readings(self._settings, self.window, now):
            if reading.state is SignalState.BREACHED:
                self._breached.setdefault(reading.name, now)
            elif reading.state is SignalState.OK:
                self._breached.pop(reading.name, None)

    def _note_carrying(self, state: CodeState) -> None:
        """Remembers who carries traffic, once per change; a record that takes nothing must not blind the screen."""
        carrying = tuple(revision.name for revision in state.serving)
        if self._log is not None and carrying and carrying != self._carrying:
            self._carrying = carrying
            with contextlib.suppress(RecordError):
                self._log.saw_carrying(carrying)

    def _history(self) -> History:
        if self._log is None:
            return History()
        try:
            return self._log.history()
        except RecordError:
            return History()

    def _aged(self, layer: Layer[CodeState]) -> Layer[CodeState]:
        """Stale once it is older than 30 s, whatever the last reading said."""
        fresh = layer.at is None or self._clock.now() - layer.at <= timedelta(seconds=STALE_S)
        if layer.status is not LayerStatus.OK or fresh:
            return layer
        return Layer(LayerStatus.STALE, layer.state, layer.at, layer.error)
