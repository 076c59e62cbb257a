"""`rollback-console plan`: what would be done, from a fresh reading. Writes nothing."""

from __future__ import annotations

import json

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.commands.wanting import intent_of, wanting
from console.desk import Desk
from console.exits import Exit
from console.report import as_json, as_text


@click.command("plan", help="What a rollback would do, from a fresh reading. Writes nothing.")
@wanting
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
    target: str | None,
    as_json_output: bool,
) -> int:
    async def show(desk: Desk) -> Exit:
        await desk.once()
        plan = await desk.propose(intent_of(layer, to, item, way, at, deed))
        if as_json_output:
            click.echo(json.dumps(as_json.plan(plan), ensure_ascii=False, indent=2))
        else:
            for line in as_text.plan(plan):
                click.echo(line)
        return Exit.REFUSED if plan.refused else Exit.DONE

    return with_desk(wanted(ctx, target), show)
