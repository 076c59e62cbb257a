"""Plays one run against the embedded Azure in virtual time, and watches what a runner must never do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from console import detached
from console.clock import LoopClock
from console.config.settings import TargetSettings
from console.desk import Desk
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Event, Kind, Outcome, Run, fold
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner, Verdict
from console.simulator import scenarios, stage
from console.simulator.loop import run_virtual
from console.simulator.settings import Account
from console.simulator.stage import Stage
from console.simulator.transport import SimulatedTransport
from console.simulator.world import App, Fault
from console.simulator.world import World as SimulatedWorld
from console.steps.step import World
from console.target import open_clients

START = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
ARM, SERVICE = "http://127.0.0.1:1", "http://127.0.0.1:2"
V40, V41, V42 = "pharmabot--v40", "pharmabot--v41", "pharmabot--v42"


def settings(**changes: Any) -> TargetSettings:
    """A rehearsal target that probes `/chat`; `changes` replace whole sections."""
    body: dict[str, Any] = {
        "environment": "rehearsal",
        "azure": {
            "subscription": Account().subscription,
            "resource_group": "pharmabot-rg",
            "credential": "rehearsal",
            "endpoint": ARM,
        },
        "code": {"container_app": "pharmabot"},
        "probe": {
            "path": "/chat",
            "url": SERVICE,
            "revision_url": f"{SERVICE}/-/revisions/{{revision}}",
            "identity": {"header": "x-revision"},
            "every_s": 0.25,
        },
        "triggers": [{"signal": "5xx", "above": 5, "for_s": 15, "min_count": 20}],
    }
    return TargetSettings.model_validate(body | changes)


@dataclass(frozen=True)
class Sent:
    """A write as it reached the wire, with what had been recorded and read by then."""

    method: str
    path: str
    body: Mapping[str, Any]
    intents: int
    epochs: tuple[int, int]
    revisions: Mapping[str, Any]
    at_s: float
    arrived: bool = True


class Killed(BaseException):
    """The runner's process dies here, without a chance to say anything."""


class WatchingTransport(SimulatedTransport):
    """Notes every write, what the run log on disk says at that moment, and what was last read of the revisions."""

    def __init__(self, played: Played) -> None:
        super().__init__(played.stage)
        self._played = played
        self._revisions: dict[str, Any] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ("GET", "HEAD") and str(request.url).startswith(ARM):
            self._played.before_send()
            self._note(request, await request.aread())
        try:
            answer = await super().handle_async_request(request)
        except httpx.ConnectError:
            if request.method not in ("GET", "HEAD"):
                self._played.sent[-1] = replace(self._played.sent[-1], arrived=False)
            raise
        if request.method == "GET" and "/revisions" in request.url.path and answer.status_code in (200, 404):
            self._learn(request.url.path.rpartition("/revisions/")[2], answer)
        return answer

    def _note(self, request: httpx.Request, body: bytes) -> None:
        intents, epochs = on_disk(self._played.path)
        sent = json.loads(body) if body else {}
        revisions = dict(self._revisions)
        at_s = asyncio.get_running_loop().time()
        self._played.sent.append(Sent(request.method, request.url.path, sent, intents, epochs, revisions, at_s))

    def _learn(self, name: str, answer: httpx.Response) -> None:
        """What the runner has been told of each revision, latest word first."""
        told = json.loads(answer.content) if answer.content else {}
        if "value" in told:
            self._revisions = {one["name"]: one["properties"] for one in told["value"]}
        elif answer.status_code == 404:
            self._revisions.pop(name, None)
        elif "properties" in told:
            self._revisions[told["name"]] = told["properties"]


