"""A team's own command, whose output or exit the console reads: no shell, bounded in time, in its own session."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

MOST = 1_000_000
LAST_S = 2.0
TAIL = 4000


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


@dataclass(frozen=True, slots=True)
class Exited:
    """How a command ended: its exit code, None where it was killed for taking too long, and its last line."""

    code: int | None
    said: str


async def exited(command: list[str], home: str, timeout_s: float) -> Exited:
    """Runs `command` once in the folder `home`. Raises Failure where it does not start, and then nothing was done.

    What it leaves running when it ends is left alone: its output goes to a file that nobody waits for.
    """
    return await asyncio.to_thread(_exited, command, home, timeout_s)


def _exited(command: list[str], home: str, timeout_s: float) -> Exited:
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                command,
                cwd=home or None,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            said = f"“{clean(shlex.join(command), 120)}” does not start: {clean(str(error), 160)}"
            raise Failure(FailureKind.REJECTED, said) from error
        code: int | None = None
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(LAST_S)
        told.seek(max(0, told.seek(0, os.SEEK_END) - TAIL))
        return Exited(code, _last(told.read()))


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
