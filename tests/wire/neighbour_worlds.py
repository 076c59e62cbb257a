"""Builds the simulator's world at the start of a recording of servers or accounts, out of what the recording says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from console.simulator import era as eras
from console.simulator.cognitive import ACCOUNTS
from console.simulator.cognitive_bodies import account_body
from console.simulator.era import Era, era_at
from console.simulator.jobs import TIMED_OUT, JobEnds
from console.simulator.postgres import SERVERS
from console.simulator.postgres_bodies import server_body
from console.simulator.postgres_events import BackedUp
from console.simulator.settings import Account, Settings, Timings
from console.simulator.world import Job, Neighbour, World
from tests.wire.recordings import Exchange, Recording

TIMINGS: dict[str, dict[str, float]] = {
    "postgres-powershell-retry-after": {"server_restore_s": 400},
    "cognitive-deployment-creating": {"account_busy_s": 0},
    "cognitive-deployment-lifecycle": {"account_busy_s": 0, "deployment_s": 0},
    "cognitive-deployment-unstripped-headers": {"account_busy_s": 0, "deployment_s": 0},
}


def world_of(recording: Recording) -> World:
    """The world just before the first exchange."""
    first = recording.exchanges[0]
    timings = replace(Timings(), **TIMINGS.get(recording.name, {}))
    account = Account(
        subscription=first.path.split("/")[2],
        caller=next(_callers(recording), "redacted@example.com"),
        groups=tuple(sorted({found[1] for one in recording.exchanges if (found := _named(one))})),
    )
    world = World(account=account, settings=Settings(recording.name, _era(recording), timings))
    if first.tail[-1] == "models":
        return replace(world, models=tuple(first.body["value"]))
    for group, kind, name in dict.fromkeys(filter(None, map(_top, recording.exchanges))):
        if kind == "flexibleServers":
            world = _with_server(world, recording, group, name)
        else:
            world = _with_account(world, recording, group, name)
    return _with_sources(_with_earlier_job(world, recording), recording)


def segments(recording: Recording) -> Iterator[Recording]:
    """The recording in parts, where days lie between two exchanges and it is another world."""
    part: list[Exchange] = []
    for exchange in recording.exchanges:
        if part and exchange.at - part[-1].dates[-1] > timedelta(days=2):
            yield Recording(recording.name, tuple(part))
            part = []
        part.append(exchange)
    yield Recording(recording.name, tuple(part))


def _named(exchange: Exchange) -> re.Match[str] | None:
    return re.search(
        r"/resourceGroups/([^/]+)/providers/[^/]+/(flexibleServers|accounts)(?:/([^/]+))?", exchange.path
    )


def _top(exchange: Exchange) -> tuple[str, str, str] | None:
    found = _named(exchange)
    return (found[1], found[2], found[3]) if found and found[3] else None


def _callers(recording: Recording) -> Iterator[str]:
    for one in recording.exchanges:
        if isinstance(one.body, dict) and "createdBy" in one.body.get("systemData", {}):
            yield one.body["systemData"]["createdBy"]


def _era(recording: Recording) -> Era:
    """The era of the day, with the budgets that this region counted by then: they came region by region."""
    found: dict[str, dict[str, int]] = {}
    for one in recording.exchanges:
        for name, value in one.headers.items():
            if "ratelimit-remaining" in name:
                found.setdefault(one.method, {})[name] = int(value)
    reads = (eras.GLOBAL_READS, 16499) if eras.GLOBAL_READS in found.get("GET", {}) else (eras.READS, 11999)
    writes = {**found.get("PUT", {}), **found.get("PATCH", {}), **found.get("POST", {})}
    day = era_at(recording.exchanges[0].at.date())
    return replace(
        day,
        reads=reads,
        posts=tuple(writes.items()) or day.posts,
        deletes=tuple(found.get("DELETE", {}).items()) or day.deletes,
    )


def _with_server(world: World, recording: Recording, group: str, name: str) -> World:
    """The server as its first body shows it, unless the recording begins with its making."""
    mine = [one for one in recording.exchanges if (top := _top(one)) and top[2] == name]
    if mine[0].method == "PUT" and len(mine[0].tail) == 2:
        return world
    bodies = [body for one in recording.exchanges for body in _bodies(one) if body.get("name") == name]
    body = bodies[0]
    made = datetime.fromisoformat(body["systemData"]["createdAt"])
    server = Neighbour(SERVERS, group, name, _adopted(world, group, body, made))
    world = world.with_neighbour(server)
    for at in _backups(recording, bodies):
        world = world.due(at, 0, BackedUp(name))
    return world


def _adopted(world: World, group: str, body: dict[str, Any], made: datetime) -> dict[str, Any]:
    """The newest shape, with the values that an older one shows."""
    whole = server_body(world, group, body["name"], {"location": body["location"]}, made)
    shown = {key: value for key, value in body["properties"].items() if key in whole["properties"]}
    storage = {**whole["properties"]["storage"], **shown["storage"]}
    properties = {**whole["properties"], **shown, "storage": storage}
    if "replica" in shown and "privateEndpointConnections" not in shown:
        properties.pop("privateEndpointConnections")
    tags = {"tags": body["tags"]} if "tags" in body else {}
    return {**whole, "sku": body["sku"], "systemData": body["systemData"], "properties": properties, **tags}


def _bodies(exchange: Exchange) -> list[dict[str, Any]]:
    if not isinstance(exchange.body, dict):
        return []
    found = exchange.body.get("value", [exchange.body])
    return [one for one in found if one.get("type") == SERVERS]


def _backups(recording: Recording, bodies: list[dict[str, Any]]) -> Iterator[datetime]:
    """When this recording's automatic backups were complete, as it tells in a list or by a window that moved."""
    lists = [one.body["value"] for one in recording.exchanges if one.tail[-1] == "backups" and one.body]
    told = {one["properties"]["completedTime"] for values in lists for one in values if "Full" in str(one)}
    windows = [body["properties"]["backup"].get("earliestRestoreDate") for body in bodies]
    told |= {one for one in windows[1:] if one and one != windows[0]}
    yield from sorted(datetime.fromisoformat(one) for one in told)


