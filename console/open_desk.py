"""From a configuration to an open desk: the one place where the engine's parts are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.clock import Clock, SystemClock
from console.config import ConfigError, Settings, TargetSettings, find, load
from console.desk import Desk
from console.record.database import RecordError
from console.record.place import log_path, state_folder
from console.record.run_log import RunLog
from console.target import open_clients


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    config: Path | None = None
    target: str | None = None
    read_only: bool = False


def open_desk(wanted: Wanted, environment: Mapping[str, str], folder: Path, clock: Clock | None = None) -> Desk:
    """The desk of the wanted target. Raises ConfigError."""
    clock = clock or SystemClock()
    path = find(wanted.config, environment, folder)
    settings = load(path)
    name, target = _choose(settings, wanted.target)
    if wanted.read_only:
        target = target.model_copy(update={"read_only": True})
    log, note = _open_log(_state(settings, path, environment), name, target, clock)
    return Desk(name, target, open_clients(target, clock, writing=False), log, note, clock)


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


def _open_log(folder: Path, name: str, target: TargetSettings, clock: Clock) -> tuple[RunLog | None, str]:
    try:
        return RunLog(log_path(folder, name, target.fingerprint), clock), ""
    except RecordError as error:
        return None, error.sentence
