"""How the service's calls went in the hours before a scenario begins."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.simulator.behaviour import behaviour_of
from console.simulator.chance import new_uuid
from console.simulator.chat import variables
from console.simulator.stores.knowledge import DRUG_INFO
from console.simulator.surroundings import Call
from console.simulator.world import App, Revision, World

REACHES = timedelta(hours=2)
EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Course:
    """What the world of the beginning does not tell of the hours before.

    `failing`: so long ago all calls began to fail, whatever revision answered. `upgraded`: so long ago the model got
    its present version; before it was `model`.
    """

    failing: timedelta | None = None
    upgraded: timedelta | None = None
    model: str = "gpt-4o-2024-08-06"


def calls(world: World, course: Course, now: datetime, prompts: tuple[tuple[datetime, str], ...]) -> Iterator[Call]:
    """The calls of the last two hours, the oldest first.

    `prompts` are the versions of the prompt and since when each was active, the oldest first; nothing where each
    revision brings its own.
    """
    app = next(iter(world.apps.values()))
    source = random.Random(f"{world.settings.seed}/calls")
    at = now - REACHES
    while (at := at + timedelta(seconds=source.uniform(0.5, 1.5) * EVERY_S)) < now:
        call = _call(world, app, course, now, at, prompts, source)
        if call is not None:
            yield call


def _call(
    world: World,
    app: App,
    course: Course,
    now: datetime,
    at: datetime,
    prompts: tuple[tuple[datetime, str], ...],
    source: random.Random,
) -> Call | None:
    revision = _serving(app, at)
    if revision is None:
        return None
    behaviour = behaviour_of(revision.runs, world.settings.images, revision.environment)
    if behaviour.crashes:
        return None
    failing = course.failing is not None and at >= now - course.failing
    failed = failing or (behaviour.bad and source.random() < world.settings.bad_share)
    version = variables(revision).get("PROMPT_COMMIT") or next(v for since, v in reversed(prompts) if since <= at)
    before = course.upgraded is not None and at < now - course.upgraded
    model = "" if failing else course.model if before else _model(world, revision)
    return Call(at, DRUG_INFO, version, revision.name, model, new_uuid(source), 500 if failed else 200)


def _serving(app: App, at: datetime) -> Revision | None:
    """The newest revision of that moment; each one that was deployed got all of the traffic."""
    there = [one for one in app.revisions if one.created <= at]
    return max(there, key=lambda one: one.created, default=None)


def _model(world: World, revision: Revision) -> str:
    env = variables(revision)
    account = env.get("AOAI_ENDPOINT", "").removeprefix("https://").partition(".")[0]
    known = world.neighbour("Microsoft.CognitiveServices/accounts", account)
    found = known.serving.get(env.get("AOAI_DEPLOYMENT", "").lower()) if known else None
    return "-".join(found) if found else ""
