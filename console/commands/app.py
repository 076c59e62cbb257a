"""The console itself: paints first, then reads the configuration and Azure."""

from __future__ import annotations

import os
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.domain.clean import clean
from console.domain.code import CodeState
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot
from console.exits import Exit
from console.wanted import Wanted

if TYPE_CHECKING:
    from console.desk import Desk


def open_app(wanted: Wanted) -> int:
    """Opens the console on a terminal; its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        click.echo("The console wants a terminal. Without one: rollback-console status, plan, rollback.", err=True)
        return Exit.USAGE
    from screens.app import run

    def open_desk() -> Desk:
        from console.open_desk import open_desk as assemble

        return assemble(wanted, os.environ, Path.cwd())

    return run(open_desk, first=_glance(wanted))


def _glance(wanted: Wanted) -> Snapshot | None:
    """The target's name and environment, read without judging the file, so that the first paint can name them."""
    try:
        name, environment = _named(wanted)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
    absent: Layer[CodeState] = Layer(LayerStatus.ABSENT)
    return Snapshot(clean(name, 60), environment, datetime.now(UTC), absent)


def _named(wanted: Wanted) -> tuple[str, Environment]:
    """What an app is to us that no file describes is not known: production is the safe reading."""
    if wanted.without_file:
        return wanted.app or "", Environment.PRODUCTION
    named = wanted.config or (Path(os.environ["ROLLBACK_CONFIG"]) if os.environ.get("ROLLBACK_CONFIG") else None)
    body = tomllib.loads((named or Path.cwd() / "rollback.toml").read_text(encoding="utf-8"))
    name = str(wanted.target or body.get("default_target") or next(iter(body["targets"])))
    return name, Environment(body["targets"][name]["environment"])
