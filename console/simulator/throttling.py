"""The throttling headers: budgets that count down with every request and fill up again with time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator.era import Limit
from console.simulator.wire import Headers
from console.simulator.world import World

REFILL_S = 30.0


def spend(world: World, limits: tuple[Limit, ...], now: datetime) -> tuple[Headers, World]:
    """One request's headers, `limit` less what was used of late; a used one is given back every 30 s."""
    headers: Headers = ()
    for name, limit in limits:
        used, since = world.spent.get(name, (0.0, now))
        used = max(0.0, used - (now - since).total_seconds() / REFILL_S)
        headers = (*headers, (name, str(max(0, limit - int(used)))))
        world = replace(world, spent={**world.spent, name: (used + 1, now)})
    return headers, world
