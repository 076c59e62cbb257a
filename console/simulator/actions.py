"""POSTs on a revision: answered at once with a bare JSON string, taking effect later.

Recorded in containerapps-revision-restart-deactivate-activate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from console.simulator.revisions import RevisionActivates, RevisionGoesDown, pulled
from console.simulator.validation import check_conflict
from console.simulator.wire import Response, answer
from console.simulator.world import App, Revision, World

STARTED = ("Running", "Activating", "Processing")

Action = Callable[[World, App, Revision, datetime], tuple[Response, World]]


def activate(world: World, app: App, revision: Revision, now: datetime) -> tuple[Response, World]:
    """Starts an inactive revision, or keeps one that is going down."""
    check_conflict(app)
    done = answer(200, "Activate succeeded")
    if revision.active and revision.running in STARTED and not _called_down(world, app, revision):
        return done, world
    revision = replace(revision, generation=revision.generation + 1)
    world = world.with_app(app.with_revision(revision))
    event = RevisionActivates(app.key, revision.name, revision.generation)
    return done, world.due(now, world.settings.timings.activate_s, event)


def deactivate(world: World, app: App, revision: Revision, now: datetime) -> tuple[Response, World]:
    """Stops a revision; traffic entries that name it stay as they are."""
    check_conflict(app)
    done = answer(200, "Deactivate succeeded")
    if not revision.active or revision.running == "Deprovisioning":
        return done, world
    revision = replace(revision, generation=revision.generation + 1)
    world = world.with_app(app.with_revision(revision))
    event = RevisionGoesDown(app.key, revision.name, revision.generation)
    return done, world.due(now, world.settings.timings.deactivate_s, event)


def restart(world: World, app: App, revision: Revision, now: datetime) -> tuple[Response, World]:
    """Restarts the replicas one after the other: their start time changes, and each pulls its image anew."""
    check_conflict(app)
    restarted = replace(revision, started=now, pulled=pulled(world, revision)) if revision.active else revision
    return answer(200, "Restart succeeded"), world.with_app(app.with_revision(restarted))


def _called_down(world: World, app: App, revision: Revision) -> bool:
    """Whether a deactivation has been accepted and not yet begun."""
    event = RevisionGoesDown(app.key, revision.name, revision.generation)
    return any(due.event == event for due in world.agenda)


ACTIONS: dict[str, Action] = {"activate": activate, "deactivate": deactivate, "restart": restart}
