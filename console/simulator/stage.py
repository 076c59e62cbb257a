"""A stage: the machine, a clock that may run faster than ours, and carrying out what the machine asks of a shell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from console.simulator.chat import variables
from console.simulator.machine import Machine
from console.simulator.stores.reading import Stores
from console.simulator.wire import Cut, Door, Effects, Request, Response
from console.simulator.world import World


class Clock(Protocol):
    """Where a stage gets its time from."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class ScaledClock:
    """Wall time from the moment of creation on, `speed` times as fast."""

    def __init__(self, speed: float = 1.0, started: datetime | None = None) -> None:
        if speed <= 0:
            raise ValueError(f"speed must be positive, not {speed}")
        self._speed = speed
        self._started = started or datetime.now(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        return self._started + timedelta(seconds=(time.monotonic() - self._origin) * self._speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


class LoopClock:
    """The time of the running event loop, which a virtual loop makes jump."""

    def __init__(self, started: datetime, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._started = started
        self._sleep = sleep
        self._origin: float | None = None

    def now(self) -> datetime:
        at = asyncio.get_running_loop().time()
        if self._origin is None:
            self._origin = at
        return self._started + timedelta(seconds=at - self._origin)

    async def sleep(self, seconds: float) -> None:
        await self._sleep(seconds)


class Severed(Exception):
    """The connection ends without an answer."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(cut.value)
        self.cut = cut


class Stage:
    """The machine on its clock. Both shells hand their requests to `exchange`.

    With `stores` the service answers from what is found in them at each chat, and its calls are logged there.
    """

    def __init__(self, world: World, clock: Clock, stores: Stores | None = None) -> None:
        self.machine = Machine(world)
        self.clock = clock
        self.stores = stores

    @property
    def world(self) -> World:
        return self.machine.world

    async def exchange(self, request: Request) -> Response:
        """The answer, after the delay it asks for. Raises Severed where the connection is to be cut."""
        response, effects = self._played(request)
        if effects.delay_s > 0:
            await self.clock.sleep(effects.delay_s)
        if effects.cut is not None:
            raise Severed(effects.cut)
        return response

    async def play_traffic(self, every_s: float = 1.0) -> None:
        """Light background traffic: one chat every so many seconds of the stage's time, until cancelled."""
        while True:
            await self.clock.sleep(every_s)
            chat = Request("POST", f"{self.world.account.app_url}/chat", door=Door.SERVICE)
            self._played(chat)

    def _played(self, request: Request) -> tuple[Response, Effects]:
        """What the machine makes of it, with what the service finds; its call is logged."""
        now, stores = self.clock.now(), self.stores
        if stores is not None and request.door is Door.SERVICE:
            request = replace(request, around=stores.around(now, self._commits()))
        response, effects = self.machine.exchange(request, now)
        if stores is not None and effects.call is not None:
            stores.note(effects.call)
        return response, effects

    def _commits(self) -> set[str]:
        """The commits that the revisions read their prompts at."""
        if self.stores is None or self.stores.repository is None:
            return set()
        revisions = (one for app in self.world.apps.values() for one in app.revisions if one.active)
        return {variables(one).get("PROMPT_COMMIT", "") for one in revisions} - {""}
