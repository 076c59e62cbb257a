"""`rollback-console calls`: which requests used which version of a prompt, counted, or each of them as CSV."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from console.azure.credentials import credential_for
from console.commands.changes import moment
from console.commands.desk_command import here, json_option, show_device_code, target_option, wanted
from console.config import ConfigError
from console.config.settings import TargetSettings
from console.domain.failure import Failure
from console.domain.prompt import Prompt
from console.exits import Exit, exit_for_failure
from console.open_desk import Chosen, chosen
from console.stores.calls import CallLog, Calls, Which
from console.stores.entra import token_of
from console.stores.prompts import PLACE, PromptReader
from console.stores.store import Store
from console.wanted import Wanted

SCHEMA = 1
BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Told:
    """What was found: counts, the prompts as they serve where they can be read, and how many calls were written."""

    which: Which
    calls: tuple[Calls, ...]
    prompts: tuple[Prompt, ...] = ()
    written: int | None = None


@click.command("calls", help="Which requests used which version of a prompt: counted, or each of them as CSV.")
@click.option("--prompt", metavar="NAME", help="Of this prompt alone.")
@click.option("--version", metavar="V", help="Of this version alone.")
@click.option("--since", metavar="TIME", help="From this moment on (UTC); by default the last 7 days.")
@click.option(
    "--csv", "path", type=click.Path(path_type=Path), help="Write each call, with its request id, to a new file."
)
@target_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    prompt: str | None,
    version: str | None,
    since: str | None,
    path: Path | None,
    target: str | None,
    as_json_output: bool,
) -> int:
    if path is not None and path.exists():
        return _say(f"{path} exists already and is not overwritten.", Exit.USAGE)
    from_then = moment(since) if since else datetime.now(UTC) - BACK
    which = Which(prompt, version, from_then)
    try:
        told = _told(wanted(ctx, target), which, path)
    except ConfigError as error:
        return _say(error.sentence, Exit.USAGE)
    except Failure as failure:
        return _say(f"{failure.sentence}.", exit_for_failure(failure))
    except FileExistsError:
        return _say(f"{path} exists already and is not overwritten.", Exit.USAGE)
    except OSError as error:
        return _say(f"{path} cannot be written: {error.strerror}.", Exit.FAILED)
    lines = [json.dumps(_body(told, path), ensure_ascii=False, indent=2)] if as_json_output else _lines(told, path)
    for line in lines:
        click.echo(line)
    return Exit.DONE


def _told(what: Wanted, which: Which, path: Path | None) -> Told:
    target = chosen(what, os.environ, here())
    if target.settings.calls is None:
        raise ConfigError(
            f"The call log of {target.name} is not configured: [targets.{target.name}.calls] says where."
        )
    return asyncio.run(_read(target, which, path, os.environ))


async def _read(target: Chosen, which: Which, path: Path | None, environment: Mapping[str, str]) -> Told:
    settings = target.settings
    assert settings.calls is not None
    token = None
    if settings.calls.entra or (settings.prompt is not None and settings.prompt.entra):
        token = token_of(credential_for(settings.azure, show_device_code))
    log = CallLog(settings.calls, environment, settings.home, token if settings.calls.entra else None)
    try:
        calls = await log.counted(which)
        prompts = await _prompts(settings, environment, token)
        written = await log.write_csv(which, path) if path is not None else None
    finally:
        await log.close()
    return Told(which, calls, prompts, written)


async def _prompts(settings: TargetSettings, environment: Mapping[str, str], token: Any) -> tuple[Prompt, ...]:
    """What serves now, to be told beside the counts; nothing where that cannot be read."""
    if settings.prompt is None or settings.prompt.mode == "git":
        return ()
    store = Store(settings.prompt, environment, settings.home, PLACE, token if settings.prompt.entra else None)
    try:
        return (await PromptReader(settings.prompt, store).read()).prompts
    except Failure:
        return ()
    finally:
        await store.close()


def _lines(told: Told, path: Path | None) -> Iterator[str]:
    since = f"since {told.which.since:%Y-%m-%d %H:%M}Z" if told.which.since else ""
    if not told.calls:
        yield f"No such calls {since}."
        return
    width = max(len(one.prompt or "(no prompt)") for one in told.calls)
    yield f"Calls by prompt and version, {since}:"
    for one in told.calls:
        serves = _serving(told.prompts, one)
        active = "  ● serves now" if serves else ("" if serves is None else "  does not serve")
        first, last = _moment(one.first), _moment(one.last)
        name = one.prompt or "(no prompt)"
        yield f"  {name:<{width}}  {_version(one):<8} {one.count:>9,} calls  {first} to {last}{active}"
    if told.written is not None:
        yield f"{told.written:,} calls written to {path}"


def _body(told: Told, path: Path | None) -> dict[str, Any]:
    since = told.which.since
    return {
        "schema": SCHEMA,
        "since": _rfc(since),
        "calls": [
            {
                "prompt": one.prompt or None,
                "version": one.version or None,
                "count": one.count,
                "first": _rfc(one.first),
                "last": _rfc(one.last),
                "serves": _serving(told.prompts, one),
            }
            for one in told.calls
        ],
        "csv": str(path) if path is not None else None,
        "written": told.written,
    }


def _serving(prompts: Sequence[Prompt], calls: Calls) -> bool | None:
    """Whether this version serves now; None where that is not known."""
    found = next((prompt for prompt in prompts if prompt.name == calls.prompt), None)
    return any(map(calls.names, found.active)) if found is not None else None


def _version(calls: Calls) -> str:
    return f"v{calls.version}" if calls.version.isdecimal() else calls.version or "-"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at is not None else "?"


def _rfc(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z" if at is not None else None


def _say(sentence: str, code: Exit) -> int:
    click.echo(sentence, err=True)
    return int(code)
