"""The pipeline of a service whose prompts are kept in git: what is pushed is deployed some seconds later.

It watches `main` and `rollback/*` of the origin. A new revision carries nothing while the traffic is pinned by name.
"""

from __future__ import annotations

import json
from datetime import datetime

from console.simulator import activity_log, writes
from console.simulator.bodies import app_id
from console.simulator.neighbours import PIPELINE
from console.simulator.stage import Stage
from console.simulator.wire import Json, Refused, Request
from console.simulator.world import App, World, settle

VARIABLE = "PROMPT_COMMIT"
LOOKS_S = 1.0
BUILDS_S = 15.0
ACTION = "Microsoft.App/containerApps/write"


async def play(stage: Stage, every_s: float = LOOKS_S, builds_s: float = BUILDS_S) -> None:
    """Deploys every commit that a watched branch comes to, until cancelled; does nothing without a repository.

    Times are the stage's. While another write is in progress it waits for the end of that.
    """
    repository = stage.stores.repository if stage.stores is not None else None
    if repository is None:
        return
    known, stirred = repository.heads(), repository.stirred()
    while True:
        await stage.clock.sleep(every_s)
        if repository.stirred() == stirred:
            continue
        stirred, heads = repository.stirred(), repository.heads()
        for name, commit in heads.items():
            if known.get(name) != commit:
                await stage.clock.sleep(builds_s)
                await _delivered(stage, commit, every_s)
        known = heads


async def _delivered(stage: Stage, commit: str, every_s: float) -> None:
    """Tries until nothing else is being written."""
    while True:
        now = stage.clock.now()
        world = settle(stage.world, now)
        app = next(iter(world.apps.values()), None)
        if app is None or app.revision(f"{app.name}--{suffix(commit)}") is not None:
            return
        try:
            stage.machine.world = deployed(world, app, commit, now)
            return
        except Refused:
            await stage.clock.sleep(every_s)


def suffix(commit: str) -> str:
    """What the revision of a commit is called, after the app's name."""
    return f"c{commit[:7]}"


def deployed(world: World, app: App, commit: str, now: datetime) -> World:
    """The world in which the pipeline has sent the app with its prompts at that commit. Raises Refused."""
    containers = [{**one, "env": _with(one.get("env") or [], commit)} for one in app.template["containers"]]
    sent = {"properties": {"template": {"containers": containers, "revisionSuffix": suffix(commit)}}}
    request = Request("PATCH", "", body=json.dumps(sent).encode())
    _, after = writes.patch(world, app, request, now, by=PIPELINE)
    begun = after.apps[app.key].operation
    return activity_log.noted(after, now, PIPELINE, ACTION, app_id(after, app), 202, begun)


def _with(env: list[Json], commit: str) -> list[Json]:
    kept = [one for one in env if one["name"] != VARIABLE]
    return [*kept, {"name": VARIABLE, "value": commit}]
