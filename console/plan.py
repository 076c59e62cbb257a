"""Plans: what would be done, with everything a person should see before confirming."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.intent import ALL, Intent
from console.domain.plan import Plan
from console.domain.snapshot import Snapshot
from console.layers import layer
from console.layers.planning import Findings, NothingToDo

__all__ = ["Findings", "NothingToDo", "make"]


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted. Raises NothingToDo."""
    if intent.layer == ALL:
        raise NothingToDo("rolling everything back is not built yet")
    kind = layer(intent.layer)
    if not kind.configured(settings):
        raise NothingToDo(f"{intent.layer} is not configured for {snapshot.target}")
    return kind.plan(settings, snapshot, intent, findings)
