"""`rollback-console status`: what serves now, and what a rollback would choose."""

from __future__ import annotations

import json
from typing import Any

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk
from console.domain.snapshot import LayerStatus, Snapshot
from console.exits import Exit
from console.report import as_json, as_text


@click.command("status", help="What serves now, and what a rollback would choose.")
@click.option("--measure", is_flag=True, help="Also ask the service, and every signal's source, now.")
@target_option
@json_option
@click.pass_context
def command(ctx: click.Context, measure: bool, target: str | None, as_json_output: bool) -> int:
    async def show(desk: Desk) -> Exit:
        snapshot = await desk.once()
        if measure:
            await desk.sample()
            await desk.compare()
            snapshot = desk.snapshot
        if as_json_output:
            click.echo(json.dumps(_json(desk, snapshot), ensure_ascii=False, indent=2))
        else:
            for line in as_text.status(snapshot, desk.state_note):
                click.echo(line)
            if desk.script is not None:
                click.echo(f"by hand: {desk.script}")
            if desk.bypass:
                click.echo(f"way round Azure: {desk.bypass}")
        return Exit.DONE if snapshot.code.status is LayerStatus.OK else Exit.UNREACHABLE

    return with_desk(wanted(ctx, target), show)


def _json(desk: Desk, snapshot: Snapshot) -> dict[str, Any]:
    script = str(desk.script) if desk.script else None
    return as_json.status(snapshot, desk.state_note, script, desk.bypass)
