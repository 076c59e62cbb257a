"""The schema layer: the head of a migrated database, and the server it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.code import CodeState
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.schema import SchemaState
from console.domain.snapshot import Snapshot
from console.layers.layer import Tools
from console.layers.planning import Findings
from console.layers.schema import goals

if TYPE_CHECKING:
    from console.layers.schema.door import SchemaDoor


class SchemaLayer:
    """One database."""

    name = "schema"

    def configured(self, settings: TargetSettings) -> bool:
        return settings.schema_ is not None

    def open(self, tools: Tools) -> SchemaDoor:
        from console.layers.schema.door import opened

        return opened(tools)

    def facets(self, state: SchemaState, code: CodeState | None) -> tuple[Facet, ...]:
        """The head, or all of them where there are several; nothing where no url says what it is."""
        if not state.heads and state.unread:
            return ()
        version = ",".join(state.heads) or "none"
        source = "its history" if state.changed_at is not None else ""
        return (Facet("schema", goals.ITEM, version, state.changed_at, state.changed_by, source, state.before),)

    def beside(self, state: SchemaState, code: CodeState | None) -> SchemaState:
        """What each revision needs is read where the state is observed; the code may be newer than that."""
        if code is None or not state.needs_env:
            return state
        return goals.beside(state, code, state.needs_env)

    def trouble(self, state: SchemaState, code: CodeState | None) -> str:
        """Several heads, or a revision that serves and was made for another head."""
        if state.blind:
            return state.unread
        if len(state.heads) > 1:
            return f"several heads: {', '.join(state.heads)}"
        if code is None or state.head is None:
            return ""
        wrong = [one for one in code.serving if state.needs.get(one.name, state.head) != state.head]
        said = (f"{code.short(one.name)} was made for head {state.needs[one.name]}" for one in wrong)
        return "; ".join(f"{one}, and {state.head} serves" for one in said)

    def plan(self, settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
        from console.layers.schema import plans

        return plans.make(settings, snapshot, intent, findings)


LAYER = SchemaLayer()
