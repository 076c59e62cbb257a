"""Plays rollbacks of models against the embedded Azure in virtual time, with a deployment that moved before."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from console.clock import LoopClock
from console.config.settings import TargetSettings
from console.desk import Desk
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Kind, Run
from console.domain.snapshot import Snapshot
from console.plan import NothingToDo
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner
from console.simulator import cognitive, scenarios, stage
from console.simulator.loop import run_virtual
from console.simulator.settings import Account
from console.simulator.stage import Stage
from console.target import Clients, open_clients
from tests.engine.played import SERVICE, START, Played, Sent, WatchingTransport, WitnessLog, settings

OPENAI, STABLE, NEXT, MINI = "pharmabot-openai", "gpt4o-stable", "gpt4o-next", "gpt4o-mini"
OLD, NEW = "2024-08-06", "2024-11-20"
ONCE_NEW = "OnceNewDefaultVersionAvailable"
MODEL = Intent(layer="model")


def target(model: dict[str, Any] | None = None, **changes: Any) -> TargetSettings:
    """A target whose revisions say which deployment they call."""
    body: dict[str, Any] = {
        "code": {"container_app": "pharmabot", "expects_env": {"model": "AOAI_DEPLOYMENT"}},
        "model": {"account": OPENAI, "deployments": [STABLE]} | (model or {}),
    }
    return settings(**(body | changes))


@dataclass
class Models:
    """A stage with an account, what was sent to it, and what the desk made of it."""

    played: Played
    clients: Clients
    desk: Desk
    log: RunLog
    clock: LoopClock
    plans: list[Plan] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def deployment(self, name: str = STABLE) -> dict[str, Any] | None:
        return cognitive.deployment(self.played.stage.world, OPENAI, name)

    def answers_with(self, name: str = STABLE) -> tuple[str, str] | None:
        """What a call of the deployment is really answered with."""
        return cognitive.deployed_version(self.played.stage.world, OPENAI, name)

    def change(self, name: str = STABLE, **properties: Any) -> None:
        """Somebody else writes a deployment, from outside."""
        body = self.deployment(name)
        assert body is not None
        sku = {**body["sku"], **properties.pop("sku", {})}
        etag = f'"{len(body["etag"])}-other-{properties}"'
        changed = {**body, "sku": sku, "etag": etag, "properties": {**body["properties"], **properties}}
        self.played.change(cognitive.with_deployment(self.played.stage.world, OPENAI, changed))

    def upgrade(self, name: str = STABLE, version: str = NEW) -> None:
        """Azure upgrades a deployment by itself."""
        self.played.change(cognitive.upgraded(self.played.stage.world, OPENAI, name, version))

    @property
    def puts(self) -> list[Sent]:
        return [one for one in self.played.sent if one.method == "PUT"]

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(one.method, one.path.rpartition("/providers/")[2]) for one in self.played.sent]

    async def look(self) -> Snapshot:
        return await self.desk.once()

    async def plan(self, intent: Intent = MODEL) -> Plan:
        plan = await self.desk.propose(intent)
        self.plans.append(plan)
        return plan

    async def carry_out(self, plan: Plan) -> Run:
        number = self.log.prepare("pharmabot")
        self.log.append(number, Kind.PLANNED, plan=plan.to_json())
        runner = Runner(self.log, Leases(self.log, self.clock), self.clients.world(self.clock), self.clock)
        await runner.execute(number, plan, "alice")
        run = self.log.run(number)
        assert run is not None
        self.runs.append(run)
        return run

    async def why_not(self, intent: Intent = MODEL) -> str:
        try:
            await self.plan(intent)
        except NothingToDo as nothing:
            return nothing.sentence
        raise AssertionError("there is a plan")


Act = Callable[[Models], Awaitable[None]]


def play(
    folder: Path,
    act: Act,
    *,
    scenario: str = "healthy",
    at: TargetSettings | None = None,
    drift: bool = True,
    writing: bool = True,
) -> Models:
    """Observes the service while all was well, lets Azure upgrade the model where `drift` says so, and acts."""
    return run_virtual(_play(folder, act, scenario, at or target(), drift, writing))


async def _play(folder: Path, act: Act, scenario: str, at: TargetSettings, drift: bool, writing: bool) -> Models:
    clock = LoopClock(START)
    log = WitnessLog(folder / "log.db", clock)
    world = scenarios.build(scenario, Account(app_url=SERVICE), START)
    played = Played(Stage(world, stage.LoopClock(START)), log.path, log)
    clients = open_clients(at, clock, writing=writing, transport=WatchingTransport(played))
    models = Models(played, clients, Desk("pharmabot", at, clients, log, "", clock), log, clock)
    log.witness = played.witness
    models.change(versionUpgradeOption=ONCE_NEW)
    await models.look()
    await asyncio.sleep(120)
    if drift:
        models.upgrade()
    await models.look()
    await models.desk.sample()
    done = act(models)
    assert inspect.isawaitable(done)
    await done
    models.runs = [found for run in models.runs if (found := log.run(run.id)) is not None]
    await clients.close()
    log.close()
    return models


def with_quota(models: Models, quota: int) -> None:
    world = models.played.stage.world
    models.played.change(replace(world, settings=replace(world.settings, model_quota=quota)))
