"""Observes all layers side by side and yields snapshots: every layer with its own age or its own error."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, cast

from console.changed import Changed, Reading
from console.clock import Clock
from console.compare import Comparer
from console.config.settings import TargetSettings
from console.domain.bundle import Bundle
from console.domain.change import Changes, Written
from console.domain.code import CodeState
from console.domain.comparison import Comparison
from console.domain.failure import Failure
from console.domain.golden import GoldenResult
from console.domain.good import Choice, History, choose
from console.domain.signal import SignalReading, SignalState
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from console.layers import kind_of
from console.layers.layer import Door
from console.record.database import RecordError
from console.record.run_log import RunLog
from console.signals.window import Window
from console.steps.step import Prober

PACE_S = 5.0
STALE_S = 30.0
TELL_S = 1.0
HISTORY_S = 1.0
WRITES_S = 60.0
WRITES_BOUND_S = 4.0
COMPARED_S = 60.0
FIRST_COMPARED_S = 1.0
PACES = 3.0


class Reader(Protocol):
    """What observing needs of Azure; each call raises Failure."""

    async def principal(self) -> str: ...
    async def code_state(self) -> CodeState: ...
    async def writes(self, since: datetime) -> tuple[Written, ...]: ...


class Signals(Protocol):
    """The signals' sources: `run` reads them for ever, each at its own pace, `once` each one time."""

    @property
    def golden(self) -> GoldenResult | None: ...

    async def run(self) -> None: ...
    async def once(self) -> None: ...
    def readings(self, now: datetime) -> tuple[SignalReading, ...]: ...
    async def measure(self, name: str) -> SignalReading | None: ...


Beginning = Callable[[], datetime | None]


