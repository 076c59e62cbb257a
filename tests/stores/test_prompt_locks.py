"""Real PostgreSQL with others at work: no reader ever sees two active versions or none; who blocks is named."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from contextlib import closing
from typing import Any

import psycopg
import pytest

from console.domain.failure import Failure, FailureKind
from console.stores.prompts import Activation, digest_of
from tests.stores.stocked import TEXTS, Base, reader, stocked, writer

FLIPS = 60
PATIENCE_S = 20.0
MODES = ("flag", "pointer", "sql")


def to(goal: int, former: int) -> Activation:
    return Activation("drug_info", (), (str(former),), str(goal), digest_of(TEXTS["drug_info", goal]))


def active_in(mode: str) -> str:
    if mode == "pointer":
        return "SELECT version FROM active_prompts WHERE name = 'drug_info'"
    return "SELECT version FROM system_prompts WHERE name = 'drug_info' AND is_active"


@pytest.mark.parametrize("mode", MODES)
async def test_no_reader_ever_sees_none_or_two(postgres_url: str, mode: str) -> None:
    """Three readers look all the time while two consoles flip against each other."""
    base = stocked(postgres_url, mode)
    done, seen, wrong = threading.Event(), [0], list[Any]()

    def look() -> None:
        with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
            while not done.is_set():
                found = connection.execute(active_in(mode)).fetchall()
                seen[0] += 1
                if len(found) != 1:
                    wrong.append(found)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for thread in readers:
        thread.start()
    try:
        outcomes = await asyncio.gather(*(flipping(base, mode) for _ in range(2)))
    finally:
        done.set()
        for thread in readers:
            thread.join()
    assert not wrong
    assert seen[0] > FLIPS
    assert sum(outcomes) >= FLIPS


async def flipping(base: Base, mode: str) -> int:
    """Flips to and fro from whatever is active; how many of its flips held."""
    own, look, held = writer(base, mode), reader(base, mode), 0
    while held < FLIPS:
        found = await look.read()
        now = int(next(one for one in found.prompts if one.name == "drug_info").active[0])
        try:
            await own.activate(to(6 if now == 7 else 7, now))
            held += 1
        except Failure as failure:
            if failure.kind is not FailureKind.CONFLICT:
                raise
    return held


async def test_two_consoles_that_want_the_same_flip_do_it_once(postgres_url: str) -> None:
    base = stocked(postgres_url)
    outcomes = await asyncio.gather(*(writer(base).activate(to(6, 7)) for _ in range(4)), return_exceptions=True)
    assert outcomes.count(None) == 1
    refused = [one for one in outcomes if one is not None]
    assert all("drug_info moved meanwhile: active is 6" in str(one) for one in refused)
    assert base.active() == [6]


async def test_who_blocks_is_named_when_the_lock_is_not_given(postgres_url: str) -> None:
    base = stocked(postgres_url)
    with closing(psycopg.connect(postgres_url, application_name="bob-psql")) as blocker:
        blocker.execute("UPDATE system_prompts SET content = 'secret-in-a-query' WHERE version = 7")
        started = time.monotonic()
        with pytest.raises(Failure) as raised:
            await writer(base).activate(to(6, 7))
        took_s = time.monotonic() - started
        pid = blocker.info.backend_pid
    assert raised.value.kind is FailureKind.CONFLICT
    told = rf"pid {pid} \(bob-psql, postgres, idle in transaction for \d+ s\) holds system_prompts"
    assert re.search(told, raised.value.sentence)
    assert "secret-in-a-query" not in raised.value.sentence
    assert 1.8 < took_s < 4
    assert base.active() == [7]


async def test_a_deploy_that_was_under_way_first_is_seen_and_nothing_is_changed(postgres_url: str) -> None:
    """Another writer holds the rows, makes version 8 active, and commits while the flip waits."""
    base = stocked(postgres_url)
    with closing(psycopg.connect(postgres_url)) as deploy:
        deploy.execute("UPDATE system_prompts SET is_active = false WHERE name = 'drug_info'")
        deploy.execute("INSERT INTO system_prompts VALUES ('drug_info', 8, 'new', true, now(), 'ci')")
        flip = asyncio.create_task(writer(base).activate(to(6, 7)))
        await waiting(postgres_url)
        deploy.commit()
        with pytest.raises(Failure, match="drug_info moved meanwhile: active is 8; nothing was changed"):
            await flip
    assert base.active() == [8]


async def waiting(url: str) -> None:
    """Until some session of the database waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(PATIENCE_S):
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            while connection.execute(query).fetchone() == (0,):
                await asyncio.sleep(0.01)


async def test_a_statement_that_takes_too_long_is_ended_and_nothing_is_changed(postgres_url: str) -> None:
    base = stocked(postgres_url)
    base.run(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"
    )
    base.run("CREATE TRIGGER slow BEFORE UPDATE ON system_prompts FOR EACH ROW EXECUTE FUNCTION slow()")
    with pytest.raises(Failure, match="it took longer than it may") as raised:
        await writer(base).activate(to(6, 7))
    assert raised.value.nothing_changed
    assert base.active() == [7]


async def test_a_login_that_may_only_read_is_told_so(postgres_url: str) -> None:
    base = stocked(postgres_url)
    role = f"reader_{postgres_url.rpartition('test_')[2][:12]}"
    base.run(f"CREATE ROLE {role} LOGIN")
    base.run(f"GRANT SELECT ON system_prompts TO {role}")
    try:
        own = Base(postgres_url.replace("postgres@", f"{role}@"))
        access = await reader(own).access()
        assert (access.may_write, access.standby, access.table) == (False, False, "system_prompts")
        with pytest.raises(Failure) as raised:
            await writer(own).activate(to(6, 7))
        assert raised.value.kind is FailureKind.NOT_ALLOWED
    finally:
        base.run(f"REVOKE ALL ON system_prompts FROM {role}")
        base.run(f"DROP ROLE {role}")


async def test_a_connection_lost_while_committing_leaves_the_outcome_open(postgres_url: str) -> None:
    """A deferred trigger holds the commit, and the server ends the session in the middle of it."""
    base = stocked(postgres_url)
    base.run(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NEW; END $$"
    )
    base.run(
        "CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON system_prompts DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    flip = asyncio.create_task(writer(base).activate(to(6, 7)))
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query ~* 'commit'"
    )
    async with asyncio.timeout(PATIENCE_S):
        with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
            while not connection.execute(query).fetchall():
                await asyncio.sleep(0.02)
    with pytest.raises(Failure, match="the connection was lost while committing") as raised:
        await flip
    assert raised.value.kind is FailureKind.UNKNOWN
    assert base.active() == [7]


async def test_a_table_that_is_never_filled_is_empty_and_not_wrong(postgres_url: str) -> None:
    base = stocked(postgres_url)
    base.run("DELETE FROM system_prompts")
    assert (await reader(base).read()).prompts == ()
