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

if TYPE_CHECKING:
    from console.desk import Desk


def open_app(config: Path | None, target: str | None, read_only: bool) -> int:
    """Opens the console on a terminal; its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        click.echo("The console wants a terminal. Without one: rollback-console status, plan, rollback.", err=True)
        return Exit.USAGE
    from screens.app import run

    def open_desk() -> Desk:
        from console.open_desk import Wanted
        from console.open_desk import open_desk as assemble

        return assemble(Wanted(config, target, read_only), os.environ, Path.cwd())

    return run(open_desk, first=_glance(config, target))


def _glance(config: Path | None, target: str | None) -> Snapshot | None:
    """The target's name and environment, read without judging the file, so that the first paint can name them."""
    try:
        named = config or (Path(os.environ["ROLLBACK_CONFIG"]) if os.environ.get("ROLLBACK_CONFIG") else None)
        body = tomllib.loads((named or Path.cwd() / "rollback.toml").read_text(encoding="utf-8"))
        name = target or body.get("default_target") or next(iter(body["targets"]))
        environment = Environment(body["targets"][name]["environment"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
    absent: Layer[CodeState] = Layer(LayerStatus.ABSENT)
    return Snapshot(clean(str(name), 60), environment, datetime.now(UTC), absent)
