"""The code layer: a container app's revisions and the traffic between them."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.code import CodeState, Condition
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.snapshot import Snapshot
from console.layers.code import facets, plans
from console.layers.layer import Tools
from console.layers.planning import Findings
from console.steps.step import CodeReader

PACE_S = 5.0


class CodeDoor:
    """Reads the app through the reader that the steps use too."""

    every_s = PACE_S

    def __init__(self, reader: CodeReader) -> None:
        self._reader = reader

    async def observe(self, code: CodeState | None) -> CodeState:
        """The app as Azure tells it now. Raises Failure."""
        return await self._reader.code_state()

    async def look(self, snapshot: Snapshot, intent: Intent) -> None:
        """What a plan needs beyond the state is asked where the plan is made."""

    async def close(self) -> None:
        """The reader is closed by whoever opened it."""


class CodeLayer:
    """One container app."""

    name = "code"

    def configured(self, settings: TargetSettings) -> bool:
        return True

    def open(self, tools: Tools) -> CodeDoor:
        return CodeDoor(tools.code)

    def facets(self, state: CodeState, code: CodeState | None) -> tuple[Facet, ...]:
        return facets.of(state)

    def beside(self, state: CodeState, code: CodeState | None) -> CodeState:
        return state

    def trouble(self, state: CodeState, code: CodeState | None) -> str:
        """A revision that serves and that Azure calls failed."""
        failed = [one for one in state.serving if one.condition is Condition.FAILED]
        return (
            f"Azure calls {state.short(failed[0].name)} {failed[0].running or failed[0].provisioning}"
            if failed
            else ""
        )

    def plan(self, settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
        return plans.make(settings, snapshot, intent, findings)


LAYER = CodeLayer()
