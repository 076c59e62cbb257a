"""`rollback-console plan`: what would be done, from a fresh reading. Writes nothing."""

from __future__ import annotations

import json

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk
from console.domain.intent import Intent
from console.exits import Exit
from console.report import as_json, as_text


@click.command("plan", help="What a rollback would do, from a fresh reading. Writes nothing.")
@click.argument("layer", type=click.Choice(["code"]), default="code")
@click.option("--to", metavar="REVISION", help="Go back to this revision rather than to the chosen good one.")
@click.option("--way", help="One of the ways that the plan lists, rather than the proposed one.")
@target_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, layer: str, to: str | None, way: str | None, target: str | None, as_json_output: bool
) -> int:
    async def show(desk: Desk) -> Exit:
        plan = await desk.propose(Intent(layer=layer, to=to, way=way))
        if as_json_output:
            click.echo(json.dumps(as_json.plan(plan), ensure_ascii=False, indent=2))
        else:
            for line in as_text.plan(plan):
                click.echo(line)
        return Exit.REFUSED if plan.refused else Exit.DONE

    return with_desk(wanted(ctx, target), show)
