"""`rollback-console unpin`: gives the weight to the latest revision again, as before a rollback pinned it."""

from __future__ import annotations

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.commands.perform import perform
from console.desk import Desk
from console.domain.intent import Deed, Intent
from console.exits import Exit


@click.command("unpin", help="Give the traffic to whichever revision is latest, as before a rollback pinned it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@target_option
@json_option
@click.pass_context
def command(ctx: click.Context, yes: bool, target: str | None, as_json_output: bool) -> int:
    async def go(desk: Desk) -> Exit:
        return await perform(desk, Intent(Deed.UNPIN), yes=yes, confirmed=None, as_json_output=as_json_output)

    return with_desk(wanted(ctx, target), go)
