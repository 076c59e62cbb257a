"""The code layer: a container app's revisions and the traffic between them."""

from __future__ import annotations

from typing import Protocol

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.plan import Breach
from console.domain.traffic import pinned
from console.layers import by_hand
from console.steps.prove_serving import ProveServing
from console.steps.ready_revision import ReadyRevision
from console.steps.see_recovery import SeeRecovery
from console.steps.shift_traffic import ShiftTraffic
from console.steps.step import Step


class StateReader(Protocol):
    async def code_state(self) -> CodeState: ...


class CodeLayer:
    """Observes one container app, and proposes the steps that put all its traffic on another revision."""

    name = "code"

    def __init__(self, settings: TargetSettings, reader: StateReader) -> None:
        self._settings = settings
        self._reader = reader

    async def observe(self) -> CodeState:
        """The app as Azure tells it now. Raises Failure."""
        return await self._reader.code_state()


def propose(
    settings: TargetSettings, state: CodeState, goal: Revision, breaches: tuple[Breach, ...], tolerate: bool
) -> tuple[Step, ...]:
    """Ready the target, shift the whole array, prove who serves, see the signals recover."""
    names = {revision.name for revision in state.revisions}
    leaves = pinned(state.traffic, goal.name, state.latest, names)
    short = state.short(goal.name)
    return (
        ReadyRevision(
            revision=goal.name,
            short=short,
            template=goal.template,
            active=goal.active,
            command=by_hand.activate(settings, goal.name),
            tolerate=tolerate,
        ),
        ShiftTraffic(
            app=state.app,
            target=goal.name,
            short=short,
            mode=state.mode,
            expects=state.traffic,
            leaves=leaves,
            command=by_hand.set_traffic(settings, state.traffic, leaves),
        ),
        ProveServing(target=goal.name, short=short, former_share=former_share(state, goal.name)),
        SeeRecovery(breaches),
    )


def former_share(state: CodeState, goal: str) -> int:
    """The smallest share, in percent, of a revision that the plan takes traffic from."""
    return min((weight for name, weight in state.weights.items() if name != goal and weight > 0), default=0)
