"""Opening a stage: its stores made, spoilt as the scenario says, given a past, and opened."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from console.simulator import pharmabot
from console.simulator.stores import course as courses
from console.simulator.stores import repository
from console.simulator.stores.course import Course
from console.simulator.stores.furnish import furnish as made
from console.simulator.stores.knowledge import DRUG_INFO
from console.simulator.stores.reading import Stores, backdated
from console.simulator.wire import Json
from console.simulator.world import World

Break = Callable[[Path, datetime], "datetime | None"]


def furnish(
    world: World, folder: Path, now: datetime, break_stores: Break | None, course: Course | None, in_git: bool
) -> tuple[World, Stores]:
    """The world with what its stores alone can tell, and with its deployments in the Activity Log; the stores, open.

    `break_stores` gives the moment at which the leaflets became what it makes of them, where it changes those.
    Without a `course` there are no calls of the past.
    """
    path, world = made(folder, now), pharmabot.deployed(world)
    held = None
    if in_git:
        held, commits = repository.found(folder / "git", now)
        world = with_commits(world, commits)
    stores = Stores(folder, held)
    stores.around(now)
    since = break_stores(path, now) if break_stores is not None else None
    if since is not None:
        stores.around(since)
    if course is not None:
        backdated(path, courses.calls(world, course, now, () if in_git else _active(path)))
    return world, stores


def with_commits(world: World, commits: Mapping[str, str]) -> World:
    """Every `{name}` in a template is the commit of that name."""
    for app in world.apps.values():
        revisions = tuple(replace(one, template=_named(one.template, commits)) for one in app.revisions)
        world = world.with_app(replace(app, template=_named(app.template, commits), revisions=revisions))
    return world


def _named(template: Json, commits: Mapping[str, str]) -> Json:
    text = json.dumps(template)
    for name, commit in commits.items():
        text = text.replace(json.dumps(f"{{{name}}}"), json.dumps(commit))
    named: Json = json.loads(text)
    return named


def _active(path: Path) -> tuple[tuple[datetime, str], ...]:
    """Since when each version of the prompt was active, the oldest first."""
    connection = sqlite3.connect(path)
    query = "SELECT activated_at, version FROM system_prompts WHERE name = ? AND activated_at IS NOT NULL ORDER BY 1"
    rows = connection.execute(query, (DRUG_INFO,)).fetchall()
    connection.close()
    return tuple((datetime.fromisoformat(at).replace(tzinfo=UTC), str(version)) for at, version in rows)
