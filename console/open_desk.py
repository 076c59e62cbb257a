"""From a configuration to an open desk: the one place where the engine's parts are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.azure.credentials import OnDeviceCode
from console.clock import Clock, SystemClock
from console.config import ConfigError, Settings, TargetSettings, find, load
from console.desk import Desk
from console.record.database import RecordError
from console.record.place import log_path, state_folder
from console.record.run_log import RunLog
from console.record.script import Script
from console.setup.without_file import without_file
from console.target import open_clients
from console.wanted import Wanted

__all__ = ["Chosen", "Wanted", "chosen", "open_desk"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One target, its settings, the file they stand in if any, and the folder of its record."""

    name: str
    settings: TargetSettings
    file: Path | None
    state: Path

    @property
    def log(self) -> Path:
        """The file of the run log."""
        return log_path(self.state, self.name, self.settings.fingerprint)


def open_desk(
    wanted: Wanted,
    environment: Mapping[str, str],
    folder: Path,
    clock: Clock | None = None,
    on_device_code: OnDeviceCode | None = None,
) -> Desk:
    """The desk of the wanted target. `on_device_code` shows a code to sign in with. Raises ConfigError."""
    clock = clock or SystemClock()
    target = chosen(wanted, environment, folder)
    log, note = _open_log(target.log, clock)
    clients = open_clients(target.settings, clock, writing=False, on_device_code=on_device_code)
    beside = [target.file.absolute().parent] if target.file else []
    script = Script(target.name, [*beside, target.state])
    return Desk(target.name, target.settings, clients, log, note, clock, script)


def chosen(wanted: Wanted, environment: Mapping[str, str], folder: Path) -> Chosen:
    """The wanted target, from a configuration or from what the command line names. Raises ConfigError."""
    path: Path | None = None
    if wanted.without_file:
        name, target = without_file(wanted, environment)
        state = state_folder(environment)
    else:
        path = find(wanted.config, environment, folder)
        settings = load(path)
        name, target = _choose(settings, wanted.target)
        state = _state(settings, path, environment)
    if wanted.read_only:
        target = target.model_copy(update={"read_only": True})
    return Chosen(name, target, path, state)


def _choose(settings: Settings, wanted: str | None) -> tuple[str, TargetSettings]:
    names = ", ".join(settings.targets)
    name = wanted or settings.default_target or (names if len(settings.targets) == 1 else "")
    if not name:
        raise ConfigError(f"There are several targets ({names}): name one with --target, or set default_target.")
    if name not in settings.targets:
        raise ConfigError(f"There is no target {name!r}: the configuration has {names}.")
    return name, settings.targets[name]


def _state(settings: Settings, path: Path, environment: Mapping[str, str]) -> Path:
    if settings.state is None:
        return state_folder(environment)
    return path.absolute().parent / settings.state


def _open_log(path: Path, clock: Clock) -> tuple[RunLog | None, str]:
    try:
        return RunLog(path, clock), ""
    except RecordError as error:
        return None, error.sentence
