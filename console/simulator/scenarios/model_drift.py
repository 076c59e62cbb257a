"""A model that changed by itself: gpt4o-stable was not pinned, and Azure gave it the new default version.

The app was made for the old one: of the answers some are prose, some are wrong, and all are 200.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from console.simulator import cognitive, pharmabot
from console.simulator.cognitive_bodies import ONCE_NEW_DEFAULT
from console.simulator.metrics import counted_model_call
from console.simulator.settings import Account
from console.simulator.stores.course import Course
from console.simulator.world import World

TITLE = "gpt4o-stable was upgraded by Azure to gpt-4o 2024-11-20, and answers go wrong"
OPENAI, DEPLOYMENT = "pharmabot-openai", "gpt4o-stable"
SINCE = timedelta(minutes=25)
COUNTED = timedelta(hours=2)
COURSE = Course(upgraded=SINCE)


def build(account: Account, now: datetime) -> World:
    """Azure's count of the calls by version is the only trace that the upgrade leaves."""
    world = _called(_unpinned(pharmabot.settled("model-drift", account, now)), now - COUNTED, now - SINCE)
    return _called(cognitive.upgraded(world, OPENAI, DEPLOYMENT, "2024-11-20"), now - SINCE, now)


def past(account: Account, now: datetime) -> World:
    return _unpinned(pharmabot.settled("model-drift", account, now, pharmabot.PAST))


def _called(world: World, since: datetime, until: datetime) -> World:
    """One call of the deployment in each minute of a stretch."""
    while since < until:
        world, since = counted_model_call(world, OPENAI, DEPLOYMENT, 200, since), since + timedelta(minutes=1)
    return world


def _unpinned(world: World) -> World:
    body = cognitive.deployment(world, OPENAI, DEPLOYMENT)
    if body is None:
        return world
    properties = {**body["properties"], "versionUpgradeOption": ONCE_NEW_DEFAULT}
    return cognitive.with_deployment(world, OPENAI, {**body, "properties": properties})
