"""What every command on a target does: open the desk, act, and turn errors into sentences and exit codes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import click

from console.azure.credentials import DeviceCode
from console.config import ConfigError
from console.desk import Desk, NothingToDo, Refused, Unreachable
from console.domain.failure import Failure
from console.exits import Exit, exit_for_failure
from console.open_desk import open_desk
from console.wanted import Wanted


def wanted(ctx: click.Context, target: str | None = None) -> Wanted:
    """What the global options, and a command's own --target, ask for."""
    asked: Wanted = ctx.obj["wanted"]
    return replace(asked, target=target or asked.target)


def with_desk(what: Wanted, action: Callable[[Desk], Awaitable[Exit]]) -> int:
    """Opens the desk, awaits `action`, and answers with its exit code; errors go to standard error."""
    try:
        return int(asyncio.run(_run(what, action)))
    except ConfigError as error:
        return _say(error.sentence, Exit.USAGE)
    except NothingToDo as nothing:
        return _say(f"Nothing to do: {nothing.sentence}.", Exit.REFUSED)
    except Refused as refused:
        return _say(f"Refused: {refused.sentence}.", Exit.REFUSED)
    except Unreachable as unreachable:
        return _say(f"{unreachable.sentence}.", Exit.UNREACHABLE)
    except Failure as failure:
        return _say(f"{failure.sentence}.", exit_for_failure(failure))
    except KeyboardInterrupt:
        _say("Interrupted. A run that was confirmed goes on: rollback-console history.", Exit.FAILED)
        return 130


async def _run(what: Wanted, action: Callable[[Desk], Awaitable[Exit]]) -> Exit:
    desk = open_desk(what, os.environ, here(), on_device_code=show_device_code)
    try:
        return await action(desk)
    finally:
        await desk.close()


def show_device_code(code: DeviceCode) -> None:
    """Tells a person how to sign in, where it does not mix with data."""
    click.echo(f"To sign in to Azure, {code.sentence}.", err=True)


def here() -> Path:
    """The working folder, or the root where it has been deleted meanwhile."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("/")


def _say(sentence: str, code: Exit) -> int:
    click.echo(sentence, err=True)
    return int(code)


target_option = click.option("--target", help="The target, where the configuration has several.")
json_option = click.option("--json", "as_json_output", is_flag=True, help="Print JSON.")