def _with_account(world: World, recording: Recording, group: str, name: str) -> World:
    """An account of which only deployments were recorded."""
    mine = [one for one in recording.exchanges if (top := _top(one)) and top[2] == name]
    if mine[0].method == "PUT" and len(mine[0].tail) == 2:
        return world
    body = account_body(world, group, name, {"location": "eastus"}, world.account.caller, mine[0].at)
    return world.with_neighbour(Neighbour(ACCOUNTS, group, name, body))


def _with_earlier_job(world: World, recording: Recording) -> World:
    """The operation that is polled here but was begun before the recording."""
    first = recording.exchanges[0]
    if first.operation is None:
        return world
    started = datetime.fromisoformat(first.body["startTime"])
    location = first.path.split("/locations/")[1].split("/")[0]
    world = world.with_job(Job(first.operation, SERVERS, "", location, "", "PATCH", started))
    if any("OperationTimedOut" in str(one.body) for one in recording.exchanges):
        return world.due(started, world.settings.timings.job_expires_s, JobEnds(first.operation, TIMED_OUT))
    return world


def _with_sources(world: World, recording: Recording) -> World:
    """The servers that are restored from and not shown themselves."""
    for one in recording.exchanges:
        asked = (one.sent or {}).get("properties", {})
        source = str(asked.get("sourceServerResourceId") or asked.get("sourceServerName") or "").rpartition("/")[2]
        if not source or world.neighbour(SERVERS, source) is not None:
            continue
        group = one.path.split("/")[4]
        sent = {"location": "eastus", "properties": {"administratorLogin": "redactedadmin"}}
        body = server_body(world, group, source, sent, one.at - timedelta(days=1))
        world = world.with_neighbour(Neighbour(SERVERS, group, source, body))
    return world
