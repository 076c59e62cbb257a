"""A model that changed by itself: gpt4o-stable was not pinned, and Azure gave it the new default version.

The app was made for the old one: of the answers some are prose, some are wrong, and all are 200.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from console.simulator import cognitive, pharmabot
from console.simulator.cognitive_bodies import ONCE_NEW_DEFAULT
from console.simulator.settings import Account
from console.simulator.stores.course import Course
from console.simulator.world import World

TITLE = "gpt4o-stable was upgraded by Azure to gpt-4o 2024-11-20, and answers go wrong"
OPENAI, DEPLOYMENT = "pharmabot-openai", "gpt4o-stable"
SINCE = timedelta(minutes=25)
COURSE = Course(upgraded=SINCE)


def build(account: Account, now: datetime) -> World:
    return cognitive.upgraded(
        _unpinned(pharmabot.settled("model-drift", account, now)), OPENAI, DEPLOYMENT, "2024-11-20"
    )


def past(account: Account, now: datetime) -> World:
    return _unpinned(pharmabot.settled("model-drift", account, now, pharmabot.PAST))


def _unpinned(world: World) -> World:
    body = cognitive.deployment(world, OPENAI, DEPLOYMENT)
    if body is None:
        return world
    properties = {**body["properties"], "versionUpgradeOption": ONCE_NEW_DEFAULT}
    return cognitive.with_deployment(world, OPENAI, {**body, "properties": properties})
