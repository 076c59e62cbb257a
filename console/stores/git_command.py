"""Runs git: bounded in time, in a session of its own, asking nobody, running no hook of the operator's."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

LOCAL_S = 15.0
REMOTE_S = 30.0
BURIAL_S = 2.0

# How git reaches a remote, and where its settings are; every other GIT_ variable may point it at another repository.
_KEPT = re.compile(
    r"GIT_(SSH|SSH_COMMAND|SSH_VARIANT|SSL_.*|HTTP_.*|PROXY_.*|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)"
    r"|ALLOW_PROTOCOL|EXEC_PATH|AUTHOR_NAME|AUTHOR_EMAIL|COMMITTER_NAME|COMMITTER_EMAIL)"
)
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
# Nothing of these may run a program of its own, write beside what was asked, or colour what is read.
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "credential.interactive=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "rerere.enabled=false",
    "log.showSignature=false",
    "color.ui=false",
    "advice.detachedHead=false",
    "submodule.recurse=false",
)
_SECRET = re.compile(r"(\w://)[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Said:
    """Git's exit code and words; `late` where it was ended because its time was over."""

    code: int
    out: bytes
    err: str
    late: bool = False

    @property
    def text(self) -> str:
        return self.out.decode(errors="replace")

    @property
    def why(self) -> str:
        """Git's last word that says something, without what may be secret in an address."""
        hollow = ("hint:", "Done", "error: failed to push", "fatal: revert failed", "Please make sure", "and the")
        lines = [line.strip() for line in self.err.splitlines()]
        told = [line for line in lines if line and not line.startswith(hollow)]
        plain = [line for line in told if not line.startswith("fatal: Could not read from remote repository")]
        last = (plain or told or ["it failed without a word"])[-1]
        return clean(_SECRET.sub(r"\1***@", last), 200).rstrip(".")


async def git(
    folder: Path,
    *arguments: str,
    bound_s: float = LOCAL_S,
    extra: Mapping[str, str] | None = None,
    fed: bytes | None = None,
) -> Said:
    """What git says in `folder`. It is ended, with all it started, when its time is over or nobody waits any more.

    Raises Failure where git cannot be started.
    """
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *settings,
            "-C",
            str(folder),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL if fed is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(os.environ) | dict(extra or {}),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Failure(FailureKind.UNREACHABLE, f"git cannot be started: {clean(str(error), 120)}") from error
    try:
        async with asyncio.timeout(bound_s):
            out, err = await process.communicate(fed)
    except TimeoutError:
        return Said(124, b"", f"no answer within {bound_s:.0f} s", late=True)
    finally:
        await _end(process)
    return Said(process.returncode or 0, out, err.decode(errors="replace"))


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables that git gets of those that this process has."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("GIT_") or _KEPT.fullmatch(name)}
    kept.pop("SSH_ASKPASS", None)
    return kept | _QUIET


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends git and what it started, such as ssh; nothing where it has ended by itself."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BURIAL_S):
                await process.wait()
