"""Plays a whole rescue in virtual time: an observed past, a fault, the suspects, the plan, the run and its proof."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from console.clock import LoopClock
from console.commands.seeding import seed
from console.config import parse
from console.config.settings import TargetSettings
from console.desk import Desk
from console.domain.change import Suspect
from console.domain.golden import GoldenResult
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Event, Kind, Run
from console.domain.snapshot import Snapshot
from console.emergency import Option
from console.plan import NothingToDo
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner, Verdict
from console.simulator import pharmabot, scenarios, stage
from console.simulator.configuration import rehearsal_config
from console.simulator.loop import run_virtual
from console.simulator.releases import NAME
from console.simulator.server import Addresses
from console.simulator.settings import Account
from console.simulator.stage import Stage
from console.simulator.stores.reading import Stores
from console.simulator.transport import SimulatedTransport
from console.target import open_clients
from tests.engine.played import ARM, SERVICE, START

ACCOUNT = Account(app_url=SERVICE)


@dataclass
class Rescue:
    """What was seen on the way. `after` is the newest exam of the service once all is over."""

    stage: Stage
    stores: Stores
    settings: TargetSettings
    log: RunLog
    desk: Desk
    suspects: tuple[Suspect, ...] = ()
    ways: tuple[Option, ...] = ()
    events: tuple[Event, ...] = ()
    before: Snapshot | None = None
    plan: Plan | None = None
    run: Run | None = None
    verdict: Verdict | None = None
    after: GoldenResult | None = None
    end: Snapshot | None = None
    again: Plan | None = None

    @property
    def first(self) -> Suspect:
        return self.suspects[0]


Break = Callable[[Rescue], Awaitable[None] | None]
Configured = Callable[[TargetSettings], TargetSettings]


def rescue(
    scenario: str,
    folder: Path,
    *,
    history: bool = True,
    breaks: Break | None = None,
    intent: Intent | None = None,
    stop_at_plan: bool = False,
    configured: Configured | None = None,
    twice: bool = False,
) -> Rescue:
    """From the first look to the proof. `breaks` does harm from outside before anybody looks.

    Without `history` nothing was ever observed here. Without `intent` the console's own suggestion is taken.
    `configured` changes what the stage's configuration says. `twice` asks for the same layer's plan once more.
    """
    return run_virtual(_rescue(scenario, folder, history, breaks, intent, stop_at_plan, configured, twice))


async def _rescue(
    scenario: str,
    folder: Path,
    history: bool,
    breaks: Break | None,
    intent: Intent | None,
    stop_at_plan: bool,
    configured: Configured | None,
    twice: bool,
) -> Rescue:
    clock = LoopClock(START)
    world, stores = scenarios.furnish(scenario, scenarios.build(scenario, ACCOUNT, START), folder / "stores", START)
    the_stage = Stage(world, stage.LoopClock(START), stores)
    settings = _settings(scenario, stores)
    settings = configured(settings) if configured is not None else settings
    path = folder / "log.db"
    if history:
        await seed(NAME, settings, scenario, START, path)
    log = RunLog(path, clock)
    clients = open_clients(settings, clock, writing=True, transport=SimulatedTransport(the_stage), name=NAME)
    desk = Desk(NAME, settings, clients, log, "", clock)
    found = Rescue(the_stage, stores, settings, log, desk)
    traffic = asyncio.create_task(the_stage.play_traffic(1.0))
    try:
        await _arranged(breaks, found)
        await _look(found)
        if intent is None:
            intent = desk.suggested()
        found.plan = await desk.propose(intent)
        if not stop_at_plan:
            await _carry_out(found, Runner(log, Leases(log, clock), clients.world(clock), clock))
        if twice:
            with contextlib.suppress(NothingToDo):
                found.again = await desk.propose(Intent(layer=intent.layer))
    finally:
        traffic.cancel()
        await asyncio.gather(traffic, return_exceptions=True)
        await desk.close()
        stores.close()
    return found


async def _look(found: Rescue) -> None:
    await found.desk.once()
    await found.desk.sample()
    await found.desk.compare()
    found.before = found.desk.snapshot
    found.suspects = found.before.changes.suspects
    found.ways = found.desk.emergency()


async def _carry_out(found: Rescue, runner: Runner) -> None:
    assert found.plan is not None
    number = found.log.prepare(NAME)
    found.log.append(number, Kind.PLANNED, plan=found.plan.to_json())
    found.verdict = await runner.execute(number, found.plan, "alice")
    found.run = found.log.run(number)
    found.events = tuple(found.log.events(number))
    await found.desk.sample()
    await found.desk.once()
    found.end = found.desk.snapshot
    found.after = found.end.golden


async def _arranged(breaks: Break | None, found: Rescue) -> None:
    waiting = breaks(found) if breaks is not None else None
    if waiting is not None:
        await waiting


def _settings(scenario: str, stores: Stores) -> TargetSettings:
    """The configuration that a served stage writes, for one that lives in memory."""
    addresses = Addresses(
        arm=ARM,
        app=SERVICE,
        admin="",
        admin_token="",
        subscription=ACCOUNT.subscription,
        tenant="",
        client_id="",
        client_secret="",
        resource_group=pharmabot.GROUP,
        container_app=NAME,
        stores=str(stores.path),
        repository=str(stores.repository.clone) if stores.repository is not None else None,
        started=START.isoformat(),
    )
    return parse(rehearsal_config(addresses, scenario=scenario)).targets[NAME]
