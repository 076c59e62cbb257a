"""Where each key of a TOML file stands, so that a mistake can be told with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_ARRAY = re.compile(r"^\s*\[\[([^\[\]]+)\]\]\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def lines_of(text: str) -> Mapping[Path, int]:
    """The first line (from 1) of every table and key; array tables count from 0 within their path."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _ARRAY.match(line):
            name = _resolve(_parts(match.group(1)), counts)
            index = counts[name] = counts.get(name, -1) + 1
            table = (*name, index)
            found.setdefault(name, number)
            found.setdefault(table, number)
        elif match := _TABLE.match(line):
            table = _resolve(_parts(match.group(1)), counts)
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            found.setdefault((*table, *_parts(match.group(1))), number)
    return found


def table_of(line: str) -> Path | None:
    """The path of the table, or the array of tables, that `line` begins; None for every other line."""
    match = _ARRAY.match(line) or _TABLE.match(line)
    return _parts(match.group(1)) if match else None


def line_for(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of `path`, or of its nearest parent that stands in the file; 1 where none does."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _resolve(name: Path, counts: Mapping[Path, int]) -> Path:
    """`name` with the index of the newest element put behind every array of tables it goes through."""
    resolved: Path = ()
    for position, part in enumerate(name):
        resolved = (*resolved, part)
        if resolved in counts and position < len(name) - 1:
            resolved = (*resolved, counts[resolved])
    return resolved
