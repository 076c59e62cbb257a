"""`rollback-console changes`: what changed since the service was last good, the best explanation first."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from console.clock import SystemClock
from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk
from console.domain.baseline import Pick
from console.domain.beginning import HOW, typed
from console.domain.snapshot import LayerStatus
from console.exits import Exit
from console.report import as_json, layers_text


@click.command("changes", help="What changed since the service was last good, the best explanation first.")
@click.option("--since", metavar="TIME", help="Compare with what served then (UTC), rather than with the last good.")
@click.option("--bundle", metavar="DIGITS", help="Compare with this bundle, by the first digits of its digest.")
@click.option("--quick", is_flag=True, help="Do not ask the service: rank by time alone.")
@target_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, since: str | None, bundle: str | None, quick: bool, target: str | None, as_json_output: bool
) -> int:
    pick = _picked(since, bundle)

    async def show(desk: Desk) -> Exit:
        desk.pick(pick)
        await desk.once()
        if not quick:
            await desk.sample()
            await desk.compare()
        snapshot = desk.snapshot
        if as_json_output:
            click.echo(json.dumps(as_json.changes(snapshot), ensure_ascii=False, indent=2))
        else:
            for line in layers_text.changes(snapshot):
                click.echo(line)
        return Exit.DONE if snapshot.code.status is LayerStatus.OK else Exit.UNREACHABLE

    return with_desk(wanted(ctx, target), show)


def _picked(since: str | None, bundle: str | None) -> Pick | None:
    """The baseline that is asked for. Raises a usage error for a time that is none."""
    if bundle:
        return Pick(bundle=bundle)
    return Pick(at=moment(since)) if since else None


def moment(text: str) -> datetime:
    """RFC 3339, or HH:MM and YYYY-MM-DD HH:MM in UTC. Raises a usage error."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return typed(text, SystemClock().now())
    except ValueError as error:
        raise click.UsageError(f"{text!r} is no time: RFC 3339, or {HOW}") from error
