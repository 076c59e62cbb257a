"""Plays several intents one after the other on one stage, in virtual time, as an operator would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from console.clock import LoopClock
from console.config.settings import TargetSettings
from console.desk import Desk
from console.domain.code import CodeState
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Kind, Run
from console.plan import NothingToDo
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner
from console.simulator import scenarios, stage
from console.simulator.loop import run_virtual
from console.simulator.settings import Account
from console.simulator.stage import Stage
from console.steps.step import World
from console.target import open_clients
from tests.engine.played import SERVICE, START, V41, Played, WatchingTransport, settings


@dataclass
class Turns:
    """What came of each intent: its plan and run, or the sentence that there is nothing to do."""

    played: Played
    plans: list[Plan] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)
    state: CodeState | None = None
    offers: list[str] = field(default_factory=list)


Between = Callable[[Turns], Awaitable[None] | None]


def in_turn(
    scenario: str,
    intents: Sequence[Intent],
    folder: Path,
    target: TargetSettings | None = None,
    mark: str | None = V41,
    before_run: Between | None = None,
) -> Turns:
    """Plans and carries out each intent; a plan that is refused outright is kept, and not carried out."""
    return run_virtual(_in_turn(scenario, intents, folder, target or settings(), mark, before_run))


async def _in_turn(
    scenario: str,
    intents: Sequence[Intent],
    folder: Path,
    target: TargetSettings,
    mark: str | None,
    before_run: Between | None,
) -> Turns:
    clock = LoopClock(START)
    log = RunLog(folder / "log.db", clock)
    world = scenarios.build(scenario, Account(app_url=SERVICE), START)
    turns = Turns(Played(Stage(world, stage.LoopClock(START)), log.path, log))
    if mark is not None:
        log.mark(mark, True, "alice", "answered well")
    clients = open_clients(target, clock, writing=True, transport=WatchingTransport(turns.played))
    desk = Desk("pharmabot", target, clients, log, "", clock)
    for intent in intents:
        await desk.once()
        await desk.sample()
        try:
            plan = await desk.propose(intent)
        except NothingToDo as nothing:
            turns.nothing.append(nothing.sentence)
            continue
        turns.plans.append(plan)
        if plan.refused is not None:
            continue
        number = log.prepare("pharmabot")
        log.append(number, Kind.PLANNED, plan=plan.to_json())
        waiting = before_run(turns) if before_run else None
        if waiting is not None:
            await waiting
        steps = World(clients.reader, clients.prober, clock, clients.actions)
        await Runner(log, Leases(log, clock), steps, clock).execute(number, plan, "alice")
        run = log.run(number)
        assert run is not None
        turns.runs.append(run)
        await asyncio.sleep(60)
    snapshot = await desk.once()
    turns.state = snapshot.code.state
    turns.offers = [offer.title for run in turns.runs[-1:] for offer in desk.offers(run)]
    turns.runs = [found for run in turns.runs if (found := log.run(run.id)) is not None]
    await clients.close()
    log.close()
    return turns
