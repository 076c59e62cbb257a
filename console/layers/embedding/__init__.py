"""The embedding layer: the registry of indexes, what built each, and which embedder asks."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.code import CodeState
from console.domain.embedding import EmbeddingState
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.snapshot import Snapshot
from console.layers.embedding import deeds, facets
from console.layers.embedding.beside import beside
from console.layers.embedding.door import EmbeddingDoor
from console.layers.layer import Tools
from console.layers.planning import Findings
from console.stores.entra import token_of
from console.stores.indexes import PLACE
from console.stores.store import Store


class EmbeddingLayer:
    """One registry of indexes."""

    name = "embedding"

    def configured(self, settings: TargetSettings) -> bool:
        return settings.embedding is not None

    def open(self, tools: Tools) -> EmbeddingDoor:
        settings = tools.settings.embedding
        assert settings is not None
        home = tools.settings.home
        store = Store(settings, tools.environment, home, PLACE, token_of(tools.credential))
        embedder = tools.settings.code.expects_env.get("embedder", "")
        return EmbeddingDoor(settings, store, tools.clock, home, embedder, tools.writing)

    def facets(self, state: EmbeddingState, code: CodeState | None) -> tuple[Facet, ...]:
        return facets.of(state, code)

    def beside(self, state: EmbeddingState, code: CodeState | None) -> EmbeddingState:
        return beside(state, code)

    def trouble(self, state: EmbeddingState, code: CodeState | None) -> str:
        """How the serving embedder and the index in use do not fit."""
        return beside(state, code).mismatch

    def plan(self, settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
        return deeds.make(settings, snapshot, intent, findings)


LAYER = EmbeddingLayer()
