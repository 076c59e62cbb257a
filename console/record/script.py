"""rollback-TARGET.sh: the rollback by hand, kept current, for the day this console is not to be had."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from console.domain.plan import Plan, StepRecord


class Script:
    """One target's script, rewritten whenever what it would do changes; `path` is None where it cannot be written."""

    def __init__(self, target: str, folders: Sequence[Path]) -> None:
        name = re.sub(r"[^A-Za-z0-9._-]", "_", target)[:80]
        self._candidates = tuple(folder / f"rollback-{name}.sh" for folder in folders)
        self._written = ""
        self.path: Path | None = None

    def keep(self, plan: Plan | None, why_not: str, bypass: str, now: datetime) -> None:
        """Writes the script where its commands differ from those last written; the first folder that takes it."""
        body = _body(plan, why_not, bypass)
        if body == self._written:
            return
        for path in self._candidates:
            with contextlib.suppress(OSError):
                _write(path, _head(plan, now) + body)
                self.path, self._written = path, body
                return
        self.path = None


def _head(plan: Plan | None, now: datetime) -> str:
    what = f"{plan.title}, {plan.target}, {plan.environment.upper()}" if plan else "nothing to go back to"
    return f"#!/bin/sh\n# {what}\n# As of {now:%Y-%m-%d %H:%M:%S}Z. Needs az, signed in, and nothing else.\n"


def _body(plan: Plan | None, why_not: str, bypass: str) -> str:
    around = "".join(f"# {line}\n" for line in bypass.splitlines())
    way_round = f"# Where Azure itself does not answer, the team's way round it:\n{around}" if bypass else ""
    if plan is None or not plan.by_hand:
        sentence = why_not.replace("'", "")
        return f"{way_round}echo '{sentence}' >&2\nexit 3\n"
    commands = "\n".join(_command(step, plan) for step in plan.steps if step.command)
    return f"# Why: {plan.reason}\n{way_round}set -eu\n{commands}\n"


def _command(step: StepRecord, plan: Plan) -> str:
    """A step's command; behind an activation, a wait until Azure calls the revision Running."""
    if step.kind != "ready_revision":
        return step.command
    shown = step.command.replace(" revision activate ", " revision show ", 1)
    running = f"{shown} \\\n  --query properties.runningState -o tsv"
    told = f"echo 'waiting until {plan.goal} runs' >&2"
    return f"{step.command}\nuntil {running} | grep -q '^Running'; do\n  {told}\n  sleep 5\ndone"


def _write(path: Path, text: str) -> None:
    """In one move, readable and runnable by its owner alone. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o700)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, path)
