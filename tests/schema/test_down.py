"""A down script on real databases: all of it or nothing, bounded, fenced by the head, and read back."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Plan, Risk
from console.layers.schema.door import SchemaDoor
from console.steps import revive
from console.steps.run_down import RunDown, fewer
from console.steps.step import End, Ground
from tests.schema.migrating import (
    CREATED,
    DOWN_SQL,
    DROPPED,
    RENAMED,
    changed,
    columns,
    database_url,
    head,
    migrations,
    opened,
    planned,
    run,
    settings,
    upgrade,
    world,
)


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres(postgres_url: str, tmp_path: Path) -> str:
    """A PostgreSQL whose leaflets were renamed by a migration, with two rows."""
    upgrade(migrations(tmp_path), postgres_url, RENAMED)
    run(postgres_url, "INSERT INTO leaflets (id, dosage_mg) VALUES (1, '5'), (2, '10')")
    return postgres_url


def door_to(url: str, home: Path, **schema: Any) -> tuple[SchemaDoor, Any]:
    target = settings(home, url="env:DB", counts=("leaflets",), scripts="migrations/versions", **schema)
    return opened(target, {"DB": url}), target


def down_of(plan: Plan) -> RunDown:
    step = revive(next(one for one in plan.steps if one.kind == "run_down"))
    assert isinstance(step, RunDown)
    return step


async def plan_down(url: str, home: Path, **schema: Any) -> tuple[SchemaDoor, Plan]:
    door, target = door_to(url, home, **{"down_sql": DOWN_SQL} | schema)
    with database_url(url):
        return door, await planned(door, target, changed(CREATED, RENAMED))


async def test_a_printed_script_takes_the_schema_down_and_the_head_is_read_back(url: str, tmp_path: Path) -> None:
    upgrade(migrations(tmp_path), url, RENAMED)
    run(url, "INSERT INTO leaflets (id, dosage_mg) VALUES (1, '5'), (2, '10')")
    door, plan = await plan_down(url, tmp_path)
    step, around = down_of(plan), world(door)
    assert (await step.check(around)).ground is Ground.HOLDS
    await step.apply(around)
    result = await step.verify(around)
    assert result.end is End.DONE
    assert result.detail == f"head {CREATED} read back; leaflets 2 → 2 rows"
    assert (head(url), columns(url)) == (CREATED, {"id", "dosage", "note"})
    assert (await step.check(around)).ground is Ground.REACHED


async def test_the_plan_shows_the_whole_script_and_what_it_may_lose(postgres: str, tmp_path: Path) -> None:
    _, plan = await plan_down(postgres, tmp_path)
    assert plan.refusals == ()
    assert (plan.way, plan.goal, plan.origin) == ("down", f"head {CREATED}", (f"head {RENAMED}",))
    assert plan.risk is Risk.LOSSY
    assert "DROP COLUMN unit" in plan.passages[0].text
    assert "dosage_mg TO dosage" in plan.passages[0].text
    assert "BEGIN" in plan.passages[0].text
    step = down_of(plan)
    assert not any(one.startswith(("BEGIN", "COMMIT")) for one in step.statements)
    assert any("ALTER TABLE LEAFLETS DROP COLUMN UNIT" in note.text for note in plan.checked if not note.ok)
    assert f"-m alembic downgrade {RENAMED}:{CREATED} --sql > " in plan.by_hand
    assert 'psql "$DB"' in plan.by_hand


@contextmanager
def holding(url: str) -> Iterator[int]:
    """Somebody's session that read the leaflets and then went for coffee."""
    with psycopg.connect(url, application_name="psql") as connection:
        connection.execute("SELECT * FROM leaflets")
        yield connection.info.backend_pid


async def test_a_lock_is_waited_for_briefly_and_its_holder_is_named(postgres: str, tmp_path: Path) -> None:
    door, plan = await plan_down(postgres, tmp_path, lock_s=0.2)
    with holding(postgres) as pid, pytest.raises(Failure) as caught:
        await down_of(plan).apply(world(door))
    assert caught.value.kind is FailureKind.CONFLICT
    assert caught.value.nothing_changed
    assert f"pid {pid} (psql, postgres, idle in transaction for 0 s) holds leaflets" in caught.value.sentence
    assert (head(postgres), "dosage_mg" in columns(postgres)) == (RENAMED, True)


async def test_whoever_holds_a_lock_is_shown_before_the_confirmation(postgres: str, tmp_path: Path) -> None:
    with holding(postgres) as pid:
        _, plan = await plan_down(postgres, tmp_path)
    assert any(f"pid {pid}" in note.text and not note.ok for note in plan.checked)


