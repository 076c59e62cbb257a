"""Long-running operations of PostgreSQL, and what they share with those of Azure OpenAI accounts.

Recorded in postgres-pitr-restore, -restart-stop-start and -on-demand-backup-2026 (status and results),
-powershell-retry-after (Retry-After on every poll), -lro-failed and -lro-timeout-and-vanished-operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.simulator.bodies import location_code
from console.simulator.chance import draw, new_uuid
from console.simulator.operations import POLL, hanging, signature
from console.simulator.wire import Headers, Request, Response, answer, refuse
from console.simulator.world import Event, Fault, Job, Json, Neighbour, World

STATUSES = "azureAsyncOperation"
RESULTS = "operationResults"
KEPT = timedelta(hours=8)
TIMED_OUT = {
    "code": "OperationTimedOut",
    "message": "The operation timed out and automatically rolled back. Please retry the operation.",
}
BROKEN = {"code": "InternalServerError", "message": "An unexpected error occured while processing the request."}


@dataclass(frozen=True, slots=True)
class JobEnds:
    """The operation says Succeeded from now on, or Failed with an error, and its resource takes the next write."""

    id: str
    error: Json | None = None

    def happen(self, world: World, at: datetime) -> World:
        job = world.jobs.get(self.id)
        if job is None:
            return world
        status = "Succeeded" if self.error is None else "Failed"
        return Freed(self.id).happen(world.with_job(replace(job, status=status, error=self.error, ended=at)), at)


@dataclass(frozen=True, slots=True)
class Freed:
    """The resource takes the next write, whatever the operation says."""

    id: str

    def happen(self, world: World, at: datetime) -> World:
        holder = next((one for one in world.neighbours if one.job == self.id), None)
        return world if holder is None else world.with_neighbour(replace(holder, job=None))


def start(
    world: World, job: Job, done_s: float, consequences: Sequence[tuple[float, Event]], error: Json | None = None
) -> tuple[Job, World]:
    """Begins `job`, which gets its id: `consequences` happen after their seconds, it ends after `done_s`.

    With an `error` it fails at once and nothing happens. Faults may have it fail in the end, hang for ever, or hang
    with no effect, and then it fails after two hours, as recorded.
    """
    source, world = draw(world)
    job = replace(job, id=new_uuid(source))
    world = _held(world.with_job(job), job)
    if error is not None:
        return job, JobEnds(job.id, error).happen(world, job.started)
    hang, world = hanging(world, job.method, "hang-operation")
    failure, world = hanging(world, job.method, "fail-operation")
    if failure is not None:
        return job, world.due(job.started, done_s, JobEnds(job.id, _failure(failure)))
    if hang is not None and not hang.params.get("effect", True):
        return job, world.due(job.started, world.settings.timings.job_expires_s, JobEnds(job.id, TIMED_OUT))
    for after_s, event in consequences:
        world = world.due(job.started, after_s, event)
    return job, world.due(job.started, done_s, JobEnds(job.id) if hang is None else Freed(job.id))


def check_free(neighbour: Neighbour) -> None:
    """409 while another write is in progress on a server (text reported by users; status inferred)."""
    if neighbour.job is not None:
        message = f"Cannot complete operation while server '{neighbour.name}' is busy processing another operation. "
        raise refuse(409, "ServerIsBusy", f"{message}Try again later.")


def accepted(world: World, request: Request, job: Job) -> Response:
    """The 202 of a PostgreSQL write: what was queued, both URLs, and how long to wait before the first look."""
    urls = (
        ("Location", url(world, request, job, RESULTS)),
        ("Azure-AsyncOperation", url(world, request, job, STATUSES)),
    )
    return answer(202, {"operation": job.title, "startTime": moment(job.started)}, *urls, *_pace(world, job))


def status(world: World, job: Job) -> Response:
    """GET azureAsyncOperation/{id}: `{name, status, startTime, error?}`, with a Retry-After to the last."""
    body: Json = {"name": job.id, "status": job.status, "startTime": moment(job.started)}
    return answer(200, body if job.error is None else {**body, "error": job.error}, *_pace(world, job))


def results(world: World, request: Request, job: Job) -> Response:
    """GET operationResults/{id}: 202 while it runs, then as recorded for a POST (204 for a DELETE is inferred)."""
    if job.status == "InProgress":
        return answer(202, None, ("Location", url(world, request, job, RESULTS)), *_pace(world, job))
    if job.method == "DELETE":
        return answer(204)
    return answer(200, {"properties": {}, "name": job.name, "type": "PostgreSQL"})


def known(world: World, job_id: str, now: datetime) -> Job:
    """The operation of that id; 404 where there is none, or it is too old to be remembered."""
    job = world.jobs.get(job_id)
    if job is None or now - job.started > KEPT:
        raise refuse(404, "OperationIdNotFound", f"The operation with Id: '{job_id}' does not exist.")
    return job


def url(world: World, request: Request, job: Job, collection: str) -> str:
    """An operation's URL; signed since the service signs them."""
    path = f"/subscriptions/{world.account.subscription}/providers/{job.kind.partition('/')[0]}"
    version = request.query.get("api-version", "")
    plain = (
        f"{request.base}{path}/locations/{location_code(job.location)}/{collection}/{job.id}?api-version={version}"
    )
    return plain + signature(job.id, job.started) if world.settings.era.signed_jobs else plain


def moment(at: datetime) -> str:
    """`2024-07-12T03:05:08.757Z`: milliseconds, trailing zeros dropped."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}".rstrip("0").rstrip(".") + "Z"


def _pace(world: World, job: Job) -> Headers:
    """Where the stage runs faster than Azure does, a pace that az obeys and Azure never names."""
    pace = world.settings.poll_ms
    return (("Retry-After", str(job.pace_s)),) if pace is None else ((POLL, str(pace)),)


def _held(world: World, job: Job) -> World:
    holder = world.neighbour(job.kind, job.name)
    return world if holder is None else world.with_neighbour(replace(holder, job=job.id))


def _failure(fault: Fault) -> Json:
    return {key: str(fault.params.get(key, BROKEN[key])) for key in ("code", "message")}
