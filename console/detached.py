"""The runner's process: warm before it is needed, gone from the terminal, told by one pipe to go.

It reads lines of JSON from its standard input: first what to run, then either `{"go": digest, "by": name}` or the end
of the pipe, which means that nobody confirmed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from console.clock import Clock, SystemClock
from console.config.settings import TargetSettings
from console.domain.failure import Failure
from console.domain.run import Kind, Outcome
from console.record.alive import lost, started
from console.record.lease import Leases
from console.record.run_log import RunLog
from console.run import Runner, Verdict
from console.steps.step import World

RETRY_S = 2.0


def main() -> int:
    """The process's entry point."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP, signal.SIGTERM, signal.SIGINT})
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return asyncio.run(_serve())


async def _serve() -> int:
    lines = await _standard_input()
    first = await lines.readline()
    if not first:
        return 0
    task: Mapping[str, Any] = json.loads(first)
    clock = SystemClock()
    log = RunLog(Path(task["log"]), clock)
    settings = TargetSettings.model_validate(task["settings"])
    run = int(task["run"])
    if not task.get("adopt"):
        log.append(run, Kind.WAITING, why="the runner is starting", **_self())
    from console.target import open_clients

    writing, name = not task.get("adopt"), str(task.get("target", ""))
    clients = open_clients(settings, clock, writing=writing, lent=task.get("lent"), name=name)
    world = clients.world(clock)
    runner = Runner(log, Leases(log, clock), world, clock)
    try:
        if task.get("adopt"):
            await _adopt(runner, log, world, run)
        else:
            await _wait_and_go(runner, log, world, lines, run, clock)
    finally:
        await clients.close()
        log.close()
    return 0


async def _wait_and_go(
    runner: Runner, log: RunLog, world: World, lines: asyncio.StreamReader, run: int, clock: Clock
) -> Verdict | None:
    """Proves the credentials and warms the connections while the operator reads; goes when told to."""
    warming = asyncio.create_task(_warm(log, world, run, clock))
    told = await lines.readline()
    warming.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await warming
    go = json.loads(told) if told else {}
    told_run = log.run(run)
    plan = told_run.plan if told_run else None
    if plan is None or plan.digest != go.get("go"):
        log.append(run, Kind.DISMISSED)
        return None
    return await runner.execute(run, plan, str(go.get("by", "")))


async def _warm(log: RunLog, world: World, run: int, clock: Clock) -> None:
    told = ""
    while True:
        try:
            who = await world.reader.principal()
            await world.reader.code_state()
        except Failure as failure:
            if failure.sentence != told:
                told = failure.sentence
                log.append(run, Kind.WAITING, why=told)
            await clock.sleep(RETRY_S)
        else:
            log.append(run, Kind.READY, principal=who, **_self())
            return


async def _adopt(runner: Runner, log: RunLog, world: World, run: int) -> None:
    """Takes up an unfinished run: follows what was sent, proves what can be proven, sends nothing."""
    found = log.run(run)
    if found is None or found.plan is None or not (found.open or found.outcome is Outcome.UNKNOWN):
        return
    events = log.events(run)
    first = found.next_step
    told = "taken up after its runner was lost"
    if not log.append_if(lost, run, Kind.ADOPTED, first, detail=told, **_self()):
        return
    intents = {event.step for event in events if event.kind is Kind.INTENT}
    if found.plan.steps[first].writes and first not in intents:
        log.append(run, Kind.OUTCOME, outcome="failed", note="its runner was lost before anything more was sent")
        return
    addresses = [str(event.body.get("url", "")) for event in events if event.kind is Kind.OPERATION]
    world.operation = addresses[-1] if addresses else ""
    await runner.prove(run, found.plan, first)


def _self() -> dict[str, Any]:
    return {"pid": os.getpid(), "start": started(os.getpid())}


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    sys.exit(main())