async def test_a_statement_that_takes_too_long_is_taken_back(postgres: str, tmp_path: Path) -> None:
    slow = tmp_path / "slow.sql"
    slow.write_text(
        "ALTER TABLE leaflets DROP COLUMN unit;\nSELECT pg_sleep(20);\n"
        f"UPDATE alembic_version SET version_num = '{CREATED}';\n"
    )
    door, plan = await plan_down(postgres, tmp_path, down_sql="sed s/{current}/{target}/ slow.sql", statement_s=0.2)
    with pytest.raises(Failure, match="took longer"):
        await down_of(plan).apply(world(door))
    assert (head(postgres), "unit" in columns(postgres)) == (RENAMED, True)


async def test_a_script_that_fails_half_way_leaves_everything_as_it_was(url: str, tmp_path: Path) -> None:
    upgrade(migrations(tmp_path), url, RENAMED)
    (tmp_path / "bad.sql").write_text(
        "ALTER TABLE leaflets RENAME dosage_mg TO dosage;\nALTER TABLE nowhere ADD COLUMN a int;\n"
        f"UPDATE alembic_version SET version_num = '{CREATED}';\n"
    )
    door, plan = await plan_down(url, tmp_path, down_sql="sed s/{current}/{target}/ bad.sql")
    with pytest.raises(Failure, match=r"nowhere|table does not exist"):
        await down_of(plan).apply(world(door))
    assert (head(url), "dosage_mg" in columns(url)) == (RENAMED, True)


async def test_percent_signs_and_colons_reach_the_database_as_they_are(url: str, tmp_path: Path) -> None:
    upgrade(migrations(tmp_path), url, RENAMED)
    run(url, "INSERT INTO leaflets (id, dosage_mg) VALUES (1, '5')")
    (tmp_path / "odd.sql").write_text(
        "UPDATE leaflets SET unit = '100 %% :unit %(a)s %s ? $1';\n"
        f"UPDATE alembic_version SET version_num = '{CREATED}';\n"
    )
    door, plan = await plan_down(url, tmp_path, down_sql="sed s/{current}/{target}/ odd.sql")
    await down_of(plan).apply(world(door))
    assert run(url, "SELECT unit FROM leaflets") == [("100 %% :unit %(a)s %s ? $1",)]


async def test_a_script_that_leads_elsewhere_is_rolled_back(url: str, tmp_path: Path) -> None:
    upgrade(migrations(tmp_path), url, RENAMED)
    (tmp_path / "else.sql").write_text(
        "ALTER TABLE leaflets RENAME dosage_mg TO dosage;\nUPDATE alembic_version SET version_num = 'ffff';\n"
    )
    door, plan = await plan_down(url, tmp_path, down_sql="sed s/{current}/{target}/ else.sql")
    with pytest.raises(Failure, match=f"would be ffff instead of {CREATED}: all of it was rolled back"):
        await down_of(plan).apply(world(door))
    assert (head(url), "dosage_mg" in columns(url)) == (RENAMED, True)


async def test_a_head_that_moved_meanwhile_is_refused_before_and_within_the_transaction(
    url: str, tmp_path: Path
) -> None:
    upgrade(migrations(tmp_path), url, RENAMED)
    door, plan = await plan_down(url, tmp_path)
    upgrade(tmp_path, url, DROPPED)
    step, around = down_of(plan), world(door)
    finding = await step.check(around)
    assert (finding.ground, DROPPED in finding.detail) == (Ground.MOVED, True)
    with pytest.raises(Failure, match=f"was {DROPPED} instead of {RENAMED}: nothing was run"):
        await step.apply(around)
    assert (head(url), "dosage_mg" in columns(url)) == (DROPPED, True)


async def test_a_contract_step_is_refused_by_its_name(postgres: str, tmp_path: Path) -> None:
    upgrade(tmp_path, postgres, DROPPED)
    door, target = door_to(postgres, tmp_path, down_sql=DOWN_SQL)
    with database_url(postgres):
        plan = await planned(door, target, changed(RENAMED, DROPPED))
    assert plan.refused is not None
    assert plan.refused.sentence.startswith(f"{DROPPED} (drop note) dropped data on its way up")
    assert plan.steps == ()


