"""Scaling to zero: a revision whose minimum is 0 goes to sleep when nobody asks, and a request wakes it."""

from __future__ import annotations

from datetime import datetime

from console.simulator.world import Revision, World


def asleep(world: World, revision: Revision, now: datetime) -> bool:
    """Whether a ready revision has scaled to zero by `now`."""
    if revision.min_replicas > 0 or not revision.answers:
        return False
    last = revision.last_request or revision.started or revision.created
    idle_s = (now - last).total_seconds()
    return idle_s > world.settings.timings.ready_s + world.settings.timings.cooldown_s


def replicas_of(world: World, revision: Revision, now: datetime) -> int:
    """The replicas that a list shows."""
    return 0 if asleep(world, revision, now) else revision.replicas


def running_word(world: World, revision: Revision, now: datetime) -> str:
    """The running state; `ScaledToZero` is a word Azure uses beyond the SDK's enumeration."""
    if revision.running == "Running" and asleep(world, revision, now):
        return "ScaledToZero"
    return revision.running
