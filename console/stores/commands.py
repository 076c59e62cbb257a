"""A team's own command whose output the console reads: no shell, bounded in time and size, in its own session."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import Mapping

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

MOST = 1_000_000
LAST_S = 2.0


def words(command: str, **places: str) -> list[str]:
    """The command's words, each of `places` filled in as one word or a part of one. Raises Failure.

    It is split before it is filled, so that no value can become an option's neighbour or a second command.
    """
    try:
        split = shlex.split(command)
    except ValueError as error:
        raise Failure(FailureKind.REJECTED, f"“{clean(command, 120)}” cannot be split: {error}") from error
    for name, value in places.items():
        split = [word.replace(f"{{{name}}}", value) for word in split]
    if not split:
        raise Failure(FailureKind.REJECTED, "an empty command was configured")
    return split


async def output(
    command: list[str], home: str, timeout_s: float, environment: Mapping[str, str] | None = None
) -> str:
    """What `command` prints, run in the folder `home`. Raises Failure where it fails, or takes too long."""
    shown = clean(shlex.join(command), 120)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=home or None,
            env=dict(environment) if environment is not None else None,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Failure(FailureKind.UNREACHABLE, f"“{shown}” does not start: {clean(str(error), 160)}") from error
    try:
        async with asyncio.timeout(timeout_s):
            printed, said = await process.communicate()
    except TimeoutError:
        raise Failure(FailureKind.UNREACHABLE, f"“{shown}” did not end within {timeout_s:.0f} s") from None
    finally:
        await _ended(process)
    if process.returncode != 0:
        raise Failure(FailureKind.REJECTED, f"“{shown}” ended with {process.returncode}: {_last(said)}")
    if len(printed) > MOST:
        raise Failure(FailureKind.REJECTED, f"“{shown}” prints {len(printed)} bytes, more than anybody reads")
    return printed.decode(errors="replace").replace("\r\n", "\n")


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Whatever of it still runs ends, with everything that it started in its session."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), LAST_S)


def _last(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return clean(lines[-1], 200) if lines else "it says nothing"
