"""`rollback-console record`: one observation for the record, for cron."""

from __future__ import annotations

import json

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk
from console.domain.snapshot import LayerStatus
from console.exits import Exit
from console.report import as_json


@click.command("record", help="Observe once and keep it: what serves, and whether its answers are right. For cron.")
@target_option
@json_option
@click.pass_context
def command(ctx: click.Context, target: str | None, as_json_output: bool) -> int:
    async def keep(desk: Desk) -> Exit:
        await desk.once()
        await desk.sample()
        snapshot = desk.snapshot
        unread = sorted(snapshot.bundle.unread)
        if as_json_output:
            click.echo(json.dumps(as_json.status(snapshot, desk.state_note), ensure_ascii=False, indent=2))
        elif unread:
            click.echo(f"not recorded: {', '.join(unread)} could not be read", err=True)
        else:
            click.echo(f"{snapshot.at:%Y-%m-%d %H:%M:%S}Z {snapshot.target} bundle {snapshot.bundle.id}")
        if desk.log_path is None:
            click.echo(f"not recorded: {desk.state_note}", err=True)
            return Exit.FAILED
        ok = snapshot.code.status is LayerStatus.OK and not unread
        return Exit.DONE if ok else Exit.UNREACHABLE

    return with_desk(wanted(ctx, target), keep)
