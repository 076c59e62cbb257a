"""Replicas: a revision goes to sleep when nobody asks, is woken by a request, and has as many as its share wants."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.simulator.behaviour import behaviour_of
from console.simulator.ingress import shares
from console.simulator.world import App, Key, Revision, World


def asleep(world: World, revision: Revision, now: datetime) -> bool:
    """Whether a ready revision whose minimum is 0 has scaled to zero by `now`."""
    if revision.min_replicas > 0 or not revision.answers:
        return False
    last = revision.last_request or revision.started or revision.created
    idle_s = (now - last).total_seconds()
    return idle_s > world.settings.timings.ready_s + world.settings.timings.cooldown_s


def waking_s(world: World, revision: Revision, now: datetime) -> float:
    """How long a request to this revision has to wait for its first replica."""
    if asleep(world, revision, now):
        slow = behaviour_of(revision.runs, world.settings.images).slow
        return world.settings.timings.slow_ready_s if slow else world.settings.timings.cold_start_s
    if revision.awake_at is None:
        return 0.0
    return max(0.0, (revision.awake_at - now).total_seconds())


def requested(world: World, app: App, revision: Revision, now: datetime) -> World:
    """The world in which a request has reached a revision, which wakes one that sleeps."""
    if revision.min_replicas > 0:
        return world
    awake_at = revision.awake_at
    if asleep(world, revision, now):
        awake_at = now + timedelta(seconds=waking_s(world, revision, now))
    return world.with_app(app.with_revision(replace(revision, last_request=now, awake_at=awake_at)))


def replicas_of(world: World, revision: Revision, now: datetime) -> int:
    """The replicas that a list shows."""
    return 0 if asleep(world, revision, now) else revision.replicas


def running_word(world: World, revision: Revision, now: datetime) -> str:
    """The running state; `ScaledToZero` is a word Azure uses beyond the SDK's enumeration."""
    if revision.running != "Running":
        return revision.running
    if asleep(world, revision, now):
        return "ScaledToZero"
    return world.settings.era.starting[1] if waking_s(world, revision, now) > 0 else revision.running


def overflow(world: World, app: App, revision: Revision) -> float:
    """The share of a revision's requests for which no replica is free."""
    wanted = _wanted(world, app, revision)
    capacity = world.settings.burst * max(1, revision.replicas)
    return 0.0 if wanted <= capacity else 1 - capacity / wanted


def follow(world: World, key: Key, at: datetime) -> World:
    """Puts on the agenda that replicas follow the traffic: soon where more are wanted, late where fewer are."""
    if not world.settings.demand:
        return world
    timings = world.settings.timings
    world = world.due(at, timings.scale_out_s, ReplicasFollow(key, down=False))
    return world.due(at, timings.cooldown_s, ReplicasFollow(key, down=True))


@dataclass(frozen=True, slots=True)
class ReplicasFollow:
    """Every revision that is up gets the replicas that its share of the traffic wants, within its limits."""

    app: Key
    down: bool

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None:
            return world
        for one in app.revisions:
            if one.active and one.answers:
                wanted = math.ceil(_wanted(world, app, one))
                wanted = min(one.max_replicas, max(1, one.min_replicas, wanted))
                app = app.with_revision(replace(one, replicas=wanted if self.down else max(one.replicas, wanted)))
        return world.with_app(app)


def _wanted(world: World, app: App, revision: Revision) -> float:
    return world.settings.demand * shares(app).get(revision.name, 0) / 100
