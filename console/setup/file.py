"""Puts a target's tables into a rollback.toml: into a new one, or among what already stands there."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.config import ConfigError, parse, places
from console.setup.text import HEAD


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file says now, None where there is none, and what it would say of the target `name`."""

    path: Path
    name: str
    before: str | None
    after: str

    @property
    def changes(self) -> bool:
        return self.before != self.after

    @property
    def difference(self) -> str:
        """A unified diff from what stands there."""
        name = self.path.name
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True), self.after.splitlines(keepends=True), name, f"{name} (new)"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def write(self) -> None:
        """Writes in one move, and only over what `before` says. Raises OSError; FileExistsError where it changed."""
        if self.before is None:
            with self.path.open("x", encoding="utf-8") as file:
                file.write(self.after)
            return
        place = self.path.resolve()
        if place.read_text(encoding="utf-8") != self.before:
            raise FileExistsError(f"{self.path} was changed meanwhile")
        part = place.with_name(f".{place.name}.{os.getpid()}")
        part.write_text(self.after, encoding="utf-8")
        os.chmod(part, place.stat().st_mode & 0o777)
        os.replace(part, place)


def draft(path: Path, name: str, tables: str) -> Draft:
    """The file with the tables of target `name` put in, in place of those it has. Other targets stay as they are.

    Raises ConfigError where the file cannot be read, or where it would not be understood afterwards.
    """
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None
    joins = before is not None and _others(before, path, name)
    after = _joined(before or "", name, tables) if joins else f"{HEAD}\n{tables}"
    parse(after, str(path))
    return Draft(path, name, before, after)


def _others(before: str, path: Path, name: str) -> bool:
    """Whether the file describes more than that one target. Raises ConfigError where it is not a configuration."""
    settings = parse(before, str(path))
    return bool(set(settings.targets) - {name}) or settings.state is not None


def _joined(before: str, name: str, tables: str) -> str:
    kept = "".join(_without(before, name)).rstrip("\n")
    return f"{kept}\n\n{tables}"


def _without(text: str, name: str) -> Iterator[str]:
    """The lines of `text` but the tables of target `name`, and the comments inside and right above them."""
    mine = False
    waiting: list[str] = []
    for line in text.splitlines(keepends=True):
        table = places.table_of(line)
        if table is None and (not line.strip() or line.lstrip().startswith("#")):
            waiting.append(line)
            continue
        was_mine = mine
        if table is not None:
            mine = table[:2] == ("targets", name)
        if not mine:
            yield from (*waiting, line)
        elif not was_mine:
            yield from _apart(waiting)
        waiting = []
    if not mine:
        yield from waiting


def _apart(lines: list[str]) -> list[str]:
    """The lines up to the last empty one: what follows it belongs to what comes next."""
    blanks = [number for number, line in enumerate(lines) if not line.strip()]
    return lines[: blanks[-1] + 1] if blanks else []
