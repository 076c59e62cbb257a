"""A registry with two indexes in a real database, and the console's door to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from console.clock import SystemClock
from console.config.layer_settings import EmbeddingSettings
from console.config.settings import TargetSettings
from console.domain.bundle import Bundle, Facet
from console.domain.change import Baseline, Change, Changes, Suspect
from console.domain.code import CodeState
from console.domain.good import Grade
from console.domain.intent import Intent
from console.domain.plan import Plan, StepRecord
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from console.layers.embedding import deeds
from console.layers.embedding.beside import beside
from console.layers.embedding.door import EmbeddingDoor
from console.layers.planning import Findings
from console.steps import revive
from console.steps.step import Finding, Result, World
from console.stores.store import Store
from tests.engine import apps
from tests.engine.played import settings

NOW = apps.NOW
SMALL, LARGE = "text-embedding-3-small", "text-embedding-3-large"
DOCUMENTS = ("aspirin", "ibuprofen", "metformin", "cetirizine")
SIZE = 6
BUILT = {"docs_v1": NOW - timedelta(days=30), "docs_v2": NOW - timedelta(hours=2)}


def vector(embedder: str, document: str) -> list[float]:
    """A place of its own for each document, another one for each embedder: equals understand each other alone."""
    place = (DOCUMENTS.index(document) + (0 if embedder == SMALL else 1)) % len(DOCUMENTS)
    return [1.0 if at == place else 0.01 for at in range(SIZE)]


@dataclass
class Shelf:
    """`address` is the database's; `home` the configuration's folder."""

    address: str
    home: Path
    changed: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = create_engine(self.address)
        self.doors: list[EmbeddingDoor] = []
        vectors = "TEXT" if self.sqlite else f"vector({SIZE})"
        moment = "TEXT" if self.sqlite else "TIMESTAMPTZ"
        self.run(
            f"CREATE TABLE embedding_indexes (name TEXT PRIMARY KEY, embedder TEXT, dimensions INTEGER, "
            f"rows INTEGER, built_at {moment}, active BOOLEAN NOT NULL, validated_at {moment}, activated_at {moment})"
        )
        for name, embedder in (("docs_v1", SMALL), ("docs_v2", LARGE)):
            self.run(
                f"CREATE TABLE {name} (id TEXT PRIMARY KEY, embedding {vectors}, written_at {moment}, made_by TEXT)"
            )
            for document in DOCUMENTS:
                self.add(name, embedder, document)
            self.run(
                "INSERT INTO embedding_indexes VALUES (:name, :embedder, :size, :rows, :at, :active, NULL, NULL)",
                name=name,
                embedder=embedder,
                size=SIZE,
                rows=len(DOCUMENTS),
                at=self.moment(BUILT[name]),
                active=name == "docs_v1",
            )
        self.questions()

    @property
    def sqlite(self) -> bool:
        return self.address.startswith("sqlite")

    def moment(self, at: Any) -> Any:
        return at.isoformat() if self.sqlite else at

    def run(self, statement: str, **values: Any) -> Sequence[Any]:
        with self.engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else []

    def add(self, index: str, embedder: str, document: str, name: str | None = None, at: Any = None) -> None:
        body = json.dumps(vector(embedder, document))
        when = self.moment(at or BUILT[index] - timedelta(minutes=1))
        held = ":body" if self.sqlite else "CAST(:body AS vector)"
        self.run(
            f"INSERT INTO {index} VALUES (:id, {held}, :at, :by)",
            id=name or document,
            body=body,
            at=when,
            by=embedder,
        )

    def activate(self, name: str) -> None:
        self.run("UPDATE embedding_indexes SET active = (name = :name)", name=name)

    def actives(self) -> list[str]:
        held = self.run("SELECT name FROM embedding_indexes WHERE active")
        return sorted(row[0] for row in held)

    def questions(self, embedders: Sequence[str] = (SMALL, LARGE)) -> None:
        """recall.toml: each document is asked for, one place among the nearest."""
        lines = ["nearest = 1"]
        for document in DOCUMENTS:
            lines += ["[[questions]]", f'name = "{document}"', f'documents = ["{document}"]', "[questions.vectors]"]
            lines += [f'"{embedder}" = {vector(embedder, document)}' for embedder in embedders]
        (self.home / "recall.toml").write_text("\n".join(lines))

    @property
    def settings(self) -> TargetSettings:
        body = {
            "url": self.address,
            "vectors": "{index}",
            "written_at": "written_at",
            "recall_questions": "recall.toml",
            "columns": {"validated_at": "validated_at", "activated_at": "activated_at"},
        }
        code = {"container_app": "bot", "expects_env": {"embedder": "EMBEDDING_MODEL"}}
        whole = settings(code=code, embedding=body | self.changed)
        return whole.model_copy(update={"home": str(self.home)})

    def door(self, writing: bool = False) -> EmbeddingDoor:
        configured = self.settings.embedding
        assert isinstance(configured, EmbeddingSettings)
        store = Store(configured, {}, str(self.home), "the registry of embedding indexes")
        env = self.settings.code.expects_env.get("embedder", "")
        made = EmbeddingDoor(configured, store, SystemClock(), str(self.home), env, writing)
        self.doors.append(made)
        return made

    async def snapshot(self, code: CodeState, *changes: Change, baseline: Baseline | None = None) -> Snapshot:
        """What the console would know: the code as given, the registry as read, these changes, likeliest first."""
        state = beside(await self.door().observe(code), code)
        suspects = tuple(Suspect(change, rank, 1.0, "since then") for rank, change in enumerate(changes, 1))
        return replace(
            apps.snapshot(code),
            layers={"embedding": Layer(LayerStatus.OK, state, NOW)},
            changes=Changes(baseline or Baseline(why="known good 7a90"), suspects),
        )

    async def plan(self, snapshot: Snapshot, intent: Intent | None = None, **findings: Any) -> Plan:
        intent = intent or Intent(layer="embedding")
        looked = {"embedding": await self.door().look(snapshot, intent)}
        return deeds.make(self.settings, snapshot, intent, Findings(looked=looked, **findings))

    def close(self) -> None:
        for door in self.doors:
            if door._store._engine is not None:
                door._store._engine.dispose()
        self.engine.dispose()


def asks(number: int, embedder: str, **changes: Any) -> Any:
    """`bot--v41`, which embeds with `embedder`."""
    return apps.revision(number, **({"env": (("EMBEDDING_MODEL", embedder),)} | changes))


def switched() -> Change:
    before, after = f"docs_v1 {SMALL} {SIZE}", f"docs_v2 {LARGE} {SIZE}"
    return Change("embedding", "index", before, after, NOW - timedelta(hours=1))


def embedded() -> Change:
    return Change("embedding", "embedder", SMALL, LARGE, NOW - timedelta(hours=1))


def good(version: str) -> Baseline:
    """A baseline that used that index."""
    return Baseline(Bundle.made([Facet("embedding", "index", version)]), Grade.MARKED, NOW, "known good 7a90")


class Reader:
    """Azure as the steps of this layer need it: the code's state, which a test may change."""

    def __init__(self, code: CodeState) -> None:
        self.code = code

    async def code_state(self) -> CodeState:
        return self.code


async def carried_out(record: StepRecord, world: World) -> tuple[Finding, Result | None]:
    """A step as the runner takes it: as data, its ground, its write, its proof."""
    step = revive(StepRecord.from_body(json.loads(json.dumps(_body(record)))))
    finding = await step.check(world)
    if finding.ground not in ("holds", "reached"):
        return finding, None
    if record.writes and finding.ground == "holds":
        await step.apply(world)
    return finding, await step.verify(world)


def _body(record: StepRecord) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(record)


def world_of(shelf: Shelf, code: CodeState, writing: bool = True) -> World:
    """A world built by hand: the layer's door, and Azure's word of the code."""
    reader: Any = Reader(code)
    prober: Any = None
    return World(reader, prober, SystemClock(), doors={"embedding": shelf.door(writing=writing)})
