"""An app whose revisions name commits of a real repository, and the console's door to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from console.config.settings import TargetSettings
from console.domain.bundle import Facet
from console.domain.change import Change, Changes, Suspect
from console.domain.code import CodeState, Revision
from console.domain.intent import Intent
from console.domain.plan import Plan, StepRecord
from console.domain.run import Kind
from console.domain.signal import Sample
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from console.domain.traffic import TrafficEntry
from console.layers.layer import Tools
from console.layers.planning import Findings
from console.layers.prompt import LAYER
from console.layers.prompt.git import GitDoor
from console.steps import revive
from console.steps.step import Finding, Ground, Result, World
from tests.engine import apps
from tests.engine.played import settings as target_settings
from tests.stores.git_world import GitWorld

NOW = apps.NOW
VARIABLE = "PROMPT_COMMIT"


class HurriedClock:
    """Time goes on only where somebody waits, and then at once; `then` is called at each wait."""

    def __init__(self) -> None:
        self.at = NOW
        self.then: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.then()


@dataclass
class Azure:
    """The app as it is now, which tests change; every PATCH of its traffic is kept."""

    state: CodeState
    patches: list[tuple[TrafficEntry, ...]] = field(default_factory=list)
    statuses: dict[str, int | None] = field(default_factory=dict)
    identifies: bool = True
    every_s: float = 0.25
    path: str = "/chat"

    async def code_state(self) -> CodeState:
        return self.state

    async def operation(self, url: str) -> None:
        return None

    async def set_traffic(self, entries: Sequence[TrafficEntry]) -> Any:
        self.patches.append(tuple(entries))
        self.state = replace(self.state, traffic=tuple(entries))
        return type("Accepted", (), {"operation": "", "request_id": "r1"})()

    async def ask_app(self, state: CodeState) -> Sample:
        return Sample(NOW, 200, self.state.serving[0].name, 0.01)

    async def ask_revision(self, revision: Revision) -> Sample:
        return Sample(NOW, self.statuses.get(revision.name, 200), revision.name, 0.01)

    def deployed(self, number: int, commit: str, share: int = 0, **changes: Any) -> None:
        """The pipeline has made a revision of a commit."""
        made = at(number, commit, **changes)
        traffic = (TrafficEntry(100, made.name),) if share else self.state.traffic
        revisions = (made, *self.state.revisions)
        self.state = replace(self.state, revisions=revisions, latest=made.name, traffic=traffic)


def at(number: int, commit: str, **changes: Any) -> Revision:
    """`bot--v41`, which was made of a commit."""
    return apps.revision(number, **({"env": ((VARIABLE, commit),) if commit else ()} | changes))


@dataclass
class Gitted:
    """`azure` is the app; `told` is what the steps say."""

    world: GitWorld
    azure: Azure
    changed: dict[str, Any] = field(default_factory=dict)
    clock: HurriedClock = field(default_factory=HurriedClock)
    told: list[tuple[Kind, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door = self.opened(writing=False)

    @property
    def settings(self) -> TargetSettings:
        body = {"mode": "git", "repo": str(self.world.clone), "commit": VARIABLE, "deploy_wait_s": 300}
        return target_settings(code={"container_app": "bot"}, prompt=body | self.changed)

    def opened(self, writing: bool) -> GitDoor:
        reader: Any = self.azure
        tools = Tools("bot", self.settings, self.clock, None, None, {}, writing, reader)  # type: ignore[arg-type]
        door = LAYER.open(tools)
        assert isinstance(door, GitDoor)
        return door

    async def snapshot(self, *changes: Change, **others: Any) -> Snapshot:
        """What the console would know now."""
        state = LAYER.beside(await self.door.observe(None), self.azure.state)
        suspects = tuple(Suspect(change, rank, 1.0, "") for rank, change in enumerate(changes, 1))
        return replace(
            apps.snapshot(self.azure.state),
            layers={"prompt": Layer(LayerStatus.OK, state, NOW)},
            changes=Changes(suspects=suspects),
            **others,
        )

    async def facet(self) -> Facet:
        state = (await self.snapshot()).prompt.state
        assert state is not None
        (facet,) = LAYER.facets(state, self.azure.state)
        return facet

    async def plan(self, intent: Intent | None = None, snapshot: Snapshot | None = None, **findings: Any) -> Plan:
        intent = intent or Intent(layer="prompt")
        snapshot = snapshot or await self.snapshot()
        looked = {"prompt": await self.door.look(snapshot, intent)}
        return LAYER.plan(self.settings, snapshot, intent, Findings(looked=looked, **findings))

    def steps(self, writing: bool = True) -> World:
        """What the steps of a run may touch, in a process of their own."""
        azure: Any = self.azure
        world = World(azure, azure, self.clock, azure, doors={"prompt": self.opened(writing)})
        world.tell = lambda kind, **body: self.told.append((kind, str(body.get("detail", ""))))
        return world


async def carried_out(record: StepRecord, world: World) -> tuple[Finding, Result | None]:
    """A step as the runner takes it: as data, its ground, its write, its proof."""
    step = revive(StepRecord.from_body(json.loads(json.dumps(asdict(record)))))
    finding = await step.check(world)
    if finding.ground in (Ground.MOVED, Ground.UNFIT):
        return finding, None
    if record.writes and finding.ground is Ground.HOLDS:
        await step.apply(world)
    return finding, await step.verify(world)
