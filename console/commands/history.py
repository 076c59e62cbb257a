"""`rollback-console history`: runs, newest first."""

from __future__ import annotations

import json

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk
from console.exits import Exit
from console.report import as_json, as_text


@click.command("history", help="Runs: who, from, to, when, and how they ended.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@target_option
@json_option
@click.pass_context
def command(ctx: click.Context, limit: int, target: str | None, as_json_output: bool) -> int:
    async def show(desk: Desk) -> Exit:
        runs = desk.runs(limit)
        if as_json_output:
            body = {"schema": as_json.SCHEMA, "target": desk.target, "runs": [as_json.run(run) for run in runs]}
            click.echo(json.dumps(body, ensure_ascii=False, indent=2))
            return Exit.DONE
        for run in runs:
            click.echo(as_text.history_line(run))
        if not runs:
            click.echo(f"No runs of {desk.target} are recorded here.")
        return Exit.DONE

    return with_desk(wanted(ctx, target), show)
