"""Plays one plan of the schema against the embedded Azure's servers in virtual time, through the real SDK."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from console.clock import LoopClock
from console.config.settings import TargetSettings
from console.domain.change import Changes
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Event, Kind, Run
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot
from console.layers.planning import Findings
from console.layers.schema import LAYER
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner, Verdict
from console.simulator import scenarios, stage
from console.simulator.loop import run_virtual
from console.simulator.settings import Account
from console.simulator.stage import Stage
from console.simulator.transport import SimulatedTransport
from console.simulator.world import Fault, Neighbour
from console.target import open_clients
from tests.engine import played as engine

START = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
CHANGED = START - timedelta(minutes=40)
SERVER = "pharmabot-db"


def settings(**schema: Any) -> TargetSettings:
    return engine.settings(schema={"server": SERVER, **schema})


@dataclass
class Restored:
    """One plan, its run, and what reached the wire."""

    stage: Stage
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    plan: Plan | None = None
    verdict: Verdict | None = None
    events: tuple[Event, ...] = ()
    run: Run | None = None
    took_s: float = 0.0

    def fault(self, name: str, **params: Any) -> None:
        where = {key: params.pop(key) for key in ("method", "contains") if key in params}
        world = self.stage.world
        fault = Fault(name, count=params.pop("count", 1), params=params, **where)
        self.stage.machine.world = replace(world, faults=(*world.faults, fault))

    def server(self, name: str = SERVER) -> Neighbour | None:
        return next((one for one in self.stage.world.neighbours if one.name == name), None)

    def change(self, **properties: Any) -> None:
        """The server's properties, as somebody else changed them."""
        found = self.server()
        assert found is not None
        body = {**found.body, "properties": {**found.body["properties"], **properties}}
        self.stage.machine.world = self.stage.world.with_neighbour(replace(found, body=body))

    @property
    def told(self) -> list[str]:
        return [str(event.body.get("detail", "")) for event in self.events if event.kind is Kind.PROGRESS]

    def details(self) -> Mapping[str, str]:
        assert self.run is not None
        return {step.title: step.detail for step in self.run.steps}


class Noting(SimulatedTransport):
    def __init__(self, restored: Restored) -> None:
        super().__init__(restored.stage)
        self._restored = restored

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ("GET", "HEAD") and str(request.url).startswith(engine.ARM):
            body = (await request.aread()).decode()
            self._restored.writes.append((request.method, request.url.path, body))
        return await super().handle_async_request(request)


Arrange = Callable[[Restored], None]


def play(
    intent: Intent,
    target: TargetSettings | None = None,
    *,
    arranged: Arrange | None = None,
    before: Arrange | None = None,
    changes: Changes | None = None,
    environment: Mapping[str, str] | None = None,
) -> Restored:
    """Plans and, unless it is refused, runs. `arranged` happens before the plan, `before` between plan and go."""
    with tempfile.TemporaryDirectory() as folder:
        return run_virtual(
            _play(Path(folder), intent, target or settings(), arranged, before, changes, environment or {})
        )


async def _play(
    folder: Path,
    intent: Intent,
    target: TargetSettings,
    arranged: Arrange | None,
    before: Arrange | None,
    changes: Changes | None,
    environment: Mapping[str, str],
) -> Restored:
    clock = LoopClock(START)
    world = scenarios.build("healthy", Account(app_url=engine.SERVICE), START)
    restored = Restored(Stage(world, stage.LoopClock(START)))
    if arranged is not None:
        arranged(restored)
    clients = open_clients(target, clock, writing=True, transport=Noting(restored), environment=environment)
    code, door = await clients.reader.code_state(), clients.doors["schema"]
    state = await door.observe(code)
    snapshot = Snapshot(
        target="pharmabot",
        environment=Environment.REHEARSAL,
        at=clock.now(),
        code=Layer(LayerStatus.OK, code, clock.now()),
        layers={"schema": Layer(LayerStatus.OK, state, clock.now())},
        changes=changes or Changes(),
    )
    findings = Findings(looked={"schema": await door.look(snapshot, intent)})
    restored.plan = LAYER.plan(target, snapshot, intent, findings)
    if restored.plan.refused is None:
        await _run(folder, restored, restored.plan, clients.world(clock), clock, before)
    await clients.close()
    return restored


async def _run(folder: Path, restored: Restored, plan: Plan, world: Any, clock: LoopClock, before: Any) -> None:
    log = RunLog(folder / "log.db", clock)
    run = log.prepare("pharmabot")
    log.append(run, Kind.PLANNED, plan=plan.to_json())
    if before is not None:
        before(restored)
    started = asyncio.get_running_loop().time()
    restored.verdict = await Runner(log, Leases(log, clock), world, clock).execute(run, plan, "alice")
    restored.took_s = asyncio.get_running_loop().time() - started
    restored.events, restored.run = log.events(run), log.run(run)
    log.close()


def taken_up(changes: Changes, intent: Intent) -> Restored:
    """A restore whose runner dies right after it was sent; another, with nothing to write with, takes it up."""
    with tempfile.TemporaryDirectory() as folder:
        return run_virtual(_taken_up(Path(folder), changes, intent))


class Died(BaseException):
    """The runner's process ends here."""


async def _taken_up(folder: Path, changes: Changes, intent: Intent) -> Restored:
    from console import detached

    clock = LoopClock(START)
    restored = Restored(
        Stage(scenarios.build("healthy", Account(app_url=engine.SERVICE), START), stage.LoopClock(START))
    )
    writing = open_clients(settings(), clock, writing=True, transport=Noting(restored), environment={})
    code, door = await writing.reader.code_state(), writing.doors["schema"]
    layer = Layer(LayerStatus.OK, await door.observe(code), clock.now())
    shot = Snapshot(
        "pharmabot", Environment.REHEARSAL, clock.now(), Layer(LayerStatus.OK, code), layers={"schema": layer},
        changes=changes,
    )  # fmt: skip
    looked = {"schema": await door.look(shot, intent)}
    restored.plan = LAYER.plan(settings(), shot, intent, Findings(looked=looked))
    log = Dying(folder / "log.db", clock)
    run = log.prepare("pharmabot")
    log.append(run, Kind.PLANNED, plan=restored.plan.to_json())
    try:
        await Runner(log, Leases(log, clock), writing.world(clock), clock).execute(run, restored.plan, "alice")
    except Died:
        log.dying = False
    await writing.close()
    reading = open_clients(settings(), clock, writing=False, transport=Noting(restored), environment={})
    world = reading.world(clock)
    await detached._adopt(Runner(log, Leases(log, clock), world, clock), log, world, run)
    restored.events, restored.run = log.events(run), log.run(run)
    await reading.close()
    log.close()
    return restored


class Dying(RunLog):
    """Its runner dies once the operation's address is on disk."""

    dying = True

    def append(self, run: int, kind: Kind, step: int | None = None, **body: Any) -> Event:
        event = super().append(run, kind, step, **body)
        if self.dying and kind is Kind.OPERATION:
            raise Died
        return event
