"""Doctor: what the database of the prompts lets us do, and the exact GRANT for what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg

from console.domain.intent import Intent
from console.setup.check import Check, State
from console.setup.prompt_checks import prompt_checks
from tests.layers.prompted import Desk, revived
from tests.stores.postgres import postgres_server, postgres_url
from tests.stores.stocked import Base, called, sqlite, stocked

__all__ = ["postgres_server", "postgres_url"]


async def asked(desk: Desk) -> dict[str, Check]:
    found = await prompt_checks(desk.settings, desk.door, desk.clock)
    await desk.close()
    return {check.id: check for check in found}


async def test_what_works_is_said_to(tmp_path: Path) -> None:
    base = stocked(sqlite(tmp_path))
    called(base, [(datetime.now(UTC).isoformat(), "drug_info", 7), (datetime.now(UTC).isoformat(), None, None)])
    found = await asked(Desk(base))
    assert found["read-prompts"].state is State.PASS
    assert found["read-prompts"].detail == "2 of them, 4 versions, in system_prompts"
    assert found["write-prompts"].state is State.PASS
    assert found["write-prompts"].detail == "this account may write system_prompts; not tried"
    assert (found["read-calls"].state, found["read-calls"].detail) == (
        State.WARN,
        "1 of 2 calls within a day name a version",
    )


async def test_a_grant_that_is_missing_is_printed_and_enough(postgres_url: str) -> None:
    base = stocked(postgres_url)
    role = f"reader_{postgres_url.rpartition('test_')[2][:12]}"
    base.run("ALTER TABLE system_prompts ADD COLUMN activated_at {moment}")
    base.run(f"CREATE ROLE {role} LOGIN")
    base.run(f"GRANT SELECT ON system_prompts TO {role}")
    own = Base(postgres_url.replace("postgres@", f"{role}@"))
    try:
        missing = (await asked(Desk(own, logged=False)))["write-prompts"]
        assert (missing.state, missing.detail) == (State.FAIL, f"{role} may not write system_prompts")
        with psycopg.connect(postgres_url) as owner:
            owner.execute(missing.fix.encode())
        desk = Desk(own, logged=False)
        plan = await desk.plan(await desk.snapshot(), Intent(layer="prompt", item="drug_info", to="6"))
        assert plan.refused is None
        await revived(plan, "flip_prompt").apply(desk.world())
        assert base.active() == [6]
        assert (await asked(desk))["write-prompts"].state is State.PASS
    finally:
        base.run(f"REVOKE ALL ON system_prompts FROM {role}")
        base.run(f"REVOKE UPDATE (is_active, activated_at) ON system_prompts FROM {role}")
        base.run(f"DROP ROLE {role}")


async def test_prompts_without_an_active_version_and_a_missing_log_are_weak(tmp_path: Path) -> None:
    base = stocked(sqlite(tmp_path))
    base.run("UPDATE system_prompts SET is_active = (1 = 0) WHERE name = 'triage'")
    found = await asked(Desk(base, logged=False))
    assert (found["read-prompts"].state, found["read-prompts"].detail) == (
        State.WARN,
        "triage: no version is active",
    )
    assert found["read-calls"].state is State.WARN
    assert "a cache may hold an old version for 60 s" in found["read-calls"].detail
