"""The console itself: paints first, then reads the configuration and Azure."""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands.terminal import wants_lines
from console.domain.clean import clean
from console.domain.code import CodeState
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot
from console.exits import Exit
from console.wanted import Wanted

if TYPE_CHECKING:
    from console.azure.credentials import OnDeviceCode
    from console.desk import Desk


@dataclass(frozen=True, slots=True)
class Front:
    """How the console shows itself: as lines rather than a screen, and in which theme."""

    plain: bool = False
    theme: str = "dark"


def open_app(wanted: Wanted, front: Front) -> int:
    """Opens the console on a terminal; its exit code. A terminal that cannot draw screens gets plain lines."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo("The console wants a terminal. Without one: rollback-console status, plan, rollback.", err=True)
        return Exit.USAGE
    if front.plain or wants_lines(os.environ):
        from console.plain.session import open_plain

        return open_plain(wanted)
    from screens.app import run

    def open_desk(on_device_code: OnDeviceCode) -> Desk:
        from console.open_desk import open_desk as assemble

        return assemble(wanted, os.environ, Path.cwd(), on_device_code=on_device_code)

    return run(open_desk, first=_glance(wanted), theme=front.theme)


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