async def test_a_script_that_cannot_run_in_a_transaction_is_refused_with_a_sentence(
    postgres: str, tmp_path: Path
) -> None:
    (tmp_path / "index.sql").write_text("CREATE INDEX CONCURRENTLY x ON leaflets (id);\n")
    _, plan = await plan_down(postgres, tmp_path, down_sql="sed s/{current}/{target}/ index.sql")
    assert plan.refused is not None
    assert "CONCURRENTLY cannot run in a transaction" in plan.refused.sentence


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false {target}", "ended with 1"),
        ("no-such-command {target}", "does not start"),
        ("sleep 30{target}", "did not end within 0 s"),
        ("true {target}", "printed no script"),
    ],
)
async def test_a_command_that_prints_nothing_is_a_refusal(tmp_path: Path, command: str, said: str) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    bound = 0.05 if "sleep" in command else 20
    door, target = door_to(url, tmp_path, down_sql=command, command_s=bound)
    change = changed("1" if "sleep" in command else CREATED, RENAMED)
    plan = await planned(door, target, change)
    assert plan.refused is not None
    assert any(said in one.sentence for one in plan.refusals)


async def test_a_script_with_hidden_characters_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    (tmp_path / "hidden.sql").write_text("ALTER TABLE leaflets\u202e ADD a int;\n")
    _, plan = await plan_down(url, tmp_path, down_sql="sed s/{current}/{target}/ hidden.sql")
    assert plan.refused is not None
    assert "control or invisible characters" in plan.refused.sentence


async def test_a_console_of_its_own_cannot_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    _, plan = await plan_down(url, tmp_path)
    reading = opened(settings(tmp_path, url="env:DB"), {"DB": url}, writing=False)
    assert reading.down is None
    assert reading.actions is None
    with pytest.raises(Failure) as caught:
        await down_of(plan).apply(world(reading))
    assert caught.value.kind is FailureKind.NOT_ALLOWED


async def test_a_second_runner_finds_the_head_moved_and_runs_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    door, plan = await plan_down(url, tmp_path)
    other, _ = door_to(url, tmp_path)
    await down_of(plan).apply(world(door))
    with pytest.raises(Failure, match="nothing was run"):
        await down_of(plan).apply(world(other))


async def test_a_hostile_head_can_move_no_cursor(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    run(url, "UPDATE alembic_version SET version_num = 'a' || char(27) || '[2Jb'")
    door, plan = await plan_down(url, tmp_path)
    assert (await door.observe(None)).heads == ("a\\x1b[2Jb",)
    assert "\x1b" not in plan.to_json()


async def test_several_heads_are_shown_and_nothing_is_chosen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    run(url, "INSERT INTO alembic_version VALUES ('aaaa')")
    door, plan = await plan_down(url, tmp_path)
    state = await door.observe(None)
    assert state.heads == (RENAMED, "aaaa")
    assert plan.refused is not None
    assert plan.refused.sentence == f"there is no one head to go down from: {RENAMED}, aaaa"


async def test_a_busy_sqlite_is_waited_for_briefly(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    door, plan = await plan_down(url, tmp_path, lock_s=0.1)
    busy, free = threading.Event(), threading.Event()

    def write() -> None:
        with sqlite3.connect(tmp_path / "service.db", isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            busy.set()
            free.wait(20)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=write)
    thread.start()
    busy.wait(20)
    try:
        with pytest.raises(Failure) as caught:
            await down_of(plan).apply(world(door))
    finally:
        free.set()
        thread.join()
    assert caught.value.kind is FailureKind.CONFLICT


@pytest.mark.skipif(shutil.which("psql") is None or shutil.which("sqlite3") is None, reason="no psql or no sqlite3")
async def test_what_is_printed_to_do_by_hand_does_what_the_step_does(url: str, tmp_path: Path) -> None:
    upgrade(migrations(tmp_path), url, RENAMED)
    run(url, "INSERT INTO leaflets (id, dosage_mg) VALUES (1, '5')")
    written = {"url": url} if url.startswith("sqlite") else {}
    door, target = door_to(url, tmp_path, down_sql=DOWN_SQL)
    target = settings(tmp_path, **{"url": "env:DB", "counts": ("leaflets",), "down_sql": DOWN_SQL} | written)
    with database_url(url):
        plan = await planned(door, target, changed(CREATED, RENAMED))
        done = await asyncio.create_subprocess_exec(
            "bash", "-euo", "pipefail", "-c", plan.by_hand, env={**os.environ, "DB": url}
        )
        assert await done.wait() == 0
    assert (head(url), columns(url)) == (CREATED, {"id", "dosage", "note"})
    assert (await down_of(plan).check(world(door))).ground is Ground.REACHED


def test_rows_that_are_gone_are_noticed_by_table() -> None:
    before = (("leaflets", 10), ("prompts", 9), ("unknown", None))

    assert fewer(before, (("leaflets", 0), ("prompts", 9), ("unknown", 3))) == "leaflets"
    assert fewer(before, (("leaflets", None), ("prompts", 12))) == ""
