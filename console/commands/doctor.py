"""`rollback-console doctor`: what works here, what is missing, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import click

from console.commands.desk_command import json_option, show_device_code, target_option, wanted
from console.config import ConfigError
from console.exits import Exit
from console.open_desk import chosen
from console.setup.check import Report
from console.setup.doctor import examine
from console.setup.features import PLACEHOLDER, ROLES, role_definition
from console.wanted import Wanted


@click.command("doctor", help="What works here, what is missing, and how to mend it. Writes nothing to Azure.")
@click.option("--role", type=click.Choice(list(ROLES)), help="Print a role for `az role definition create` instead.")
@target_option
@json_option
@click.pass_context
def command(ctx: click.Context, role: str | None, target: str | None, as_json_output: bool) -> int:
    what = wanted(ctx, target)
    if role is not None:
        click.echo(json.dumps(role_definition(role, _scope(what)), indent=2))
        return Exit.DONE
    try:
        report = asyncio.run(
            examine(chosen(what, os.environ, Path.cwd()), os.environ, on_device_code=show_device_code)
        )
    except ConfigError as error:
        click.echo(error.sentence, err=True)
        return Exit.USAGE
    show(report, as_json_output)
    return report.exit


def show(report: Report, as_json_output: bool = False) -> None:
    """Prints a report for a script or for a person."""
    if as_json_output:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    for line in report.lines():
        click.echo(line)
    if not report.reached:
        click.echo("Azure was not reached; what is unknown above is not known for that reason.")


def _scope(what: Wanted) -> str:
    """The subscription in which a role is to be assignable; a placeholder where no configuration names one."""
    try:
        return chosen(what, os.environ, Path.cwd()).settings.resource_id
    except ConfigError:
        return PLACEHOLDER
