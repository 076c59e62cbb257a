"""`rollback-console rollback`: the same run that `r` and `y` start, for scripts and for hands that type."""

from __future__ import annotations

import json
import random
import sys
import termios
from datetime import timedelta

import click

from console.clock import SystemClock
from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk, Refused
from console.domain.failure import Failure, FailureKind
from console.domain.intent import Intent
from console.domain.plan import Plan, Risk
from console.domain.run import Outcome, Run, StepState
from console.exits import Exit, exit_for
from console.follow import follow
from console.launch import Prepared
from console.record.database import RecordError
from console.report import as_json, as_text

READY_S = 8.0


@click.command("rollback", help="Roll a layer back, and prove it.")
@click.argument("layer", type=click.Choice(["code"]), default="code")
@click.option("--to", metavar="REVISION", help="Go back to this revision rather than to the chosen good one.")
@click.option("--yes", is_flag=True, help="Do not ask. Reversible steps without a refusal only.")
@target_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, layer: str, to: str | None, yes: bool, target: str | None, as_json_output: bool
) -> int:
    async def roll_back(desk: Desk) -> Exit:
        _may_write(desk, yes)
        say = Teller(quiet=as_json_output)
        desk.reconcile()
        await desk.once()
        await desk.sample()
        plan = await desk.propose(Intent(layer=layer, to=to))
        for line in as_text.plan(plan):
            say(line)
        _may_go(plan, yes)
        prepared = desk.prepare()
        try:
            if not yes and not _confirmed(plan):
                raise Refused("not confirmed; nothing was sent")
            run = await carry_out(desk, prepared, plan, say)
        finally:
            prepared.dismiss()
        if as_json_output:
            click.echo(json.dumps(as_json.run(run), ensure_ascii=False, indent=2))
        return _ended(run, say)

    return with_desk(wanted(ctx, target), roll_back)


class Teller:
    """Prints lines, unless the output is JSON."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet

    def __call__(self, line: str) -> None:
        if not self._quiet:
            click.echo(line)


async def carry_out(desk: Desk, prepared: Prepared, plan: Plan, say: Teller) -> Run:
    """Offers the plan, says go, and follows the run to its outcome. Raises Refused where the runner never came up."""
    await _warm(desk, prepared)
    try:
        prepared.offer(plan)
        prepared.go()
    except (RecordError, OSError) as error:
        raise Refused(f"the runner is gone ({error}); nothing was sent") from error
    told: dict[int, StepState] = {}
    last: Run | None = None
    async for run in follow(lambda: _alive(desk, prepared), SystemClock(), lambda run: run.outcome is not None):
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


def _may_write(desk: Desk, yes: bool) -> None:
    if desk.read_only:
        raise Refused("this console is read-only")
    if not yes and not sys.stdin.isatty():
        raise Refused("there is no terminal to ask, and --yes was not given")


def _may_go(plan: Plan, yes: bool) -> None:
    """Refusals end it here: only the screen lets a typed name override one."""
    if plan.refusals:
        raise Refused("; ".join(refusal.sentence for refusal in plan.refusals))
    if yes and any(step.risk is not Risk.REVERSIBLE for step in plan.steps):
        raise Refused("--yes takes reversible steps only")


def _confirmed(plan: Plan) -> bool:
    """Asks for a random digit, after discarding whatever was typed before the question stood there."""
    digit = str(random.SystemRandom().randint(0, 9))
    click.echo(f"Type {digit} to roll back {plan.layer} of {plan.target} ({plan.environment.upper()}): ", nl=False)
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    return sys.stdin.readline().strip() == digit


def _ended(run: Run, say: Teller) -> Exit:
    say(as_text.ending(run))
    if run.outcome is Outcome.UNPROVEN:
        click.echo(f"Warning: {as_text.ending(run)}", err=True)
    return exit_for(run.outcome)
