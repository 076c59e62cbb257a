"""`rollback-console demo`: a broken service on an embedded Azure, with nothing else needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from console.clock import SystemClock
from console.commands.app import Front, open_app
from console.commands.perform import Teller, carry_out
from console.config import load
from console.desk import Desk, NothingToDo, Refused, Unreachable
from console.exits import Exit, exit_for_run
from console.open_desk import Wanted, open_desk
from console.record.alive import lives, started
from console.record.database import RecordError
from console.record.place import log_path, state_folder
from console.report import as_text, layers_text

START_S = 60.0


@click.command("demo", help="Try it: a broken service on an embedded Azure, on this machine alone.")
@click.option("--scenario", default="bad-image", show_default=True, help="What has gone wrong.")
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help="Azure's pace.")
@click.pass_context
def command(ctx: click.Context, scenario: str, speed: float) -> int:
    from console.simulator.scenarios import SCENARIOS

    if scenario not in SCENARIOS:
        click.echo(f"There is no scenario {scenario!r}. There are: {', '.join(SCENARIOS)}.", err=True)
        return Exit.USAGE
    folder = _folder()
    config = folder / "rollback.toml"
    told = _start_stage(folder, config, scenario, speed)
    if told is None:
        click.echo("The embedded Azure did not start; nothing else was touched.", err=True)
        return Exit.FAILED
    _seed_history(folder, config, scenario, datetime.fromisoformat(told["started"]))
    if sys.stdin.isatty() and sys.stdout.isatty():
        front = Front(ctx.obj["plain"], ctx.obj["theme"])
        code = open_app(Wanted(config, read_only=ctx.obj["wanted"].read_only), front)
    else:
        code = asyncio.run(_story(config))
    click.echo(f"The demo's record stays: rollback-console --config {config} history")
    return code


def _folder() -> Path:
    """A folder of this demo's own; older demos whose stage is gone are cleared away."""
    root = state_folder(os.environ) / "demo"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in sorted(root.iterdir(), key=lambda path: path.stat().st_mtime)[:-1]:
        stage = old / "stage"
        pid, _, start = stage.read_text().partition(" ") if stage.exists() else ("0", "", "")
        if not lives(int(pid), start):
            shutil.rmtree(old, ignore_errors=True)
    folder = root / f"{SystemClock().now():%Y%m%dT%H%M%S}-{os.getpid()}"
    folder.mkdir(mode=0o700)
    return folder


def _start_stage(folder: Path, config: Path, scenario: str, speed: float) -> dict[str, Any] | None:
    """The embedded Azure in a process of its own session, which ends once nobody needs it; what it tells."""
    stage = subprocess.Popen(
        [
            *(sys.executable, "-m", "console", "simulator", "--scenario", scenario, "--speed", str(speed)),
            *("--write-config", str(config), "--state", str(folder / "state"), "--outlive", str(os.getpid())),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    (folder / "stage").write_text(f"{stage.pid} {started(stage.pid)}", encoding="utf-8")
    line = stage.stdout.readline() if stage.stdout else b""
    return json.loads(line) if line.startswith(b"{") else None


def _seed_history(folder: Path, config: Path, scenario: str, began: datetime) -> None:
    """The past that the demo begins with: two days ago all was well, and what served then was marked good."""
    from console.commands.seeding import seed

    name, target = next(iter(load(config).targets.items()))
    with contextlib.suppress(OSError, RecordError):
        asyncio.run(seed(name, target, scenario, began, log_path(folder / "state", name, target.fingerprint)))


async def _story(config: Path) -> int:
    """The demo told in plain lines, for want of a terminal."""
    desk = open_desk(Wanted(config), os.environ, Path.cwd())
    try:
        return await _tell(desk)
    except (NothingToDo, Refused, Unreachable) as told:
        click.echo(f"The story ends here: {told.sentence}.")
        return Exit.DONE if isinstance(told, NothingToDo) else Exit.FAILED
    finally:
        await desk.close()


async def _tell(desk: Desk) -> int:
    snapshot = await desk.once()
    click.echo("What serves:")
    for line in as_text.status(snapshot, desk.state_note):
        click.echo(f"  {line}")
    for _ in range(3):
        await desk.sample()
    await desk.compare()
    click.echo("What is wrong:")
    for reading in desk.snapshot.signals:
        click.echo(f"  {as_text.signal(reading)}")
    click.echo("What changed:")
    for line in layers_text.changes(desk.snapshot):
        click.echo(f"  {line}")
    plan = await desk.propose(desk.suggested())
    click.echo("The plan:")
    for line in as_text.plan(plan):
        click.echo(f"  {line}")
    if plan.refusals:
        raise Refused(plan.refusals[0].sentence)
    click.echo("The rollback:")
    run = await carry_out(desk, desk.prepare(), plan, Teller(quiet=False))
    click.echo("The proof:")
    click.echo(f"  {as_text.ending(run)}")
    return exit_for_run(run)
