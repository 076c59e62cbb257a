"""The runner as a process of its own: who may die when, and what is found afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.desk import Desk, Refused
from console.domain.plan import Plan
from console.domain.run import Event, Kind, Outcome, Run
from console.launch import Prepared
from console.open_desk import Wanted, open_desk
from console.record.lease import Leases
from tests.cli.rehearsal import ROOT, Rehearsal, eventually, rehearsal

READY = (Kind.READY,)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path) as found:
        yield found


@pytest.fixture
def desk(stage: Rehearsal) -> Iterator[Desk]:
    with opened(stage) as found:
        yield found


class opened:
    """A desk on the stage, and every runner it started ended with it."""

    def __init__(self, stage: Rehearsal) -> None:
        self.desk = open_desk(Wanted(stage.config), os.environ, stage.config.parent)

    def __enter__(self) -> Desk:
        return self.desk

    def __exit__(self, *details: object) -> None:
        asyncio.run(self.desk.close())


def plan_of(stage: Rehearsal) -> Plan:
    """A plan from a fresh reading, by a console of its own."""

    async def act() -> Plan:
        desk = open_desk(Wanted(stage.config), os.environ, stage.config.parent)
        try:
            await desk.once()
            return await desk.propose()
        finally:
            await desk.close()

    return asyncio.run(act())


def offered(stage: Rehearsal, desk: Desk) -> Prepared:
    """A runner that is warm and has the plan before it."""
    prepared = desk.prepare()
    eventually(lambda: desk.run(prepared.run_id) if _ready(desk, prepared.run_id) else None, "a warm runner")
    prepared.offer(plan_of(stage))
    return prepared


def _ready(desk: Desk, run_id: int) -> bool:
    run = desk.run(run_id)
    return run is not None and run.ready


def events(desk: Desk, run_id: int) -> tuple[Event, ...]:
    assert desk._log is not None
    return desk._log.events(run_id)


def runner_pid(desk: Desk, run_id: int) -> int:
    return int(next(event.body["pid"] for event in reversed(events(desk, run_id)) if "pid" in event.body))


def ended(desk: Desk, run_id: int) -> Run:
    def look() -> Run | None:
        run = desk.run(run_id)
        return run if run is not None and run.outcome is not None else None

    return eventually(look, lambda: f"an outcome of {[str(event.kind) for event in events(desk, run_id)]}")


def kill(prepared: Prepared) -> None:
    prepared._process.send_signal(signal.SIGKILL)
    prepared._process.wait()


def happened(desk: Desk, run_id: int, kind: Kind) -> bool:
    return any(event.kind is kind for event in events(desk, run_id))


def test_a_warm_runner_has_proved_its_credentials_and_sent_nothing(stage: Rehearsal, desk: Desk) -> None:
    prepared = offered(stage, desk)

    run = desk.run(prepared.run_id)
    assert run is not None
    assert run.principal == "rehearsal"
    assert not run.open
    assert stage.writes() == []

    # And it leaves without a trace at Azure when nobody confirms
    prepared.dismiss()
    eventually(lambda: not prepared.alive, "the runner's end")
    assert happened(desk, prepared.run_id, Kind.DISMISSED)
    assert stage.writes() == []
    assert desk.runs() == ()


def test_the_runner_is_in_a_session_of_its_own(stage: Rehearsal, desk: Desk) -> None:
    prepared = offered(stage, desk)

    pid = runner_pid(desk, prepared.run_id)
    assert os.getsid(pid) == pid
    assert os.getsid(pid) != os.getsid(0)
    prepared.dismiss()
    eventually(lambda: not prepared.alive, "the runner's end")


def test_a_runner_killed_before_go_means_that_nothing_was_sent(stage: Rehearsal, desk: Desk) -> None:
    prepared = offered(stage, desk)
    kill(prepared)

    with pytest.raises(OSError, match=r".*"):
        prepared.go()

    assert stage.writes() == []
    assert desk.reconcile() == ()
    assert desk.runs() == ()


def test_go_carries_out_exactly_what_was_offered(stage: Rehearsal, desk: Desk) -> None:
    prepared = offered(stage, desk)
    prepared.go()

    run = ended(desk, prepared.run_id)
    assert run.outcome is Outcome.VERIFIED, run.note
    assert stage.writes() == ["PATCH"]
    assert stage.weights() == {"v41": 100, "v42": 0}


def test_a_plan_that_changed_after_it_was_shown_is_not_carried_out(stage: Rehearsal, desk: Desk) -> None:
    # Given a runner told to go for a plan that is not the recorded one
    prepared = offered(stage, desk)
    prepared._digest = "0" * 64
    prepared.go()

    # Then it dismisses itself
    eventually(lambda: not prepared.alive, "the runner's end")
    assert stage.writes() == []
    assert happened(desk, prepared.run_id, Kind.DISMISSED)


def test_the_run_outlives_the_console_that_started_it(stage: Rehearsal, desk: Desk) -> None:
    # Given a console that says go and is killed at once
    code = """
        import asyncio, os, signal, sys
        from pathlib import Path
        from console.open_desk import Wanted, open_desk

        async def act():
            desk = open_desk(Wanted(Path(sys.argv[1])), os.environ, Path.cwd())
            await desk.once()
            prepared = desk.prepare()
            prepared.offer(await desk.propose())
            prepared.go()
            os.killpg(0, signal.SIGKILL)

        asyncio.run(act())
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(stage.config)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    console = subprocess.run(command, env=environment, start_new_session=True, capture_output=True, text=True)
    assert console.returncode == -signal.SIGKILL, console.stderr

    # When another console looks
    run_id = eventually(lambda: next((run.id for run in desk.runs()), None), "the run")
    # Then the run goes to its proof, and nothing needed taking up
    assert desk.reconcile() == ()
    run = ended(desk, run_id)
    assert run.outcome is Outcome.VERIFIED, run.note
    assert stage.writes() == ["PATCH"]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_hangup_and_an_interrupt_do_not_stop_a_run(stage: Rehearsal, desk: Desk, number: signal.Signals) -> None:
    stage.fault("latency", seconds=50, match={"method": "PATCH"})
    prepared = offered(stage, desk)
    prepared.go()
    eventually(lambda: happened(desk, prepared.run_id, Kind.INTENT), "the intent")

    os.kill(runner_pid(desk, prepared.run_id), number)

    assert ended(desk, prepared.run_id).outcome is Outcome.VERIFIED
    assert stage.writes() == ["PATCH"]


