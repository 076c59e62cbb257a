"""`rollback-console simulator`: the embedded Azure alone, for scripts, tests and other clients."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import asdict
from pathlib import Path

import click

from console.exits import Exit


@click.command("simulator", help="Serve the embedded Azure alone, on loopback, until SIGTERM.")
@click.option("--write-config", type=click.Path(path_type=Path), help="Write a rollback.toml that points at it.")
@click.option("--scenario", default="bad-image", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the resource manager; 0 takes any.")
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True)
@click.option("--tls", is_flag=True, help="Speak HTTPS, under an authority made for this start.")
@click.option("--outlive", type=int, hidden=True, help="End when this process is gone and no run is open.")
@click.option("--state", type=click.Path(path_type=Path), hidden=True, help="The run logs that --outlive waits for.")
def command(
    write_config: Path | None,
    scenario: str,
    port: int,
    speed: float,
    tls: bool,
    outlive: int | None,
    state: Path | None,
) -> int:
    from console.simulator.scenarios import SCENARIOS

    if scenario not in SCENARIOS:
        click.echo(f"There is no scenario {scenario!r}. There are: {', '.join(SCENARIOS)}.", err=True)
        return Exit.USAGE
    try:
        asyncio.run(_serve(write_config, scenario, port, speed, tls, outlive, state))
    except OSError as error:
        click.echo(f"The embedded Azure cannot listen or write: {error}.", err=True)
        return Exit.FAILED
    return Exit.DONE


async def _serve(
    config: Path | None,
    scenario: str,
    port: int,
    speed: float,
    tls: bool,
    outlive: int | None,
    state: Path | None,
) -> None:
    from console.simulator.configuration import rehearsal_config
    from console.simulator.server import Addresses, serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def ready(addresses: Addresses) -> None:
        if config is not None:
            _write(config, rehearsal_config(addresses, scenario=scenario), state)
        click.echo(json.dumps(asdict(addresses)))

    watching = asyncio.create_task(_until_idle(outlive, state, stop)) if outlive else None
    try:
        folder = config.with_name(f"{config.stem}-stores") if config is not None else None
        await serve(scenario=scenario, port=port, speed=speed, tls=tls, ready=ready, stop=stop, folder=folder)
    finally:
        if watching is not None:
            watching.cancel()


def _write(path: Path, text: str, state: Path | None) -> None:
    """Writes the configuration in one move, so that nobody reads half of it."""
    if state is not None:
        text = f"state = {json.dumps(str(state))}\n{text}"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


async def _until_idle(parent: int, state: Path | None, stop: asyncio.Event) -> None:
    """Ends the stage once its screen is gone and no run needs it any more."""
    from console.record.alive import lives, started

    start = started(parent)
    while lives(parent, start) or _run_open(state):
        await asyncio.sleep(1)
    stop.set()


def _run_open(state: Path | None) -> bool:
    from console.clock import SystemClock
    from console.record.run_log import RunLog

    for path in sorted(state.glob("*.db")) if state else ():
        log = RunLog(path, SystemClock())
        try:
            if any(run.open for run in log.runs(10)):
                return True
        finally:
            log.close()
    return False
