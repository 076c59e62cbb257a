"""Everything that is checked of one target, in one report. Nothing is written to Azure."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Mapping

import httpx

from console.azure.credentials import OnDeviceCode
from console.clock import Clock, SystemClock
from console.config import ConfigError
from console.domain.code import CodeState
from console.domain.failure import Failure
from console.open_desk import Chosen
from console.setup.azure_checks import AzureChecks
from console.setup.check import Check, Report
from console.setup.golden_checks import golden_checks
from console.setup.machine_checks import (
    az_check,
    config_check,
    logout_check,
    multiplexer_check,
    record_check,
    terminal_check,
)
from console.setup.service_checks import service_checks
from console.target import Clients, open_clients


async def examine(
    target: Chosen,
    environment: Mapping[str, str],
    *,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    on_device_code: OnDeviceCode | None = None,
) -> Report:
    """Checks Azure, the service and this machine. Raises ConfigError where `azure.ca` cannot be read."""
    clock = clock or SystemClock()
    try:
        clients = open_clients(
            target.settings, clock, writing=False, transport=transport, on_device_code=on_device_code
        )
    except OSError as error:
        raise ConfigError(f"azure.ca cannot be read: {error}.") from None
    try:
        azure = AzureChecks(target.settings, clients.reader.arm, clock, _spoken(target))
        of_azure = await azure.ask()
        of_azure += await _of_models(target, clients, clock) if azure.reached else ()
        state = await _state(clients) if azure.reached else None
        of_prompts = await _of_prompts(target, clients, clock)
        of_service = await service_checks(target.settings, clients.prober, state)
        of_service += await golden_checks(clients.examiner)
    finally:
        await clients.close()
    of_machine = await asyncio.to_thread(_machine, target, environment, clock)
    checks = (config_check(target.file), *of_azure, *of_prompts, *of_service, *of_machine)
    return Report(target.name, checks, azure.reached)


async def _state(clients: Clients) -> CodeState | None:
    try:
        return await clients.reader.code_state()
    except Failure:
        return None


async def _of_models(target: Chosen, clients: Clients, clock: Clock) -> tuple[Check, ...]:
    door = clients.doors.get("model")
    if door is None:
        return ()
    from console.layers.model.door import ModelDoor
    from console.setup.model_checks import model_checks

    assert isinstance(door, ModelDoor)
    return await model_checks(target.settings, door, await clients.reader.arm.identity(), clock)


async def _of_prompts(target: Chosen, clients: Clients, clock: Clock) -> tuple[Check, ...]:
    """Of prompts in a database; those in git have no door of that kind."""
    if "prompt" not in clients.doors:
        return ()
    from console.layers.prompt.door import PromptDoor
    from console.setup.prompt_checks import prompt_checks

    door = clients.doors["prompt"]
    return await prompt_checks(target.settings, door, clock) if isinstance(door, PromptDoor) else ()


def _machine(target: Chosen, environment: Mapping[str, str], clock: Clock) -> tuple[Check, ...]:
    return (
        terminal_check(environment, _size()),
        multiplexer_check(environment),
        logout_check(),
        record_check(target.log, clock),
        az_check(environment),
    )


def _spoken(target: Chosen) -> str:
    """The command line that names this target."""
    azure = target.settings.azure
    words = ["rollback-console"]
    if target.file is not None:
        words += ["--config", str(target.file.absolute()), "--target", target.name]
    else:
        words += ["-n", target.settings.code.container_app, "-g", azure.resource_group]
        words += ["--subscription", azure.subscription]
    return shlex.join(words)


def _size() -> tuple[int, int] | None:
    """Columns and lines of the terminal; None where there is none."""
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        if stream.isatty():
            size = os.get_terminal_size(stream.fileno())
            return size.columns, size.lines
    return None