def on_disk(path: Path) -> tuple[int, tuple[int, int]]:
    """How many intents another process would find, and the newest one's epoch beside the lease's."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        bodies = connection.execute("SELECT body FROM events WHERE kind = 'intent' ORDER BY seq").fetchall()
        lease = connection.execute("SELECT epoch FROM lease").fetchone()
    last = json.loads(bodies[-1][0])["epoch"] if bodies else -1
    return len(bodies), (last, lease[0] if lease else -2)


class WitnessLog(RunLog):
    """A run log that asks the stage for the truth whenever the runner claims something."""

    witness: Callable[[Event], None] = staticmethod(lambda event: None)

    def append(self, run: int, kind: Kind, step: int | None = None, **body: Any) -> Event:
        event = super().append(run, kind, step, **body)
        self.witness(event)
        return event


@dataclass
class Played:
    """One run: before it, while it goes, and what is left of it."""

    stage: Stage
    path: Path
    log: RunLog
    sent: list[Sent] = field(default_factory=list)
    claims: list[tuple[Kind, tuple[str, ...]]] = field(default_factory=list)
    before_send: Callable[[], None] = lambda: None
    arranged: dict[Kind, list[Callable[[], None]]] = field(default_factory=dict)
    verdict: Verdict | None = None
    plan: Plan | None = None
    run_id: int = 0
    took_s: float = 0.0

    def witness(self, event: Event) -> None:
        """Notes who really serves at the moment of a claim, and does what was arranged for it."""
        self.claims.append((event.kind, self.who_serves()))
        for action in self.arranged.pop(event.kind, []):
            action()

    def on(self, kind: Kind, action: Callable[[], None]) -> None:
        """Arranges `action` for the moment at which the first event of that kind is recorded."""
        self.arranged.setdefault(kind, []).append(action)

    @property
    def app(self) -> App:
        return next(iter(self.stage.world.apps.values()))

    @property
    def run(self) -> Run:
        found = self.log.run(self.run_id)
        assert found is not None
        return found

    @property
    def events(self) -> tuple[Event, ...]:
        return self.log.events(self.run_id)

    @property
    def kinds(self) -> list[Kind]:
        return [event.kind for event in self.events]

    @property
    def outcome(self) -> Outcome:
        assert self.verdict is not None
        return self.verdict.outcome

    @property
    def note(self) -> str:
        return self.verdict.note if self.verdict else ""

    @property
    def patches(self) -> list[Sent]:
        return [one for one in self.sent if one.method == "PATCH"]

    def fault(self, name: str, count: int | None = None, **params: Any) -> None:
        """Makes a trouble from now on. `method`, `contains` and `door` say which requests it hits."""
        where = {key: params.pop(key) for key in ("method", "contains", "door") if key in params}
        world = self.stage.world
        fault = Fault(name, count=count, params=params, **where)
        self.change(replace(world, faults=(*world.faults, fault)))

    def change(self, world: SimulatedWorld) -> None:
        self.stage.machine.world = world

    def change_app(self, **fields: Any) -> None:
        self.change(self.stage.world.with_app(replace(self.app, **fields)))

    def change_revision(self, name: str, **fields: Any) -> None:
        revision = self.app.revision(name)
        assert revision is not None
        self.change(self.stage.world.with_app(self.app.with_revision(replace(revision, **fields))))

    def who_serves(self) -> tuple[str, ...]:
        """Whom the ingress really sends requests to."""
        shares = [entry for entry in self.app.routed if entry.weight > 0]
        return tuple(sorted({entry.revision or self.app.latest_ready for entry in shares}))


Arrange = Callable[[Played], Awaitable[None] | None]


def play(
    scenario: str = "bad-image",
    *,
    before: Arrange | None = None,
    meanwhile: Arrange | None = None,
    to: str | None = None,
    mark: str | None = V41,
    target: TargetSettings | None = None,
    afterwards: Arrange | None = None,
) -> Played:
    """Plans and runs a rollback. `before` happens between plan and go, `meanwhile` beside the run.

    Where the runner is killed, `afterwards` happens, and then another takes the run up.
    """
    with _folder() as folder:
        played = run_virtual(_play(scenario, folder, before, meanwhile, to, mark, target or settings(), afterwards))
        events = played.events
        played.log.close()
        played.log = Told(events)
        return played


class Told:
    """The events of a log whose file is gone."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = tuple(events)

    def events(self, run: int) -> tuple[Event, ...]:
        return self._events

    def run(self, run: int) -> Run | None:
        return fold(self._events)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder in memory where there is one: these runs are many, and prove nothing about disks."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


async def _play(
    scenario: str,
    folder: Path,
    before: Arrange | None,
    meanwhile: Arrange | None,
    to: str | None,
    mark: str | None,
    target: TargetSettings,
    afterwards: Arrange | None,
) -> Played:
    clock = LoopClock(START)
    world = scenarios.build(scenario, Account(app_url=SERVICE), START)
    log = WitnessLog(folder / "log.db", clock)
    played = Played(Stage(world, stage.LoopClock(START)), log.path, log)
    log.witness = played.witness
    if mark is not None:
        log.mark(mark, True, "alice", "answered well")
    clients = open_clients(target, clock, writing=True, transport=WatchingTransport(played))
    desk = Desk("pharmabot", target, clients, log, "", clock)
    await desk.once()
    await desk.sample()
    played.plan = await desk.propose(Intent(to=to))
    played.run_id = log.prepare("pharmabot")
    log.append(played.run_id, Kind.PLANNED, plan=played.plan.to_json())
    await _arranged(before, played)
    steps = World(clients.reader, clients.prober, clock, clients.actions)
    runner = Runner(log, Leases(log, clock), steps, clock)
    beside = asyncio.create_task(_arranged(meanwhile, played))
    started = asyncio.get_running_loop().time()
    try:
        played.verdict = await runner.execute(played.run_id, played.plan, "alice")
    except Killed:
        await _arranged(afterwards, played)
        await _take_up(played, World(clients.reader, clients.prober, clock), clock)
    played.took_s = asyncio.get_running_loop().time() - started
    beside.cancel()
    await asyncio.gather(beside, return_exceptions=True)
    await clients.close()
    return played


async def _take_up(played: Played, world: World, clock: LoopClock) -> None:
    """What a runner does that is started for a run which lost its own: it has nothing to write with."""
    runner = Runner(played.log, Leases(played.log, clock), world, clock)
    await detached._adopt(runner, played.log, world, played.run_id)
    run = played.run
    played.verdict = Verdict(run.outcome, run.note) if run.outcome else None


async def _arranged(arrange: Arrange | None, played: Played) -> None:
    waiting = arrange(played) if arrange is not None else None
    if waiting is not None:
        await waiting