def test_a_runner_killed_after_its_write_is_replaced_and_the_write_is_not_repeated(
    stage: Rehearsal, desk: Desk
) -> None:
    # Given a runner that is killed while its PATCH is on the wire
    stage.fault("latency", seconds=100, count=1, match={"method": "PATCH"})
    prepared = offered(stage, desk)
    prepared.go()
    eventually(lambda: stage.writes() == ["PATCH"], "the PATCH")
    kill(prepared)
    assert desk.run(prepared.run_id).open

    # When consoles look, the same one several times, and another
    with opened(stage) as other:
        taken = [desk.reconcile(), desk.reconcile(), other.reconcile(), desk.reconcile()]
        run = ended(desk, prepared.run_id)

    # Then exactly one runner took the run up, and proved it without another write
    assert taken[0] == (prepared.run_id,)
    assert taken[1] == taken[3] == ()
    assert run.outcome is Outcome.VERIFIED, run.note
    assert stage.writes() == ["PATCH"]
    kinds = [event.kind for event in events(desk, prepared.run_id)]
    assert kinds.count(Kind.ADOPTED) == 1
    assert kinds.count(Kind.OUTCOME) == 1


def test_a_runner_killed_before_its_intent_leaves_a_run_that_says_so(stage: Rehearsal, desk: Desk) -> None:
    # Given a runner that waits for the fence, because Azure is silent, and is killed
    prepared = offered(stage, desk)
    stage.fault("error", status=503)
    prepared.go()
    eventually(lambda: happened(desk, prepared.run_id, Kind.STARTED), "the first step")
    kill(prepared)
    stage.clear()

    # When it is taken up
    desk.reconcile()

    # Then it is known that nothing was sent
    run = ended(desk, prepared.run_id)
    assert run.outcome is Outcome.FAILED
    assert "sent" in run.note
    assert stage.writes() == []


def test_a_second_run_is_refused_while_the_first_is_under_way(stage: Rehearsal, desk: Desk) -> None:
    stage.fault("latency", seconds=100, count=1, match={"method": "PATCH"})
    first = offered(stage, desk)
    with opened(stage) as other:
        second = offered(stage, other)
        first.go()
        eventually(lambda: happened(desk, first.run_id, Kind.INTENT), "the intent")

        second.go()

        refused = ended(other, second.run_id)
    assert refused.outcome is Outcome.REFUSED
    assert f"run {first.run_id} by " in refused.note
    assert ended(desk, first.run_id).outcome is Outcome.VERIFIED
    assert stage.writes() == ["PATCH"]


def test_a_run_whose_lease_was_taken_over_sends_nothing_more(stage: Rehearsal, desk: Desk) -> None:
    # Given a run that holds the lease and still waits for its fence
    prepared = offered(stage, desk)
    stage.fault("error", status=503)
    prepared.go()
    eventually(lambda: happened(desk, prepared.run_id, Kind.STARTED), "the first step")
    # When another run takes the lease over, as it may once the term has run out
    log = desk._log
    assert log is not None
    log.transact(lambda execute: execute("UPDATE lease SET expires = ''"))
    other = log.prepare("pharmabot")
    Leases(log, desk._clock).take(other, "bob", Event(other, Kind.CONFIRMED, desk._clock.now()))
    stage.clear()

    # Then the first one ends without a write
    run = ended(desk, prepared.run_id)
    assert run.outcome is Outcome.FAILED
    assert "took over" in run.note
    assert stage.writes() == []


def test_a_read_only_console_starts_no_runner(stage: Rehearsal) -> None:
    read_only = open_desk(Wanted(stage.config, read_only=True), os.environ, stage.config.parent)

    with pytest.raises(Refused, match="read-only"):
        read_only.prepare()

    asyncio.run(read_only.close())


def test_a_run_asked_to_stop_stops(tmp_path: Path) -> None:
    with rehearsal(tmp_path, "slow-start", speed=20) as stage, opened(stage) as desk:
        prepared = offered(stage, desk)
        prepared.go()
        eventually(lambda: "POST" in stage.writes(), "the activation")
        desk.stop(prepared.run_id)

        run = ended(desk, prepared.run_id)

    assert run.outcome is Outcome.FAILED
    assert "stopped before" in run.note


def test_a_runner_that_gets_nonsense_ends_without_a_word_to_azure(stage: Rehearsal) -> None:
    command = [sys.executable, "-m", "console.detached"]
    for nonsense in (b"", b"\n", b"not json\n", b"{}\n", b'{"log": 5}\n'):
        runner: Any = subprocess.run(command, input=nonsense, cwd=ROOT, capture_output=True, timeout=30)
        assert runner.returncode is not None

    assert stage.writes() == []
