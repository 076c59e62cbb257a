"""Azure OpenAI accounts as the world holds them: deployments, and what each of them really answers with.

A deployment is kept as ARM shows it, in the newest recorded shape (cognitive-deployment-lifecycle). What it answers
with follows a write some seconds later, as the `Creating` of cognitive-deployment-creating suggests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from console.simulator.chance import digest
from console.simulator.world import Neighbour, World

Json = dict[str, Any]

ACCOUNTS = "Microsoft.CognitiveServices/accounts"


@dataclass(frozen=True, slots=True)
class DeploymentSettles:
    """A deployment says Succeeded and answers with its model, unless it was written again since."""

    account: str
    name: str
    etag: str

    def happen(self, world: World, at: datetime) -> World:
        body = deployment(world, self.account, self.name)
        if body is None or body["etag"] != self.etag:
            return world
        properties = {**body["properties"], "provisioningState": "Succeeded"}
        return with_deployment(world, self.account, {**body, "properties": properties})


def account(world: World, name: str) -> Neighbour | None:
    """The account of that name, in any group."""
    return world.neighbour(ACCOUNTS, name)


def deployment(world: World, account_name: str, name: str) -> Json | None:
    """A deployment as ARM shows it, `Creating` or not; None where there is none, or no such account."""
    found = account(world, account_name)
    return None if found is None else found.child("deployments", name)


def deployments(world: World, account_name: str) -> tuple[Json, ...]:
    """The deployments of an account as ARM shows them."""
    found = account(world, account_name)
    return () if found is None else found.children


def with_deployment(world: World, account_name: str, body: Json) -> World:
    """The world in which that deployment is as `body` says, and answers with its model at once.

    `body` is one of ARM's, with `name` and `properties.model`; cognitive_bodies.deployment_body makes one. Raises
    KeyError where there is no such account.
    """
    found = account(world, account_name)
    if found is None:
        raise KeyError(account_name)
    model = body["properties"]["model"]
    serving = {**found.serving, str(body["name"]).lower(): (str(model["name"]), str(model["version"]))}
    return world.with_neighbour(replace(found.with_child(body), serving=serving))


def deployed_version(world: World, account_name: str, name: str) -> tuple[str, str] | None:
    """(model, version) that a call to this deployment is answered with now; None where Azure would answer 404."""
    found = account(world, account_name)
    return None if found is None else found.serving.get(name.lower())


def upgraded(world: World, account_name: str, name: str, version: str) -> World:
    """The world after Azure's own upgrade of a deployment: another version, another etag, and nobody who did it."""
    body = deployment(world, account_name, name)
    if body is None:
        return world
    properties = {**body["properties"], "model": {**body["properties"]["model"], "version": version}}
    etag = f'"{digest(body["etag"] + version, 8)}-97da-4c53-a54f-5f049525bc2d"'
    return with_deployment(world, account_name, {**body, "properties": properties, "etag": etag})
