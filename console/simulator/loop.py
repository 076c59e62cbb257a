"""Virtual time for asyncio: an event loop that jumps to its next timer instead of waiting for it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Ready = list[tuple[selectors.SelectorKey, int]]


_ENDED = "_child_watcher_callback"


class _JumpingSelector(selectors.BaseSelector):
    """Looks whether anything is ready without waiting; where nothing is, time jumps by the timeout."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> Ready:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.threads:
            return self._real.select(None)
        self.now += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock starts at 0 and stands still while anything runs.

    Work handed to threads, and processes, are waited for in real time before the clock may jump. Sockets whose other
    end lives outside this loop do not fit in: the clock would run ahead of them.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    async def subprocess_exec(self, *arguments: Any, **options: Any) -> Any:
        """Starts a process, which takes real time: the clock stands until it has ended."""
        self._jumping.threads += 1
        try:
            return await super().subprocess_exec(*arguments, **options)
        except BaseException:
            self._jumping.threads -= 1
            raise

    def _child_watcher_callback(self, *told: Any) -> None:
        """asyncio's own word that a process has ended."""
        self._jumping.threads -= 1
        getattr(super(), _ENDED)(*told)

    def _thread_done(self, future: asyncio.Future[Any]) -> None:
        self._jumping.threads -= 1


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
