"""A target whose prompts stand in a real database, and the console's door, plans and steps on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.config.settings import TargetSettings
from console.domain.bundle import Bundle, Facet
from console.domain.change import Baseline, Change, Changes, Suspect
from console.domain.good import Grade, History, Mark
from console.domain.intent import Intent
from console.domain.plan import Plan, StepRecord
from console.domain.run import Kind
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from console.layers.layer import Tools
from console.layers.planning import Findings
from console.layers.prompt import LAYER
from console.layers.prompt.door import PromptDoor
from console.steps import revive
from console.steps.step import Step, World
from tests.engine import apps
from tests.engine.played import settings
from tests.stores.stocked import SQL, Base

NOW = apps.NOW
CODE = apps.app(apps.revision(41), apps.revision(42))


class StandingClock:
    """A clock that only moves when somebody sleeps; `then` is called with each new moment."""

    def __init__(self, start: datetime | None = None) -> None:
        self.at = start or datetime.now(UTC)
        self.then: Any = lambda at: None

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.then(self.at)


class Desk:
    """The prompt layer of one target, opened for reading and for writing."""

    def __init__(
        self, base: Base, mode: str = "flag", logged: bool = True, golden: bool = False, **prompt: Any
    ) -> None:
        self.base, self.clock = base, StandingClock()
        sql = {"sql": SQL} if mode == "sql" else {}
        more: dict[str, Any] = {"calls": {"url": base.url, "columns": {"status": "status"}}} if logged else {}
        more |= {"golden": {"questions": "golden.toml"}} if golden else {}
        self.settings: TargetSettings = settings(prompt={"mode": mode, "url": base.url, **sql, **prompt}, **more)
        self.door, self.writing = self._open(False), self._open(True)
        self.told: list[tuple[Kind, dict[str, Any]]] = []

    def _open(self, writing: bool) -> PromptDoor:
        nothing: Any = None
        door = LAYER.open(Tools("bot", self.settings, self.clock, nothing, None, {}, writing, nothing))
        assert isinstance(door, PromptDoor)
        return door

    async def snapshot(
        self, *changes: Change, marks: Sequence[Mark] = (), baseline: Baseline | None = None
    ) -> Snapshot:
        state = await self.door.observe(None)
        suspects = tuple(Suspect(change, rank, 1.0, "since then") for rank, change in enumerate(changes, 1))
        return replace(
            apps.snapshot(CODE),
            layers={"prompt": Layer(LayerStatus.OK, state, NOW)},
            history=History({mark.version: mark for mark in marks}),
            changes=Changes(baseline or Baseline(why="known good 7a90"), suspects),
        )

    async def plan(self, snapshot: Snapshot, intent: Intent | None = None, **findings: Any) -> Plan:
        wanted = intent or Intent(layer="prompt")
        looked = {"prompt": await self.door.look(snapshot, wanted)}
        return LAYER.plan(self.settings, snapshot, wanted, Findings(looked=looked, **findings))

    def world(self, writing: bool = True) -> World:
        nothing: Any = None
        world = World(nothing, nothing, self.clock)
        world.doors = {"prompt": self.writing if writing else self.door}
        world.tell = lambda kind, **body: self.told.append((kind, body))
        return world

    async def close(self) -> None:
        await self.door.close()
        await self.writing.close()


def revived(plan: Plan, kind: str) -> Step:
    """A step as the runner takes it: as data."""
    record = next(step for step in plan.steps if step.kind == kind)
    return revive(StepRecord.from_body(json.loads(json.dumps(asdict(record)))))


def changed(item: str = "drug_info", before: str = "6", after: str = "7") -> Change:
    return Change(
        "prompt", item, before, after, NOW - timedelta(minutes=12), before_words=f"v{before}", after_words=f"v{after}"
    )


def mark(version: str, good: bool, reason: str = "") -> Mark:
    return Mark(version, good, "bob", NOW, reason)


def served(version: str, item: str = "drug_info") -> Baseline:
    return Baseline(Bundle.made([Facet("prompt", item, version)]), Grade.PROVED, NOW, "known good 7a90")
