"""`rollback-console rollback`: the same run that `r` and `y` start, for scripts and for hands that type."""

from __future__ import annotations

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.commands.perform import Teller, attend, perform, tell_end
from console.commands.wanting import intent_of, wanting
from console.desk import Desk, Refused
from console.domain.intent import Deed, Intent
from console.exits import Exit


@click.command("rollback", help="Roll a layer back, or without one all that changed; and prove it.")
@wanting
@click.option("--undo", type=int, metavar="RUN", help="Take back what this run did.")
@click.option("--deactivate", metavar="REVISION", help="Stop a revision that carries no traffic.")
@click.option(
    "--resume", type=int, metavar="RUN", help="Attach to a run, or take up a lost one; sends nothing blindly."
)
@click.option("--yes", is_flag=True, help="Do not ask. Reversible steps without a refusal only.")
@click.option("--confirm-target", metavar="NAME", help="Do not ask, and allow what wants the target's name typed.")
@target_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    layer: str | None,
    to: str | None,
    item: str | None,
    way: str | None,
    at: str | None,
    deed: str,
    undo: int | None,
    deactivate: str | None,
    resume: int | None,
    yes: bool,
    confirm_target: str | None,
    target: str | None,
    as_json_output: bool,
) -> int:
    intent = intent_of(layer, to, item, way, at, deed)
    if deactivate is not None:
        intent = Intent(Deed.DEACTIVATE, "code", to=deactivate)

    async def go(desk: Desk) -> Exit:
        if resume is not None:
            return await _resume(desk, resume, as_json_output)
        wanted_now = _undo(desk, undo) if undo is not None else intent
        return await perform(desk, wanted_now, yes=yes, confirmed=confirm_target, as_json_output=as_json_output)

    return with_desk(wanted(ctx, target), go)


def _undo(desk: Desk, number: int) -> Intent:
    """Taking back a run is its own layer's deed."""
    run = desk.run(number)
    return Intent(Deed.UNDO, run.plan.layer if run is not None and run.plan is not None else "code", run=number)


async def _resume(desk: Desk, number: int, as_json_output: bool) -> Exit:
    """Attaches to a run and follows it; one that lost its runner, or whose outcome is unknown, is looked into."""
    run = desk.run(number)
    if run is None or run.confirmed_at is None:
        raise Refused(f"there is no run {number} of {desk.target}")
    if desk.take_up(number):
        run = await attend(lambda: desk.taken_up(number), Teller(quiet=as_json_output))
    elif run.outcome is None:
        run = await attend(lambda: desk.run(number), Teller(quiet=as_json_output))
    return tell_end(run, as_json_output)
