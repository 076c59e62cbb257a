"""The life of a revision: created, activating, ready or crashing, superseded, stopped, purged.

Recorded in containerapps-update-new-revision, -crashing-revision-app-succeeded, -set-mode-single-to-multiple,
-revision-restart-deactivate-activate and -labels-mode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from console.simulator.behaviour import behaviour_of
from console.simulator.labels import grant
from console.simulator.scale import follow
from console.simulator.world import App, Key, Revision, World

DEFAULT_RETENTION = 100


@dataclass(frozen=True, slots=True)
class RevisionAppears:
    """A revision comes into being, some seconds after the write that asked for it."""

    app: Key
    revision: Revision

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None:
            return world
        provisioning, running = world.settings.era.starting
        revision = replace(
            self.revision,
            created=at,
            started=at,
            replicas=max(1, self.revision.min_replicas),
            provisioning=provisioning,
            running=running,
            pulled=pulled(world, self.revision),
        )
        first = not app.latest_ready
        app = replace(
            app,
            revisions=(*app.revisions, revision),
            latest=revision.name,
            latest_ready=revision.name if first else app.latest_ready,
        )
        return begin(world.with_app(purged(app)), app, revision, at)


def begin(world: World, app: App, revision: Revision, at: datetime) -> World:
    """Puts what follows a start on the agenda: a crash, or readiness, sooner or later by the image."""
    timings = world.settings.timings
    behaviour = behaviour_of(revision.runs, world.settings.images)
    ready_s = timings.slow_ready_s if behaviour.slow else timings.ready_s
    if behaviour.crashes:
        world = world.due(at, timings.crash_s, RevisionCrashes(app.key, revision.name, revision.generation))
    return world.due(at, ready_s, RevisionReady(app.key, revision.name, revision.generation))


@dataclass(frozen=True, slots=True)
class RevisionCrashes:
    """The container crash-loops: the revision says Failed while operation and app say Succeeded."""

    app: Key
    name: str
    generation: int

    def happen(self, world: World, at: datetime) -> World:
        found = _course(world, self.app, self.name, self.generation)
        if found is None:
            return world
        app, revision = found
        return world.with_app(app.with_revision(crashed(revision)))


def crashed(revision: Revision) -> Revision:
    """The words of a crash-looping revision."""
    return replace(
        revision,
        answers=False,
        health="Unhealthy",
        provisioning="Failed",
        running="Failed",
        problem=f"Container crashing: {revision.container}",
    )


@dataclass(frozen=True, slots=True)
class RevisionReady:
    """The start is over. `latestReadyRevisionName` follows even where the revision crashed (recorded)."""

    app: Key
    name: str
    generation: int

    def happen(self, world: World, at: datetime) -> World:
        found = _course(world, self.app, self.name, self.generation)
        if found is None:
            return world
        app, revision = found
        if not revision.failed:
            revision = running(revision)
            app = app.with_revision(revision)
        if self.name == app.latest:
            app = replace(app, latest_ready=self.name)
        if revision.failed:
            return world.with_app(app)
        app = grant(app, revision, at)
        world = follow(world.with_app(app), self.app, at)
        return supersede(world, app, revision, at) if app.mode == "Single" else world


def running(revision: Revision) -> Revision:
    """The words of a revision that is up."""
    return replace(
        revision,
        active=True,
        answers=True,
        health="Healthy",
        provisioning="Provisioned",
        running="Running",
        problem=None,
    )


def supersede(world: World, app: App, revision: Revision, at: datetime) -> World:
    """In single mode every other active revision goes down when one has come up."""
    for other in app.revisions:
        if other.active and other.name != revision.name and other.running != "Deprovisioning":
            world = begin_stop(world, app.key, other.name, at)
    return world


def begin_stop(world: World, key: Key, name: str, at: datetime) -> World:
    """The revision is going down: still active and answering, and marked Deprovisioning."""
    app = world.apps[key]
    revision = app.revision(name)
    if revision is None:
        return world
    revision = replace(
        revision,
        running=revision.running if revision.failed else "Deprovisioning",
        last_active=at,
        generation=revision.generation + 1,
    )
    world = world.with_app(app.with_revision(revision))
    stops = RevisionStops(key, name, revision.generation)
    return world.due(at, world.settings.timings.deprovision_s, stops)


@dataclass(frozen=True, slots=True)
class RevisionGoesDown:
    """A deactivation that was asked for takes effect."""

    app: Key
    name: str
    generation: int

    def happen(self, world: World, at: datetime) -> World:
        found = _course(world, self.app, self.name, self.generation)
        return world if found is None else begin_stop(world, self.app, self.name, at)


@dataclass(frozen=True, slots=True)
class RevisionStops:
    """Nothing runs any more: inactive, no replicas, Stopped; the health word stays what it was."""

    app: Key
    name: str
    generation: int

    def happen(self, world: World, at: datetime) -> World:
        found = _course(world, self.app, self.name, self.generation)
        if found is None:
            return world
        app, revision = found
        stopped = replace(revision, active=False, answers=False, replicas=0, running="Stopped")
        return world.with_app(purged(app.with_revision(stopped)))


@dataclass(frozen=True, slots=True)
class RevisionActivates:
    """An activation takes effect. In single mode the others go down at once (recorded in revision-copy)."""

    app: Key
    name: str
    generation: int

    def happen(self, world: World, at: datetime) -> World:
        found = _course(world, self.app, self.name, self.generation)
        if found is None:
            return world
        app, revision = found
        provisioning, word = world.settings.era.starting
        revision = replace(
            revision,
            active=True,
            answers=revision.answers and revision.active,
            replicas=max(1, revision.min_replicas),
            health="None",
            provisioning=provisioning,
            running=word,
            problem=None,
            started=at,
            pulled=pulled(world, revision),
        )
        app = app.with_revision(revision)
        world = begin(world.with_app(app), app, revision, at)
        return supersede(world, app, revision, at) if app.mode == "Single" else world


def pulled(world: World, revision: Revision) -> str:
    """What a replica that starts now would run: the image, or what its tag has come to mean."""
    return world.settings.tags.get(revision.image, "")


def purged(app: App) -> App:
    """The app without the oldest inactive revisions beyond maxInactiveRevisions."""
    limit = app.configuration.get("maxInactiveRevisions")
    limit = DEFAULT_RETENTION if limit is None else int(limit)
    inactive = sorted((one for one in app.revisions if not one.active), key=lambda one: one.created)
    gone = {one.name for one in inactive[: max(0, len(inactive) - limit)]}
    return replace(app, revisions=tuple(one for one in app.revisions if one.name not in gone))


def _course(world: World, key: Key, name: str, generation: int) -> tuple[App, Revision] | None:
    """The revision, if it still exists and its course has not been changed since."""
    app = world.apps.get(key)
    revision = app.revision(name) if app else None
    if app is None or revision is None or revision.generation != generation:
        return None
    return app, revision
