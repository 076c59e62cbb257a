"""The model layer: the deployments of an Azure OpenAI account, and the versions that they may go back to."""

from __future__ import annotations

from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.code import CodeState
from console.domain.intent import Intent
from console.domain.model import ModelState
from console.domain.plan import Plan
from console.domain.snapshot import Snapshot
from console.layers.layer import Tools
from console.layers.model import facets
from console.layers.model.door import ModelDoor
from console.layers.model.plans import make
from console.layers.planning import Findings


class ModelLayer:
    """One account's deployments."""

    name = "model"

    def configured(self, settings: TargetSettings) -> bool:
        return settings.model is not None

    def open(self, tools: Tools) -> ModelDoor:
        return ModelDoor(tools)

    def facets(self, state: ModelState, code: CodeState | None) -> tuple[Facet, ...]:
        return facets.of(state)

    def beside(self, state: ModelState, code: CodeState | None) -> ModelState:
        """The state with which deployment each serving revision calls; those are watched too."""
        if code is None or not state.env:
            return state
        named = ((code.short(one.name), dict(one.env).get(state.env, "")) for one in code.serving)
        calls = tuple((short, name) for short, name in named if name)
        names = {name.lower() for _, name in calls}
        deployments = tuple(
            replace(one, watched=True) if one.name.lower() in names else one for one in state.deployments
        )
        return replace(state, calls=calls, deployments=deployments)

    def trouble(self, state: ModelState, code: CodeState | None) -> str:
        return facets.trouble(state)

    def plan(self, settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
        return make(settings, snapshot, intent, findings)


LAYER = ModelLayer()
