"""An index of another embedder's: docs_v2 has as many dimensions, and was built by ada-002 while the code asks with
3-small. It finds the wrong documents; every answer is 200.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from console.simulator import cognitive, pharmabot
from console.simulator.cognitive_bodies import deployment_body
from console.simulator.settings import Account
from console.simulator.stores.furnish import ADA, activate_index, add_index, changing
from console.simulator.world import World

TITLE = "the index docs_v2, built by text-embedding-ada-002, became active, and finds the wrong documents"
OPENAI = "pharmabot-openai"
SINCE = timedelta(minutes=20)
BUILT, DEPLOYED = timedelta(minutes=35), timedelta(minutes=50)
BUILDER = "dana@pharmabot.example"
WRITE = "Microsoft.CognitiveServices/accounts/deployments/write"


def build(account: Account, now: datetime) -> World:
    world = pharmabot.settled("embedding-mismatch", account, now)
    found = cognitive.account(world, OPENAI)
    if found is None:
        return world
    body = deployment_body(found.id, ADA, ADA, "2", now - DEPLOYED, by=BUILDER, option="NoAutoUpgrade")
    world = cognitive.with_deployment(world, OPENAI, body)
    return pharmabot.wrote(world, now - DEPLOYED, BUILDER, WRITE, str(body["id"]))


def past(account: Account, now: datetime) -> World:
    return pharmabot.settled("embedding-mismatch", account, now, pharmabot.PAST)


def break_stores(path: Path, now: datetime) -> None:
    with changing(path) as connection:
        add_index(connection, "docs_v2", ADA, now - BUILT)
        activate_index(connection, "docs_v2", now - SINCE)