class Observer:
    """Reads every layer and asks the service, each at its own pace; `snapshot` is always the latest that is known.

    `doors` are those of every layer but code. `began` tells when the incident that is under way began.
    """

    def __init__(
        self,
        name: str,
        settings: TargetSettings,
        reader: Reader,
        prober: Prober,
        log: RunLog | None,
        clock: Clock,
        doors: Mapping[str, Door],
        signals: Signals,
        window: Window,
        began: Beginning = lambda: None,
        comparer: Comparer | None = None,
    ) -> None:
        self._name, self._settings = name, settings
        self._reader, self._prober, self._log, self._clock = reader, prober, log, clock
        self._doors, self._signals, self._began = doors, signals, began
        absent: Layer[Any] = Layer(LayerStatus.ABSENT)
        self._layers: dict[str, Layer[Any]] = {"code": absent, **dict.fromkeys(doors, absent)}
        self._identity: str | None = None
        self._carrying: tuple[str, ...] = ()
        self._writes: tuple[Written, ...] = ()
        self._history: tuple[datetime, History, tuple[datetime, ...]] | None = None
        self._told: tuple[Bundle, Changes] | None = None
        self._told_of: tuple[object, ...] = ()
        self._changed = Changed(settings, log)
        self._besides: dict[str, tuple[Any, CodeState | None, Any]] = {}
        self._asked = {name: asyncio.Event() for name in self._layers}
        self._news = asyncio.Event()
        self._comparer = comparer
        self.comparison: Comparison | None = None
        self.window = window

    @property
    def changed(self) -> Changed:
        """The record of what was observed."""
        return self._changed

    @property
    def snapshot(self) -> Snapshot:
        """What is known at this moment, judged at this moment."""
        now = self._clock.now()
        history, own = self._remembered(now)
        layers = {name: self._aged(name, one) for name, one in self._layers.items()}
        code: Layer[CodeState] = layers.pop("code")
        choice = choose(code.state, history) if code.state else Choice(None, code.error or "not read yet")
        signals = self._signals.readings(now)
        bundle, changes = self._tell(now, history, own, signals)
        return Snapshot(
            target=self._name,
            environment=self._settings.environment,
            at=now,
            code=code,
            signals=signals,
            history=history,
            choice=choice,
            identity=self._identity,
            layers=layers,
            bundle=bundle,
            changes=changes,
            golden=self._signals.golden,
        )

    async def once(self) -> Snapshot:
        """One reading of every layer side by side, and the snapshot it gives. Never raises for a layer."""
        await asyncio.gather(self._read_code(), self._read_writes(), *(self._read(name) for name in self._doors))
        self._note()
        return self.snapshot

    async def sample(self, count: int, together: int = 6) -> None:
        """Asks the app `count` times, a few requests side by side, and every other source one time."""
        asking = asyncio.create_task(self._signals.once())
        state: CodeState | None = self._layers["code"].state
        while state is not None and count > 0:
            size = min(together, count)
            for sample in await asyncio.gather(*(self._prober.ask_app(state) for _ in range(size))):
                self.window.add(sample)
            count -= size
        await asking
        self._note()

    def refresh(self) -> None:
        """Reads everything now rather than at the next pace."""
        for asked in self._asked.values():
            asked.set()

    async def compare(self) -> None:
        """While a signal is over its limit: the revision that serves and an older one, each asked by itself."""
        if self._comparer is not None:
            self.comparison = await self._comparer.compare(self.snapshot) or self.comparison

    async def watch(self) -> AsyncIterator[Snapshot]:
        """Snapshots for ever: after each reading, and at most once a second while samples come in."""
        paces = [self._pace("code", PACE_S, self._read_code), self._probe(), self._signals.run()]
        paces += [self._read_writes_at_pace(), self._compare_at_pace()]
        paces += [self._pace(name, door.every_s, partial(self._read, name)) for name, door in self._doors.items()]
        tasks = [asyncio.create_task(pace) for pace in paces]
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                self._note()
                yield self.snapshot
                await self._clock.sleep(TELL_S if self._layers["code"].state else 0.05)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pace(self, name: str, every_s: float, read: Callable[[], Any]) -> None:
        """Reads one layer for ever. A refresh makes all of them read at once."""
        while True:
            await read()
            self._news.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked[name].wait(), every_s)
            self._asked[name].clear()

    async def _compare_at_pace(self) -> None:
        while True:
            await self._clock.sleep(FIRST_COMPARED_S if self.comparison is None else COMPARED_S)
            if self.snapshot.breached:
                await self.compare()
                self._news.set()

    async def _probe(self) -> None:
        while True:
            state: CodeState | None = self._layers["code"].state
            if state is None:
                await self._clock.sleep(0.05)
                continue
            started = self._clock.now()
            self.window.add(await self._prober.ask_app(state))
            self._news.set()
            spent = (self._clock.now() - started).total_seconds()
            await self._clock.sleep(max(0.0, self._prober.every_s - spent))

    async def _read_writes_at_pace(self) -> None:
        while True:
            await self._read_writes()
            await self._clock.sleep(WRITES_S)

    async def _read_writes(self) -> None:
        """Azure's Activity Log; whoever may not read it merely learns less."""
        since = self._clock.now() - timedelta(days=self._settings.changes.look_back_d)
        with contextlib.suppress(Failure, TimeoutError):
            async with asyncio.timeout(WRITES_BOUND_S):
                self._writes = await self._reader.writes(since)

    async def _read_code(self) -> None:
        try:
            if self._identity is None:
                self._identity, state = await asyncio.gather(self._reader.principal(), self._reader.code_state())
            else:
                state = await self._reader.code_state()
        except Failure as failure:
            self._failed("code", failure)
            return
        self._layers["code"] = Layer(LayerStatus.OK, state, self._clock.now())
        self._note_carrying(state)

    async def _read(self, name: str) -> None:
        try:
            state = await self._doors[name].observe(self._layers["code"].state)
        except Failure as failure:
            self._failed(name, failure)
            return
        self._layers[name] = Layer(LayerStatus.OK, state, self._clock.now())

    def _failed(self, name: str, failure: Failure) -> None:
        known = self._layers[name]
        status = LayerStatus.STALE if known.state is not None else LayerStatus.ERROR
        self._layers[name] = Layer(status, known.state, known.at, failure.sentence)

    def _tell(
        self, now: datetime, history: History, own: tuple[datetime, ...], signals: tuple[SignalReading, ...]
    ) -> tuple[Bundle, Changes]:
        """The bundle and its changes, reckoned again only where something they rest on is another."""
        states = tuple(id(one.state) for one in self._layers.values())
        breached = tuple(one.name for one in signals if one.state is SignalState.BREACHED)
        began = self._began()
        minute, pick = now.replace(second=0, microsecond=0), self._changed.pick
        rests_on = (states, breached, began, id(history), self.comparison, self._writes, minute, pick)
        if self._told is None or rests_on != self._told_of:
            layers = self._beside()
            reading = Reading(now, layers, signals, history, began, self.comparison, self._writes, own)
            self._told, self._told_of = self._changed.tell(reading), rests_on
        return self._told

    def _beside(self) -> dict[str, Layer[Any]]:
        """Every layer's state, together with what the code's revisions say of it."""
        code = self._layers["code"].state
        return {name: self._with_code(name, one, code) for name, one in self._layers.items()}

    def _with_code(self, name: str, one: Layer[Any], code: CodeState | None) -> Layer[Any]:
        if one.state is None:
            return one
        known = self._besides.get(name)
        if known is None or known[0] is not one.state or known[1] is not code:
            known = (one.state, code, kind_of(name).beside(one.state, code))
            self._besides[name] = known
        return replace(one, state=known[2])

    def _note(self) -> None:
        """Records what serves, where that could be read whole."""
        now = self._clock.now()
        history, _ = self._remembered(now)
        self._changed.note(Reading(now, self._beside(), self._signals.readings(now), history))

    def _note_carrying(self, state: CodeState) -> None:
        """Remembers who carries traffic, once per change; a record that takes nothing must not blind the screen."""
        carrying = tuple(revision.name for revision in state.serving)
        if self._log is not None and carrying and carrying != self._carrying:
            self._carrying = carrying
            with contextlib.suppress(RecordError):
                self._log.saw_carrying(carrying)

    def _remembered(self, now: datetime) -> tuple[History, tuple[datetime, ...]]:
        """The marks, and when this console wrote; read at most once a second."""
        known = self._history
        if known is not None and timedelta() <= now - known[0] < timedelta(seconds=HISTORY_S):
            return known[1], known[2]
        history, own = History(), cast("tuple[datetime, ...]", ())
        if self._log is not None:
            with contextlib.suppress(RecordError):
                history = replace(self._log.history(), proved=self._changed.proved())
                own = self._log.wrote_at()
        if known is not None and (known[1], known[2]) == (history, own):
            history, own = known[1], known[2]
        self._history = (now, history, own)
        return history, own

    def forget(self) -> None:
        """Reads the record again at the next snapshot: something was just written to it."""
        self._history = None

    def _aged(self, name: str, one: Layer[Any]) -> Layer[Any]:
        """Stale once it is older than three of its paces, and than 30 s, whatever the last reading said."""
        one = self._with_code(name, one, self._layers["code"].state)
        every_s = self._doors[name].every_s if name in self._doors else PACE_S
        limit = timedelta(seconds=max(STALE_S, PACES * every_s))
        if one.status is not LayerStatus.OK or one.at is None or self._clock.now() - one.at <= limit:
            return one
        return Layer(LayerStatus.STALE, one.state, one.at, one.error)
