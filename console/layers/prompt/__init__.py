"""The prompt layer: named system prompts and their versions, in a database of the service's or in git."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.code import CodeState
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.prompt import PromptState
from console.domain.snapshot import Snapshot
from console.layers.layer import Door, Tools
from console.layers.planning import Findings
from console.layers.prompt import facets, git_state

GIT = "git"


class PromptLayer:
    """All prompts of one service."""

    name = "prompt"

    def configured(self, settings: TargetSettings) -> bool:
        return settings.prompt is not None

    def open(self, tools: Tools) -> Door:
        settings = tools.settings.prompt
        assert settings is not None
        if settings.mode == GIT:
            from console.layers.prompt.git import GitDoor

            return GitDoor(tools, settings)
        from console.layers.prompt.door import opened

        return opened(tools, settings)

    def facets(self, state: PromptState, code: CodeState | None) -> tuple[Facet, ...]:
        return git_state.facets(state) if state.mode == GIT else facets.of(state)

    def beside(self, state: PromptState, code: CodeState | None) -> PromptState:
        """In git it is the code's revision that says which commit serves."""
        return git_state.placed(state, code) if state.mode == GIT else state

    def trouble(self, state: PromptState, code: CodeState | None) -> str:
        """The prompts that have no version, several, or one that does not exist."""
        if state.mode == GIT:
            return git_state.trouble(state)
        found = [f"{prompt.item}: {prompt.trouble}" for prompt in state.prompts if prompt.trouble]
        more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
        return "; ".join(found[:3]) + more

    def plan(self, settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
        if settings.prompt is not None and settings.prompt.mode == GIT:
            from console.layers.prompt.git_plans import make as make_in_git

            return make_in_git(settings, snapshot, intent, findings)
        from console.layers.prompt.plans import make

        return make(settings, snapshot, intent, findings)


LAYER = PromptLayer()
