"""Carries out one intent from the command line: plan, ask, hand over, follow, and say how it ended."""

from __future__ import annotations

import json
import random
import sys
import termios
from collections.abc import Callable
from datetime import timedelta

import click

from console.clock import SystemClock
from console.desk import Desk, Prepared, Refused
from console.domain.failure import Failure, FailureKind
from console.domain.intent import ALL, FEATURE, Intent
from console.domain.plan import Plan, Risk
from console.domain.run import Outcome, Run, StepState
from console.exits import Exit, exit_for_run
from console.follow import follow
from console.record.database import RecordError
from console.report import as_json, as_text

READY_S = 8.0


async def perform(desk: Desk, intent: Intent, *, yes: bool, confirmed: str | None, as_json_output: bool) -> Exit:
    """Plans `intent` from a fresh reading, has it confirmed, and follows its run. Raises what the desk raises.

    `yes` goes without asking, for reversible steps alone; `confirmed` is the target's name, which allows the rest.
    """
    _may_write(desk, yes or confirmed is not None)
    say = Teller(quiet=as_json_output)
    desk.reconcile()
    await desk.once()
    await desk.sample()
    if intent.layer == ALL:
        await desk.compare()
    plan = await desk.propose(intent)
    for line in as_text.plan(plan):
        say(line)
    if desk.state_note:
        click.echo(f"note: {desk.state_note}", err=True)
    typed = _may_go(plan, desk.target, yes, confirmed)
    prepared = desk.prepare()
    try:
        if not yes and confirmed is None and not _confirmed(plan, typed):
            raise Refused("not confirmed; nothing was sent")
        run = await carry_out(desk, prepared, plan, say)
    finally:
        prepared.dismiss()
    return tell_end(run, as_json_output)


def tell_end(run: Run, as_json_output: bool) -> Exit:
    """Prints how a run ended; its exit code."""
    if as_json_output:
        click.echo(json.dumps(as_json.run(run), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text.ending(run))
    if run.outcome is Outcome.UNPROVEN:
        click.echo(f"Warning: {as_text.ending(run)}", err=True)
    return exit_for_run(run)


class Teller:
    """Prints lines, unless the output is JSON."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet

    def __call__(self, line: str) -> None:
        if not self._quiet:
            click.echo(line)


async def carry_out(desk: Desk, prepared: Prepared, plan: Plan, say: Teller) -> Run:
    """Offers the plan, says go, and follows the run to its outcome. Raises Refused where the runner never came up."""
    if plan.layer != FEATURE:
        await _warm(desk, prepared)
    try:
        prepared.offer(plan)
        prepared.go()
    except (RecordError, OSError) as error:
        raise Refused(f"the runner is gone ({error}); nothing was sent") from error
    return await attend(lambda: _alive(desk, prepared), say)


async def attend(read: Callable[[], Run | None], say: Teller) -> Run:
    """Tells each step of a run as it ends, until the run has an outcome."""
    told: dict[int, StepState] = {}
    last: Run | None = None
    async for run in follow(read, SystemClock(), lambda run: run.outcome is not None):
        last = run
        for index, step in enumerate(run.steps):
            if step.state is not told.get(index, StepState.PENDING) and step.state is not StepState.RUNNING:
                told[index] = step.state
                say(as_text.step(step))
    if last is None:
        raise Refused("the run log tells nothing of this run")
    return last


async def _warm(desk: Desk, prepared: Prepared) -> None:
    """Waits until the runner has proved its credentials; after 8 s it goes on trying by itself."""
    ends = SystemClock().now() + timedelta(seconds=READY_S)

    def enough(run: Run) -> bool:
        return run.ready or not prepared.alive or SystemClock().now() > ends

    async for _ in follow(lambda: desk.run(prepared.run_id), SystemClock(), enough):
        pass


def _alive(desk: Desk, prepared: Prepared) -> Run | None:
    """The run as it stands; a runner that died before it confirmed has sent nothing."""
    alive = prepared.alive
    run = desk.run(prepared.run_id)
    if not alive and run is not None and not run.confirmed_at:
        raise Refused("the runner ended before it began; nothing was sent")
    if not alive and run is not None and run.outcome is None:
        desk.reconcile()
        if not desk.attended(prepared.run_id):
            sentence = f"run {prepared.run_id} lost its runner: what came of it is not known; do not send it again"
            raise Failure(FailureKind.UNKNOWN, sentence)
    return run


def _may_write(desk: Desk, settled: bool) -> None:
    if desk.read_only:
        raise Refused("this console is read-only")
    if not settled and not sys.stdin.isatty():
        raise Refused("there is no terminal to ask, and --yes was not given")


def _may_go(plan: Plan, target: str, yes: bool, confirmed: str | None) -> bool:
    """Whether the target's name must be typed. Raises Refused for what nothing, or not this caller, overrides."""
    if plan.refused is not None:
        raise Refused(plan.refused.sentence)
    if confirmed is not None and confirmed != target:
        raise Refused(f"--confirm-target names {confirmed!r}, but the target is {target!r}")
    if confirmed is not None:
        return False
    if yes and plan.refusals:
        raise Refused("; ".join(refusal.sentence for refusal in plan.refusals))
    if yes and any(step.risk is not Risk.REVERSIBLE for step in plan.steps):
        raise Refused("--yes takes reversible steps only; --confirm-target NAME allows the rest")
    return plan.needs_typing


def _confirmed(plan: Plan, typed: bool) -> bool:
    """Asks for the target's name, or a random digit, after discarding what was typed before the question stood."""
    wanted = plan.target if typed else str(random.SystemRandom().randint(0, 9))
    click.echo(f"Type {wanted} to go ({plan.title}, {plan.target}, {plan.environment.upper()}): ", nl=False)
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    return sys.stdin.readline().strip() == wanted
