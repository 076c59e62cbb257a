"""A whole run by the runner: recorded first, proven by what was read back, marked, and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from console.clock import SystemClock
from console.domain.intent import Intent
from console.domain.plan import Plan
from console.domain.run import Kind, Outcome
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner, Verdict
from tests.embedding.shelf import LARGE, SIZE, SMALL, Shelf, asks, switched, world_of
from tests.engine.apps import app

CODE = app(asks(41, SMALL), asks(42, SMALL))


async def planned(shelf: Shelf) -> Plan:
    """Without a signal to recover: that is another step's."""
    plan = await shelf.plan(await shelf.snapshot(CODE, switched()))
    return replace(plan, steps=tuple(step for step in plan.steps if step.kind != "see_recovery"))


async def carried(shelf: Shelf, plan: Plan, log: RunLog, writing: bool = True) -> tuple[int, Verdict]:
    clock = SystemClock()
    run = log.prepare("bot")
    log.append(run, Kind.PLANNED, plan=plan.to_json())
    runner = Runner(log, Leases(log, clock), world_of(shelf, CODE, writing), clock)
    return run, await runner.execute(run, plan, "alice")


async def test_a_run_switches_proves_and_marks_what_it_left(shelf: Shelf, tmp_path: Path) -> None:
    shelf.activate("docs_v2")
    log = RunLog(tmp_path / "runs" / "log.db", SystemClock())
    plan = Plan.from_json((await planned(shelf)).to_json())

    run, verdict = await carried(shelf, plan, log)

    kinds = [event.kind for event in log.events(run)]
    assert (verdict.outcome, verdict.note) == (Outcome.VERIFIED, "")
    assert kinds.index(Kind.INTENT) < kinds.index(Kind.ACCEPTED) < kinds.index(Kind.CONFIGURED)
    assert shelf.actives() == ["docs_v1"]
    assert log.history().known_bad(f"index docs_v2 {LARGE} {SIZE}")
    log.close()


async def test_a_second_operator_finds_it_done_and_sends_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.activate("docs_v2")
    log = RunLog(tmp_path / "runs" / "log.db", SystemClock())
    plan = await planned(shelf)
    await carried(shelf, plan, log)

    run, verdict = await carried(shelf, plan, log)

    assert verdict.outcome is Outcome.VERIFIED
    assert "docs_v1 is the active index already since" in verdict.note
    assert Kind.INTENT not in [event.kind for event in log.events(run)]
    log.close()


async def test_where_the_registry_moved_nothing_is_sent(shelf: Shelf, tmp_path: Path) -> None:
    shelf.activate("docs_v2")
    log = RunLog(tmp_path / "runs" / "log.db", SystemClock())
    plan = await planned(shelf)
    shelf.run("UPDATE embedding_indexes SET active = false")

    run, verdict = await carried(shelf, plan, log)

    assert verdict.outcome is Outcome.REFUSED
    assert verdict.note == "the registry moved meanwhile: active is none"
    assert Kind.INTENT not in [event.kind for event in log.events(run)]
    assert shelf.actives() == []
    log.close()


async def test_a_process_that_may_only_read_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.activate("docs_v2")
    log = RunLog(tmp_path / "runs" / "log.db", SystemClock())

    _, verdict = await carried(shelf, await planned(shelf), log, writing=False)

    assert verdict.outcome is Outcome.FAILED
    assert "may only read the registry" in verdict.note
    assert shelf.actives() == ["docs_v2"]
    log.close()


async def test_a_marked_index_is_graded_so_and_a_bad_one_wants_typing(shelf: Shelf, tmp_path: Path) -> None:
    log = RunLog(tmp_path / "runs" / "log.db", SystemClock())
    shelf.activate("docs_v2")
    await carried(shelf, await planned(shelf), log)
    log.mark(f"index docs_v1 {SMALL} {SIZE}", True, "alice", "finds what it should")
    history = log.history()
    back = replace(await shelf.snapshot(app(asks(41, LARGE), asks(42, SMALL))), history=history)
    shelf.activate("docs_v2")
    forth = replace(await shelf.snapshot(CODE, switched()), history=history)

    again = await shelf.plan(back, Intent(layer="embedding", to="docs_v2"))
    good = await shelf.plan(forth)

    assert any(one.sentence.startswith("docs_v2 is known bad: rolled away from") for one in again.refusals)
    assert (good.grade, good.reason) == ("marked", "marked good by alice")
    log.close()
