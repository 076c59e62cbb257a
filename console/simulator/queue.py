"""A queue that revisions read: whoever has a scale rule for it goes on, whatever its share of the traffic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from console.simulator.world import Key, Revision, World

EVERY_S = 5.0
MESSAGES = 4
QUEUES = ("azure-servicebus", "azure-queue")


@dataclass(frozen=True, slots=True)
class QueueIsRead:
    """Each revision that is up and has a queue's scale rule takes some messages; and so on, every few seconds."""

    app: Key

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None:
            return world
        readers = [one.name for one in app.revisions if one.active and one.answers and reads(one)]
        taken = {name: world.consumed.get(name, 0) + MESSAGES for name in readers}
        return replace(world, consumed={**world.consumed, **taken}).due(at, EVERY_S, self)


def reads(revision: Revision) -> bool:
    """Whether its scale rules make it a consumer."""
    rules = revision.scale.get("rules") or ()
    return any("azureQueue" in rule or (rule.get("custom") or {}).get("type") in QUEUES for rule in rules)
