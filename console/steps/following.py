"""How every write of an app is followed: Azure's operation beside the app itself, under a deadline of our own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from console.domain.code import CodeState
from console.domain.failure import Failure
from console.domain.run import Kind
from console.steps.step import Accepted, End, Operation, Result, World

DEADLINE_S = 120.0
PATIENCE_S = 30.0
PACE_S = 0.4

_ENDED = ("failed", "canceled")


def accept(world: World, accepted: Accepted) -> None:
    """Records Azure's first answer, and where its operation can be followed."""
    world.operation = accepted.operation
    world.tell(Kind.ACCEPTED, detail="accepted by Azure", request_id=accepted.request_id)
    if accepted.operation:
        world.tell(Kind.OPERATION, url=accepted.operation)


async def read_back(
    world: World, holds: Callable[[CodeState], bool], deadline_s: float = DEADLINE_S
) -> tuple[CodeState | None, Result]:
    """The app once `holds` for it and it has settled. Azure's word alone is neither success nor progress."""
    started, told, last = world.clock.now(), "", "Azure could not be read"
    while (elapsed := world.clock.now() - started) < timedelta(seconds=deadline_s):
        state, operation = await _look(world)
        last = _shares(state) if state is not None else last
        if state is not None and holds(state):
            settled = state.provisioning.lower() != "inprogress"
            if settled or elapsed >= timedelta(seconds=PATIENCE_S):
                world.seen = state
                return state, Result(End.DONE, _words(state, settled))
        elif operation is not None and operation.status.lower() in _ENDED:
            why = f"Azure says {operation.status}: {operation.error or 'no reason given'}"
            return state, Result(End.FAILED, why)
        word = f"{operation.status} {operation.error}".strip() if operation else ""
        if word and word != told:
            told = word
            world.progress(f"Azure says {word}")
        await world.clock.sleep(PACE_S)
    operation_says = f"; the operation says {told}" if told else ""
    return None, Result(End.UNKNOWN, f"not read back within {deadline_s:.0f} s; last read: {last}{operation_says}")


def _words(state: CodeState, settled: bool) -> str:
    if state.provisioning.lower() == "failed":
        return "read back; Azure calls the app Failed, so only the answers can tell"
    return "read back" if settled else f"read back; Azure still says InProgress after {PATIENCE_S:.0f} s"


async def _look(world: World) -> tuple[CodeState | None, Operation | None]:
    """The app as it reads now, and the operation's word; a read that fails is tried again at the next look."""
    try:
        state = await world.reader.code_state()
        operation = await world.reader.operation(world.operation) if world.operation else None
    except Failure as failure:
        world.progress(f"cannot read Azure: {failure.sentence}")
        return None, None
    return state, operation


def _shares(state: CodeState) -> str:
    shares = ", ".join(f"{state.short(name)} {weight} %" for name, weight in state.weights.items() if weight)
    return f"{shares or 'nobody has any traffic'}, app {state.provisioning or 'without a state'}"


def by(state: CodeState) -> str:
    """Who changed the app last, and when, in brackets; nothing where Azure does not say."""
    if not state.modified_by or state.modified_at is None:
        return ""
    return f" (changed by {state.modified_by} at {state.modified_at:%H:%M:%S}Z)"
