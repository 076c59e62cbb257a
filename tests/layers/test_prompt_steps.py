"""A prompt's flip and its proof as the runner takes them: ground, one write, read back, and what the calls say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.clock import SystemClock
from console.domain.failure import Failure, FailureKind
from console.domain.plan import Plan
from console.domain.run import Kind, Outcome
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner
from console.steps.flip_prompt import FlipPrompt
from console.steps.prove_prompt import ProvePrompt
from console.steps.step import End, Ground, World
from tests.layers.prompted import Desk, changed, revived
from tests.stores.stocked import Base, called, sqlite, stocked


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(stocked(sqlite(tmp_path)), cache_ttl_s=10)
    yield desk
    await desk.close()


async def flip(desk: Desk) -> FlipPrompt:
    step = revived(await desk.plan(await desk.snapshot(changed())), "flip_prompt")
    assert isinstance(step, FlipPrompt)
    return step


def activate(base: Base, version: int) -> None:
    base.run("UPDATE system_prompts SET is_active = (1 = 0) WHERE name = 'drug_info'")
    base.run(f"UPDATE system_prompts SET is_active = (1 = 1) WHERE name = 'drug_info' AND version = {version}")


async def test_a_flip_is_checked_sent_once_and_read_back(desk: Desk) -> None:
    step, world = await flip(desk), desk.world()
    assert (await step.check(world)).ground is Ground.HOLDS
    await step.apply(world)
    result = await step.verify(world)
    assert (result.end, result.detail) == (End.DONE, "read back: drug_info v6 is active")
    assert desk.base.active() == [6]
    assert [kind for kind, _ in desk.told] == [Kind.ACCEPTED, Kind.CONFIGURED]


async def test_the_inverse_brings_the_former_version_back(desk: Desk) -> None:
    step, world = await flip(desk), desk.world()
    await step.apply(world)
    back = step.invert()
    assert back is not None
    assert (await back.check(world)).ground is Ground.HOLDS
    await back.apply(world)
    assert (await back.verify(world)).end is End.DONE
    assert desk.base.active() == [7]


async def test_what_moved_is_told_and_what_is_reached_is_not_sent_again(desk: Desk) -> None:
    step, world = await flip(desk), desk.world()
    activate(desk.base, 5)
    found = await step.check(world)
    assert (found.ground, found.detail) == (Ground.MOVED, "drug_info moved meanwhile: active is v5 now")
    activate(desk.base, 6)
    found = await step.check(world)
    assert (found.ground, found.detail) == (Ground.REACHED, "drug_info v6 serves already")
    desk.base.run("UPDATE system_prompts SET content = 'edited in place' WHERE version = 6")
    found = await step.check(world)
    assert (found.ground, found.detail) == (
        Ground.MOVED,
        "the text of drug_info v6 is not the one that was shown",
    )
    desk.base.run("DELETE FROM system_prompts WHERE version = 6")
    assert (await step.check(world)).detail == "drug_info v6 does not exist any more"


async def test_a_process_that_may_only_read_has_nothing_to_write_with(desk: Desk) -> None:
    step = await flip(desk)
    assert desk.door.writer is None
    with pytest.raises(Failure) as raised:
        await step.apply(desk.world(writing=False))
    assert raised.value.kind is FailureKind.NOT_ALLOWED
    assert desk.base.active() == [7]


async def test_a_flip_that_did_not_take_effect_is_read_back_as_such(desk: Desk) -> None:
    step, world = await flip(desk), desk.world()
    result = await step.verify(world)
    assert (result.end, result.detail) == (End.FAILED, "read back: active is v7, not v6")


async def test_a_flip_whose_answer_was_lost_is_unknown_and_never_called_failed(desk: Desk) -> None:
    step, world = await flip(desk), desk.world()
    world.unsure = True
    assert (await step.verify(world)).end is End.UNKNOWN


async def test_a_commit_that_arrives_late_is_waited_for(desk: Desk) -> None:
    step, world = await flip(desk), desk.world()
    desk.clock.then = lambda at: activate(desk.base, 6)
    assert (await step.verify(world)).end is End.DONE


async def test_a_lock_held_by_another_process_ends_the_flip_unchanged(desk: Desk) -> None:
    step = await flip(desk)
    other = desk.base.connect()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Failure, match="database is locked") as raised:
        await step.apply(desk.world())
    other.close()
    assert raised.value.kind is FailureKind.CONFLICT
    assert desk.base.active() == [7]


async def proof(desk: Desk, world: World, traffic: Any) -> tuple[End, str]:
    """The proof while `traffic(seconds since the flip)` says which versions were called in that second."""
    step = ProvePrompt("drug_info", "drug_info", "6", ("7",), 10.0)
    start, place = desk.clock.now(), [0]

    def comes(at: Any) -> None:
        for version in traffic((at - start).total_seconds()):
            place[0] += 1
            stamp = (at - timedelta(milliseconds=500)).isoformat()
            called(desk.base, [(stamp, "drug_info", version)])

    desk.clock.then = comes
    result = await step.verify(world)
    return result.end, result.detail


async def test_calls_that_name_the_new_version_prove_it_once_no_cache_may_hold_the_old_one(desk: Desk) -> None:
    end, detail = await proof(desk, desk.world(), lambda second: [7] if second < 8 else [6])
    assert end is End.DONE
    assert detail == "3 calls in a row name v6 after 10 s, when no cache may hold the old one"
    assert "the cache may hold v7 until" in str(desk.told[0])
    assert desk.told[-1][0] is Kind.SERVING


async def test_very_many_calls_in_a_row_prove_it_before_that(desk: Desk) -> None:
    end, detail = await proof(desk, desk.world(), lambda second: [6] * 20)
    assert (end, detail) == (End.DONE, "80 calls in a row name v6")


async def test_a_service_that_goes_on_with_the_old_version_is_told(desk: Desk) -> None:
    end, detail = await proof(desk, desk.world(), lambda second: [7])
    assert end is End.FAILED
    assert detail.startswith("it does not serve: ")
    assert "calls name v7 after 10 s" in detail


async def test_one_replica_that_holds_on_is_no_proof(desk: Desk) -> None:
    end, detail = await proof(desk, desk.world(), lambda second: [7, 6])
    assert end is End.UNPROVEN
    assert "calls do not name v6" in detail


async def test_without_calls_nothing_is_proven(desk: Desk) -> None:
    end, detail = await proof(desk, desk.world(), lambda second: [])
    assert (end, detail) == (
        End.UNPROVEN,
        "serving not proven: no calls came after 10 s, when no cache may hold the old one; "
        "the cache may hold v7 for 10 s",
    )


async def test_a_call_log_that_cannot_be_read_proves_nothing_and_says_why(desk: Desk) -> None:
    desk.base.run("DROP TABLE llm_calls")
    end, detail = await proof_without_log(desk)
    assert end is End.UNPROVEN
    assert detail.startswith("serving not proven: the call log: ")


async def proof_without_log(desk: Desk) -> tuple[End, str]:
    result = await ProvePrompt("drug_info", "drug_info", "6", ("7",), 10.0).verify(desk.world())
    return result.end, result.detail


async def test_without_a_call_log_the_cache_is_named(tmp_path: Path) -> None:
    desk = Desk(stocked(sqlite(tmp_path)), logged=False)
    end, detail = await proof_without_log(desk)
    assert (end, detail) == (
        End.UNPROVEN,
        "serving not proven: the call log is not configured; the cache may hold v7 for 10 s",
    )
    await desk.close()


@pytest.mark.parametrize("mode", ["flag", "pointer", "sql"])
async def test_a_whole_run_turns_the_prompt_and_marks_what_it_left(
    postgres_url: str, tmp_path: Path, mode: str
) -> None:
    desk = Desk(stocked(postgres_url, mode), mode, logged=False)
    plan = await desk.plan(await desk.snapshot(changed()))
    plan = replace(plan, steps=tuple(step for step in plan.steps if step.kind != "see_recovery"))
    log = RunLog(tmp_path / "runs" / "log.db", SystemClock())
    run = log.prepare("bot")
    log.append(run, Kind.PLANNED, plan=plan.to_json())
    runner = Runner(log, Leases(log, SystemClock()), desk.world(), SystemClock())
    verdict = await runner.execute(run, Plan.from_json(plan.to_json()), "alice")
    assert verdict.outcome is Outcome.UNPROVEN
    state = (await desk.snapshot()).prompt.state
    assert state is not None
    assert state.prompts[0].active == ("6",)
    assert log.history().known_bad("drug_info 7")
    log.close()
    await desk.close()
