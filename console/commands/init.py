"""`rollback-console init`: asks Azure what exists, asks you the rest, and writes a rollback.toml."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import get_args

import click
from pydantic import ValidationError

from console.clock import SystemClock
from console.commands import doctor
from console.commands.desk_command import show_device_code
from console.config import ConfigError
from console.config.load import NAME
from console.config.settings import SignInSettings
from console.domain.clean import clean, clean_block
from console.domain.failure import Failure
from console.exits import Exit, exit_for_failure
from console.open_desk import chosen
from console.setup.asking import Asker, NoAnswer, Numbered, Proposed
from console.setup.begin import NothingVisible, begin
from console.setup.doctor import examine
from console.setup.file import Draft
from console.setup.interview import Addresses, Beginning
from console.setup.without_file import subscription
from console.wanted import Wanted

CREDENTIALS = get_args(SignInSettings.model_fields["credential"].annotation)
CLOUDS = get_args(SignInSettings.model_fields["cloud"].annotation)


@click.command("init", help="Ask Azure what exists, ask you the rest, write a rollback.toml, and check it.")
@click.option("-n", "--app", metavar="APP", help="This container app.")
@click.option("-g", "--group", metavar="GROUP", help="Look in this resource group only.")
@click.option("--subscription", metavar="S", help="By default AZURE_SUBSCRIPTION_ID, or az's own default.")
@click.option("--tenant", help="The tenant to sign in to, where it is not the account's own.")
@click.option("--cloud", type=click.Choice(CLOUDS), help="By default the subscription's, as az knows it.")
@click.option("--credential", type=click.Choice(CREDENTIALS), default="cli", show_default=True)
@click.option("--target", help="What the target is called; by default as the app.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help=f"By default {NAME} here.")
@click.option("--yes", is_flag=True, help="Take every proposal, ask nothing, overwrite nothing.")
@click.option("--endpoint", hidden=True, help="A stage on loopback instead of Azure.")
@click.option("--ca", hidden=True, help="The authority that the stage is trusted by.")
@click.option("--rehearsal-token", hidden=True, help="Who to be on the stage.")
@click.option("--probe-url", default="", hidden=True, help="Where the stage's service answers.")
@click.option("--revision-url", default="", hidden=True, help="Where its revisions answer.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    app: str | None,
    group: str | None,
    subscription: str | None,
    output: Path | None,
    target: str | None,
    yes: bool,
    probe_url: str,
    revision_url: str,
    **sign_in: str | None,
) -> int:
    asked: Wanted = ctx.obj["wanted"]
    try:
        wanted = Beginning(
            azure=_sign_in(subscription or asked.subscription, sign_in),
            output=output or asked.config or Path.cwd() / NAME,
            group=group or asked.group,
            app=app or asked.app,
            name=target or asked.target,
            places=Addresses(probe_url, revision_url),
        )
        return int(asyncio.run(_begin(wanted, Proposed() if yes else Numbered())))
    except ConfigError as error:
        return _say(error.sentence, Exit.USAGE)
    except NoAnswer as none:
        return _say(none.sentence, Exit.REFUSED)
    except NothingVisible as nothing:
        return _say(f"{nothing.sentence}; nothing was written.", Exit.UNREACHABLE)
    except Failure as failure:
        return _say(f"{failure.sentence}; nothing was written.", exit_for_failure(failure))
    except OSError as error:
        return _say(f"Nothing was written: {clean(str(error))}.", Exit.FAILED)
    except KeyboardInterrupt:
        return 130


async def _begin(wanted: Beginning, asker: Asker) -> Exit:
    draft = await begin(wanted, asker, click.echo, SystemClock(), show_device_code)
    written = _write(draft, asker)
    if written is not Exit.DONE:
        return written
    click.echo("\nWhat works, and what is missing:")
    target = chosen(Wanted(draft.path, target=draft.name), os.environ, Path.cwd())
    report = await examine(target, os.environ, on_device_code=show_device_code)
    doctor.show(report)
    click.echo(f"\nNext: rollback-console --config {draft.path} status" if report.reached else "")
    return report.exit


def _write(draft: Draft, asker: Asker) -> Exit:
    """Writes what is new; over what is there only once its difference was shown and agreed to."""
    if not draft.changes:
        click.echo(f"{draft.path} says so already; it was not touched.")
        return Exit.DONE
    if draft.before is not None:
        click.echo(clean_block(draft.difference))
        if not asker.agree(f"{draft.path} is there already. Change it so?"):
            click.echo(f"{draft.path} was not touched.", err=True)
            return Exit.REFUSED
    draft.write()
    click.echo(f"\nWrote {draft.path}.")
    return Exit.DONE


def _sign_in(wanted: str | None, options: dict[str, str | None]) -> SignInSettings:
    """As whom to look around. Raises ConfigError."""
    given = {key: value for key, value in options.items() if value is not None}
    try:
        return SignInSettings.model_validate({**subscription(wanted, os.environ), **given})
    except ValidationError as error:
        why = "; ".join(clean(detail["msg"], 200).removeprefix("Value error, ") for detail in error.errors())
        raise ConfigError(f"The options do not fit: {why}.") from None


def _say(sentence: str, code: Exit) -> int:
    click.echo(sentence, err=True)
    return int(code)
