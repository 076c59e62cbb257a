"""A small service's database under real Alembic migrations, and a console's door to it."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import sqlalchemy

from console.clock import SystemClock
from console.config.settings import TargetSettings
from console.domain.change import Baseline, Change, Changes, Suspect
from console.domain.code import CodeState
from console.domain.good import Choice, History
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.schema import SchemaState
from console.domain.snapshot import ABSENT, Environment, Layer, LayerStatus, Snapshot
from console.layers.layer import Tools
from console.layers.planning import Findings
from console.layers.schema import LAYER
from console.layers.schema.door import SchemaDoor
from console.steps.step import World

CREATED, RENAMED, DROPPED = "8c1d02", "4f2a91", "77aa00"
NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
SCRIPTS = {
    CREATED: (None, "create leaflets", """
        op.create_table("leaflets", sa.Column("id", sa.Integer, primary_key=True), sa.Column("dosage", sa.Text),
                        sa.Column("note", sa.Text))
        """, 'op.drop_table("leaflets")'),
    RENAMED: (CREATED, "rename dosage", """
        op.alter_column("leaflets", "dosage", new_column_name="dosage_mg")
        op.add_column("leaflets", sa.Column("unit", sa.Text))
        """, """
        op.drop_column("leaflets", "unit")
        op.alter_column("leaflets", "dosage_mg", new_column_name="dosage")
        """),
    DROPPED: (RENAMED, "drop note", 'op.drop_column("leaflets", "note")',
              'op.add_column("leaflets", sa.Column("note", sa.Text))'),
}  # fmt: skip
ENV = """
import os
from alembic import context
from sqlalchemy import create_engine
url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
DOWN_SQL = f"{sys.executable} -m alembic downgrade {{current}}:{{target}} --sql"


def migrations(folder: Path) -> Path:
    """An Alembic environment in `folder`; its URL comes from DATABASE_URL."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (folder / "migrations" / "env.py").write_text(ENV)
    for revision, (down, title, up, back) in SCRIPTS.items():
        body = "\n".join(
            (
                f'"""{title}"""',
                "import sqlalchemy as sa",
                "from alembic import op",
                f"revision = {revision!r}",
                f"down_revision = {down!r}",
                "def upgrade() -> None:",
                textwrap.indent(textwrap.dedent(up).strip(), "    "),
                "def downgrade() -> None:",
                textwrap.indent(textwrap.dedent(back).strip(), "    "),
            )
        )
        (versions / f"{revision}.py").write_text(f"{body}\n")
    return folder


@contextmanager
def database_url(url: str) -> Iterator[None]:
    before = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = url
    try:
        yield
    finally:
        os.environ.pop("DATABASE_URL")
        if before is not None:
            os.environ["DATABASE_URL"] = before


def upgrade(folder: Path, url: str, to: str) -> None:
    """Migrates up, as the service's own deployment does."""
    from alembic import command
    from alembic.config import Config

    config = Config(folder / "alembic.ini")
    config.set_main_option("script_location", str(folder / "migrations"))
    with database_url(url):
        command.upgrade(config, to)


def run(url: str, *statements: str) -> list[Any]:
    """Runs statements, each committed, and gives the rows of the last."""
    address = url.replace("postgresql://", "postgresql+psycopg://")
    engine = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT" if "postgres" in url else None)
    rows: list[Any] = []
    with engine.connect() as connection:
        for statement in statements:
            found = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in found] if found.returns_rows else []
        connection.commit()
    engine.dispose()
    return rows


def columns(url: str) -> set[str]:
    """The columns of the leaflets."""
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        return {str(one["name"]) for one in sqlalchemy.inspect(engine).get_columns("leaflets")}
    finally:
        engine.dispose()


def head(url: str) -> str:
    return str(run(url, "SELECT version_num FROM alembic_version")[0][0])


def settings(home: Path | str = "", **schema: Any) -> TargetSettings:
    """A rehearsal target with a schema; `schema` are its keys."""
    body: dict[str, Any] = {
        "environment": "rehearsal",
        "azure": {
            "subscription": "00000000-0000-0000-0000-000000000001",
            "resource_group": "pharmabot-rg",
            "credential": "rehearsal",
            "endpoint": "http://127.0.0.1:1",
        },
        "code": {"container_app": "pharmabot", "expects_env": {"schema": "SCHEMA_HEAD"}},
        "schema": schema,
        "home": str(home),
    }
    return TargetSettings.model_validate(body)


def opened(target: TargetSettings, environment: Mapping[str, str], *, writing: bool = True) -> SchemaDoor:
    nothing = cast(Any, None)
    return LAYER.open(Tools("pharmabot", target, SystemClock(), nothing, None, environment, writing, nothing))


def changed(before: str, after: str, at: datetime | None = None) -> Changes:
    """The schema went from one head to another."""
    change = Change("schema", "head", before, after, at, "ci", "the test")
    return Changes(Baseline(why="known good"), (Suspect(change, 1, 1.0, "it changed last"),))


def snapshot(state: SchemaState, changes: Changes | None = None, code: CodeState | None = None) -> Snapshot:
    layer = Layer(LayerStatus.OK, code, NOW) if code is not None else ABSENT
    return Snapshot(
        target="pharmabot",
        environment=Environment.REHEARSAL,
        at=NOW,
        code=layer,
        history=History(),
        choice=Choice(None, "nothing"),
        layers={"schema": Layer(LayerStatus.OK, state, NOW)},
        changes=changes or Changes(),
    )


@dataclass
class Told:
    """What a run was told."""

    words: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, kind: Any, **body: Any) -> None:
        self.words.append((str(kind), str(body.get("detail", ""))))


def world(door: SchemaDoor) -> World:
    nothing = cast(Any, None)
    return World(nothing, nothing, SystemClock(), doors={"schema": door}, tell=Told())


async def planned(
    door: SchemaDoor, target: TargetSettings, changes: Changes | None = None, intent: Intent | None = None
) -> Plan:
    """The plan as the console makes it: observed, looked at, planned."""
    wanted = intent or Intent(layer="schema")
    taken = snapshot(await door.observe(None), changes)
    looked = await door.look(taken, wanted)
    return LAYER.plan(target, taken, wanted, Findings(looked={"schema": looked}))
