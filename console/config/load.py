"""Finds rollback.toml, reads it, and reports every mistake at once."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from console.config import places
from console.config.settings import Settings
from console.domain.clean import clean

NAME = "rollback.toml"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a configuration, with its line and, for an unknown key, the nearest known one."""

    line: int
    key: str
    expected: str
    found: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        hint = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"line {self.line}: {self.key or 'the file'}: {self.expected}{found}{hint}"


class ConfigError(Exception):
    """The configuration cannot be used; `mistakes` holds every reason."""

    def __init__(self, summary: str, mistakes: tuple[Mistake, ...] = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.mistakes = mistakes

    @property
    def sentence(self) -> str:
        return "\n".join([self.summary, *(f"  {mistake}" for mistake in self.mistakes)])


def find(explicit: Path | None, environment: Mapping[str, str], start: Path) -> Path:
    """The configuration to use: --config, ROLLBACK_CONFIG, upward from `start` if owned by you, XDG, /etc.

    Raises ConfigError where there is none.
    """
    named = explicit or (Path(environment["ROLLBACK_CONFIG"]) if environment.get("ROLLBACK_CONFIG") else None)
    if named is not None:
        return named
    for folder in (start, *start.parents):
        candidate = folder / NAME
        if _stands(candidate) and candidate.stat().st_uid == os.getuid():
            return candidate
    xdg = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config")
    for candidate in (xdg / "rollback-console" / NAME, Path("/etc/rollback-console") / NAME):
        if _stands(candidate):
            return candidate
    raise ConfigError(
        f"There is no {NAME} here, above here, in {xdg / 'rollback-console'} or in /etc/rollback-console. "
        "Name one with --config, or try `rollback-console demo`, which needs none."
    )


def _stands(path: Path) -> bool:
    """Whether there is such a file, as far as we may look."""
    try:
        return path.is_file()
    except OSError:
        return False


def load(path: Path) -> Settings:
    """The settings in `path`. Raises ConfigError with every mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"There is no configuration at {clean(str(path))}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{clean(str(path))} cannot be read: {clean(str(error))}.") from None
    return parse(text, str(path))


def parse(text: str, name: str = NAME) -> Settings:
    """The settings in `text`. Raises ConfigError with every mistake, each with its line."""
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{clean(name)} is not valid TOML: {clean(str(error))}.") from None
    try:
        return _at_home(Settings.model_validate(body, context={"file": name}), name)
    except ValidationError as error:
        lines = places.lines_of(text)
        mistakes = tuple(_mistake(detail, lines) for detail in error.errors(include_url=False))
        ordered = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        raise ConfigError(f"{clean(name)} has {_count(len(ordered))}:", ordered) from None


def _at_home(settings: Settings, name: str) -> Settings:
    """The same, each target told the file's folder."""
    home = str(Path(name).absolute().parent)
    targets = {key: target.model_copy(update={"home": home}) for key, target in settings.targets.items()}
    return settings.model_copy(update={"targets": targets})


def _count(number: int) -> str:
    return "one mistake" if number == 1 else f"{number} mistakes"


def _mistake(detail: ErrorDetails, lines: Mapping[places.Path, int]) -> Mistake:
    path: places.Path = detail["loc"]
    key = clean(".".join(map(str, path)), 200)
    line = places.line_for(path, lines)
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(line, key, "unknown key", nearest=_nearest(path))
        case "missing":
            return Mistake(line, key, "this key is needed")
        case "value_error":
            return Mistake(line, key, clean(detail["msg"].removeprefix("Value error, "), 300))
        case _:
            return Mistake(line, key, clean(detail["msg"], 300), found=clean(repr(detail["input"]), 80))


def _nearest(path: places.Path) -> str:
    """The known key that the unknown last part of `path` most resembles, or nothing."""
    known = _known(Settings, path[:-1])
    close = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
    return close[0] if close else ""


def _known(model: type[BaseModel], path: places.Path) -> list[str]:
    """The keys that may stand at `path` below `model`."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if not path:
        return list(fields)
    field = fields.get(str(path[0]))
    inner = _model_in(field.annotation) if field else None
    if inner is None:
        return []
    rest = path[1:]
    is_container = (
        field is not None and field.annotation is not inner and str(path[0]) in {"targets", "signals", "triggers"}
    )
    return _known(inner, rest[1:] if is_container and rest else rest)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The settings class inside an annotation such as `dict[str, TargetSettings]` or `X | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _model_in(argument)) is not None:
            return found
    return None
