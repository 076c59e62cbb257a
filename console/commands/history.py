"""`rollback-console history`: incidents and runs, newest first; the postmortem's draft; the whole log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from console.commands.desk_command import json_option, target_option, wanted, with_desk
from console.desk import Desk
from console.domain.incident import Answered, Care, Incident
from console.exits import Exit
from console.report import as_json, as_text, guidance_json, guidance_text, postmortem


@click.group("history", invoke_without_command=True, help="Incidents and runs: who, from, to, when, how they ended.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@target_option
@json_option
@click.pass_context
def command(ctx: click.Context, limit: int, target: str | None, as_json_output: bool) -> int:
    if ctx.invoked_subcommand is not None:
        ctx.obj = {"wanted": wanted(ctx, target)}
        return Exit.DONE

    async def show(desk: Desk) -> Exit:
        if desk.state_note:
            click.echo(f"note: {desk.state_note}", err=True)
        for line in _as_json(desk, limit) if as_json_output else _as_text(desk, limit):
            click.echo(line)
        return Exit.DONE

    return with_desk(wanted(ctx, target), show)


@command.command("export", help="The draft of a postmortem in Markdown, or every event as JSON lines.")
@click.option("--incident", type=int, help="This incident rather than the newest.")
@click.option("--json-lines", is_flag=True, help="Every event of every run, one JSON object a line.")
@click.pass_context
def export(ctx: click.Context, incident: int | None, json_lines: bool) -> int:
    async def tell(desk: Desk) -> Exit:
        if json_lines:
            for event in desk.events():
                click.echo(json.dumps(as_json.event(event), ensure_ascii=False))
            return Exit.DONE
        incidents = desk.incidents()
        chosen = next((one for one in incidents if incident in (None, one.id)), None)
        if incident is not None and chosen is None:
            click.echo(f"There is no incident {incident} of {desk.target}.", err=True)
            return Exit.USAGE
        told = _told(desk, chosen)
        for line in postmortem.draft(desk.target, chosen, desk.runs(10_000), datetime.now(UTC), *told):
            click.echo(line)
        return Exit.DONE

    return with_desk(wanted(ctx), tell)


@command.command("aftercare", help="What is still to do after an incident; says of an item that it is done.")
@click.option("--incident", type=int, help="This incident rather than the newest.")
@click.option("--done", type=int, multiple=True, metavar="N", help="This item is done.")
@click.option("--reopen", type=int, multiple=True, metavar="N", help="This item is to do again.")
@click.pass_context
def aftercare(ctx: click.Context, incident: int | None, done: tuple[int, ...], reopen: tuple[int, ...]) -> int:
    async def tell(desk: Desk) -> Exit:
        chosen = next((one for one in desk.incidents() if incident in (None, one.id)), None)
        if chosen is None:
            number = f" {incident}" if incident is not None else ""
            click.echo(f"There is no incident{number} of {desk.target}.", err=True)
            return Exit.USAGE
        for item, state in [*((one, True) for one in done), *((one, False) for one in reopen)]:
            if desk.guide.settle(chosen.id, item, state) is None:
                click.echo(f"There is no item {item} of incident {chosen.id}.", err=True)
                return Exit.USAGE
        for line in guidance_text.aftercare(desk.guide.aftercare(chosen.id)):
            click.echo(line)
        return Exit.DONE

    return with_desk(wanted(ctx), tell)


def _as_json(desk: Desk, limit: int) -> Iterator[str]:
    incidents = [_incident(desk, incident) for incident in desk.incidents()]
    runs = [as_json.run(run) for run in desk.runs(limit)]
    body = {"schema": as_json.SCHEMA, "target": desk.target, "incidents": incidents, "runs": runs}
    yield json.dumps(body, ensure_ascii=False, indent=2)


def _as_text(desk: Desk, limit: int) -> Iterator[str]:
    runs = desk.runs(limit)
    for incident in desk.incidents():
        yield f"incident {incident.id}, began {incident.began:%Y-%m-%d %H:%M:%S}Z ({incident.source}) {incident.note}"
        yield from guidance_text.incident(desk.guide.answers(incident.id), desk.guide.aftercare(incident.id))
    yield from (as_text.history_line(run) for run in runs)
    if not runs:
        yield f"No runs of {desk.target} are recorded here."


def _incident(desk: Desk, incident: Incident) -> dict[str, Any]:
    """An incident with what was answered in it, and what is still to do."""
    answers, care = _told(desk, incident)
    return {
        **as_json.incident(incident),
        "answers": [guidance_json.answered(one) for one in answers],
        "aftercare": [guidance_json.care(one) for one in care],
    }


def _told(desk: Desk, incident: Incident | None) -> tuple[tuple[Answered, ...], tuple[Care, ...]]:
    if incident is None:
        return (), ()
    return desk.guide.answers(incident.id), desk.guide.aftercare(incident.id)
