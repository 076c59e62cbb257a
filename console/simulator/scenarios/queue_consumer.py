"""A revision that reads a queue as well: without any traffic it goes on, until it is deactivated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.queue import EVERY_S, QueueIsRead
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is bad, and reads the queue ingest whatever its share of the traffic"
INGEST: dict[str, Any] = {
    "name": "ingest",
    "custom": {
        "type": "azure-servicebus",
        "metadata": {"namespace": "pharmabot-bus", "queueName": "ingest", "messageCount": "5"},
        "identity": "system",
    },
}


def build(account: Account, now: datetime) -> World:
    reading = replace(V42, tag="1.5.0-bad", scale={"rules": [INGEST]})
    world = pharmabot.world("queue-consumer", account, now, (V40, V41, reading))
    app = next(iter(world.apps.values()))
    return world.due(now, EVERY_S, QueueIsRead(app.key))
