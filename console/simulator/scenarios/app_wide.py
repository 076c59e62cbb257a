"""A change above all revisions: somebody pointed the secret aoai-key at a version that Azure OpenAI does not take.

Every revision fails alike, so that there is nothing to roll back in the code.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from console.simulator import pharmabot
from console.simulator.bodies import app_id
from console.simulator.faults import SOMEBODY
from console.simulator.settings import Account
from console.simulator.stores.course import Course
from console.simulator.world import World

TITLE = "the secret aoai-key was changed for all revisions at once, and every chat fails"
SINCE = timedelta(minutes=15)
COURSE = Course(failing=SINCE)
SECRET = "aoai-key"
VAULT = f"https://pharmabot-kv.vault.azure.net/secrets/{SECRET}"
GOOD = f"{VAULT}/3f1c9a7be2d84c50a6e1f2038d97b415"
BAD = f"{VAULT}/9e77d0c41b5a4f3d8c2e6a90f1b3d526"


def build(account: Account, now: datetime) -> World:
    world = _held(pharmabot.settled("app-wide", account, now), BAD)
    app = next(iter(world.apps.values()))
    world = world.with_app(replace(app, modified=now - SINCE, modified_by=SOMEBODY))
    return pharmabot.wrote(world, now - SINCE, SOMEBODY, "Microsoft.App/containerApps/write", app_id(world, app))


def past(account: Account, now: datetime) -> World:
    return _held(pharmabot.settled("app-wide", account, now, pharmabot.PAST), GOOD)


def _held(world: World, address: str) -> World:
    """With the secret held in Key Vault at this address."""
    app = next(iter(world.apps.values()))
    told = app.configuration["secrets"]
    secrets = [
        {**one, "keyVaultUrl": address, "identity": "system"} if one["name"] == SECRET else one for one in told
    ]
    world = replace(world, settings=replace(world.settings, refused_secrets=frozenset({BAD})))
    return world.with_app(replace(app, configuration={**app.configuration, "secrets": secrets}))
