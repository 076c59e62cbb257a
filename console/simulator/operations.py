"""Long-running operations: their URLs, their polling, their end, and the ways they fail to end.

Recorded in containerapps-patch-traffic-split (both headers), -patch-location-polling (results only),
-powershell-retry-after (Retry-After) and -lro-never-finishes-app-failed (InProgress for ever).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from console.simulator.bodies import PROVIDER, app_body, fraction, location_code
from console.simulator.chance import draw, new_uuid, opaque
from console.simulator.era import dialect_for, spoken
from console.simulator.wire import Headers, Request, Response, answer, refuse
from console.simulator.world import App, Event, Fault, Key, Operation, World

STATUSES = "containerappOperationStatuses"
RESULTS = "containerappOperationResults"
EPOCH_TICKS = 621_355_968_000_000_000
POLL = "retry-after-ms"
RETRY_AFTER = ("Retry-After", "5")


@dataclass(frozen=True, slots=True)
class OperationEnds:
    """The operation says Succeeded from now on."""

    id: str

    def happen(self, world: World, at: datetime) -> World:
        operation = world.operations.get(self.id)
        return world if operation is None else world.with_operation(replace(operation, status="Succeeded", ended=at))


@dataclass(frozen=True, slots=True)
class AppSettles:
    """The app itself says Succeeded and takes the next write."""

    app: Key
    operation: str

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None or app.operation != self.operation:
            return world
        return world.with_app(replace(app, provisioning="Succeeded", operation=None, deployment_errors=None))


@dataclass(frozen=True, slots=True)
class AppExpires:
    """The write was given up on: the app says so, the operation never does."""

    app: Key
    operation: str

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None or app.operation != self.operation:
            return world
        failed = replace(app, provisioning="Failed", operation=None, deployment_errors="Operation expired")
        return world.with_app(failed)


@dataclass(frozen=True, slots=True)
class AppGone:
    """A deletion takes effect."""

    app: Key

    def happen(self, world: World, at: datetime) -> World:
        return world.without_app(self.app)


def start(
    world: World, app: App, method: str, now: datetime, done_s: float, consequences: Sequence[tuple[float, Event]]
) -> tuple[Operation, World]:
    """Begins a write on an app: `consequences` happen after their seconds, the operation ends after `done_s`.

    A fault named hang-operation takes the end away: with its parameter `effect` false also the consequences, and
    then the app reads Failed after 15 minutes.
    """
    source, world = draw(world)
    operation = Operation(new_uuid(source), app.key, location_code(app.location), method, now)
    world = world.with_operation(operation)
    busy = replace(app, provisioning="InProgress", operation=operation.id)
    world = world.with_app(busy)
    hang, world = hanging(world, method, "hang-operation")
    if hang is not None and not hang.params.get("effect", True):
        return operation, world.due(now, world.settings.timings.expire_s, AppExpires(app.key, operation.id))
    for after_s, event in consequences:
        world = world.due(now, after_s, event)
    world = world.due(now, done_s, AppSettles(app.key, operation.id))
    return operation, world if hang is not None else world.due(now, done_s, OperationEnds(operation.id))


def hanging(world: World, method: str, name: str) -> tuple[Fault | None, World]:
    """The first fault of this name that a write by this method meets, and the world in which it has been spent."""
    met = next((one for one in world.faults if one.name == name and one.method in (None, method)), None)
    if met is None or met.count is None:
        return met, world
    spent = [replace(one, count=one.count - 1) if one is met and one.count else one for one in world.faults]
    return met, replace(world, faults=tuple(one for one in spent if one.count != 0))


def url(world: World, request: Request, operation: Operation, collection: str, now: datetime) -> str:
    """An operation's URL: 3 to 4 kB of signature, new at every answer."""
    path = f"/subscriptions/{world.account.subscription}/{PROVIDER}/locations/{operation.location}"
    version = request.query.get("api-version", "")
    if not world.settings.era.signed:
        return f"{request.base}{path}/{collection}/{operation.id}?api-version={version}"
    asynchronous = "&azureAsyncOperation=true" if collection == STATUSES else ""
    signed = f"{asynchronous}{signature(operation.id, now)}"
    return f"{request.base}{path}/{collection}/{operation.id}?api-version={version}{signed}"


def signature(operation_id: str, now: datetime) -> str:
    """The signed part of an operation's URL, from `&t=` on."""
    ticks = EPOCH_TICKS + int(now.timestamp() * 10_000_000)
    seed = f"{operation_id}/{ticks}"
    return f"&t={ticks}&c={opaque('certificate', 2600)}&s={opaque(seed, 342)}&h={opaque(seed + 'h', 43)}"


def location_headers(world: World, request: Request, operation: Operation, now: datetime) -> Headers:
    """The headers of a 202: Location, and since mid-2024 Azure-AsyncOperation."""
    location = ("Location", url(world, request, operation, world.settings.era.location, now))
    if not world.settings.era.patch_async:
        return (location,)
    return (location, ("Azure-AsyncOperation", url(world, request, operation, STATUSES, now)))


def put_headers(world: World, request: Request, operation: Operation, now: datetime) -> Headers:
    """The headers of a PUT's 201."""
    status = ("Azure-AsyncOperation", url(world, request, operation, STATUSES, now))
    return (status, ("x-ms-async-operation-timeout", "PT15M"), RETRY_AFTER)


def status(world: World, request: Request, operation_id: str) -> Response:
    """GET containerappOperationStatuses/{id}: `{id, name, status, startTime}`, and no Retry-After.

    Where the stage runs faster than Azure does, a pace that az obeys and Azure never names.
    """
    operation = _known(world, operation_id)
    path = f"/subscriptions/{world.account.subscription}/{PROVIDER}/locations/{operation.location}"
    body = {
        "id": f"{path}/{STATUSES}/{operation.id}",
        "name": operation.id,
        "status": operation.status,
        "startTime": fraction(operation.started),
    }
    pace = world.settings.poll_ms
    return answer(200, body, *(() if pace is None else ((POLL, str(pace)),)))


def results(world: World, request: Request, operation_id: str, now: datetime) -> Response:
    """GET containerappOperationResults/{id}: 202 with a newly signed Location, then the app, or 204 once deleted."""
    operation = _known(world, operation_id)
    if operation.status == "InProgress":
        return answer(202, None, ("Location", url(world, request, operation, RESULTS, now)), RETRY_AFTER)
    app = world.apps.get(operation.app)
    if app is None or operation.method == "DELETE":
        return answer(204)
    return answer(200, spoken(app_body(world, app), dialect_for(request.query.get("api-version", ""))))


def _known(world: World, operation_id: str) -> Operation:
    operation = world.operations.get(operation_id)
    if operation is None:
        raise refuse(404, "OperationIdNotFound", f"Operation id '{operation_id}' was not found.")
    return operation
