"""How a write that Azure only queues is followed: the resource itself beside the operation, for minutes or hours.

A 202 means queued and no more: validation fails later, polls carry Retry-After 60, an operation runs for hours and is
then forgotten with 404 OperationIdNotFound (recorded: postgres-lro-failed, postgres-powershell-retry-after,
postgres-lro-timeout-and-vanished-operation). So the resource has the last word, and the deadline is our own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.failure import Failure
from console.steps.step import End, Result, World

PACE_S = 15.0
TELL_S = 60.0
SILENT_S = 600.0

_ENDED = ("failed", "canceled")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the resource shows: `done` says how it is as wanted, else `told` what it is now; `there` if it exists."""

    done: str = ""
    told: str = ""
    there: bool = True


async def settled(
    world: World, look: Callable[[], Awaitable[Seen]], deadline_s: float, pace_s: float = PACE_S
) -> Result:
    """How a queued write came out. Without an operation to follow and without a trace for 600 s it is unknown."""
    started, told, told_at = world.clock.now(), "", world.clock.now()
    forgotten = False
    while (elapsed := world.clock.now() - started) < timedelta(seconds=deadline_s):
        seen = await _looked(world, look)
        if seen.done:
            return Result(End.DONE, f"{seen.done}, after {lasted(elapsed)}")
        word, ended = await _operation(world) if world.operation and not forgotten else ("", False)
        if ended:
            return await _ended(world, look, word)
        if word == _FORGOTTEN:
            forgotten = True
        if (forgotten or not world.operation) and not seen.there and elapsed >= timedelta(seconds=SILENT_S):
            break
        now = f"{seen.told}; {word}" if word else seen.told
        if now != told or _due(world, told_at):
            told, told_at = now, world.clock.now()
            world.progress(f"{now}, {lasted(elapsed)}")
        await world.clock.sleep(pace_s)
    return Result(
        End.UNKNOWN, f"not seen done within {lasted(world.clock.now() - started)}; last: {told or 'nothing'}"
    )


_FORGOTTEN = "Azure has forgotten the operation: only the resource can tell"


async def _operation(world: World) -> tuple[str, bool]:
    """What Azure says of the operation, and whether it has failed."""
    try:
        operation = await world.reader.operation(world.operation)
    except Failure as failure:
        return f"the operation cannot be read: {failure.sentence}", False
    if operation is None:
        return _FORGOTTEN, False
    word = f"Azure says {operation.status} {operation.error}".strip()
    return word, operation.status.lower() in _ENDED


async def _ended(world: World, look: Callable[[], Awaitable[Seen]], word: str) -> Result:
    """A failed operation is looked at once more: the resource has the last word."""
    seen = await _looked(world, look)
    return Result(End.DONE, seen.done) if seen.done else Result(End.FAILED, f"{word}; {seen.told}")


async def _looked(world: World, look: Callable[[], Awaitable[Seen]]) -> Seen:
    try:
        return await look()
    except Failure as failure:
        return Seen(told=f"cannot read Azure: {failure.sentence}")


def _due(world: World, told_at: datetime) -> bool:
    return world.clock.now() - told_at >= timedelta(seconds=TELL_S)


def lasted(elapsed: timedelta) -> str:
    """`94 s`, `6 min 20 s`, `2 h 1 min`."""
    seconds = int(elapsed.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
