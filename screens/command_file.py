"""The command by hand, written where a person finds it."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from console.domain.clean import clean
from console.domain.plan import Plan

_FIRST = "#!/bin/sh"


def write_command(plan: Plan, folder: Path, now: datetime) -> Path:
    """Writes rollback-TARGET-by-hand.sh (0600) into `folder`, anew where it is ours, beside where it is another's.

    Raises OSError where nothing can be written.
    """
    text = script(plan, now)
    for path in _names(plan.target, folder):
        if not path.is_symlink() and _free(path):
            _write(path, text)
            return path
    raise FileExistsError(f"every name for the command is taken in {folder}")


def script(plan: Plan, now: datetime) -> str:
    """A script that needs only az."""
    what = f"{plan.layer} of {plan.target} ({plan.environment}) to {plan.goal}"
    return f"{_FIRST}\n# Rolls back {clean(what)}; written {now:%Y-%m-%dT%H:%M:%SZ}\nset -e\n{plan.by_hand}\n"


def calls_file(target: str, item: str, version: str, folder: Path) -> Path:
    """calls-TARGET-ITEM-VERSION.csv, beside what is there already."""
    safe = "-".join(re.sub(r"[^A-Za-z0-9._-]", "_", part)[:60] for part in (target, item, version))
    numbered = (folder / f"calls-{safe}{f'-{number}' if number > 1 else ''}.csv" for number in range(1, 1000))
    return next(
        (path for path in numbered if not path.exists() and not path.is_symlink()), folder / f"calls-{safe}.csv"
    )


def _names(target: str, folder: Path) -> list[Path]:
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", target)[:80]
    return [folder / f"rollback-{safe}-by-hand{extra}.sh" for extra in ("", "-2", "-3")]


def _free(path: Path) -> bool:
    """Nothing there, or a command that was written here before."""
    try:
        return path.read_text(errors="replace").startswith(f"{_FIRST}\n# Rolls back ")
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
