"""Two texts of a prompt beside each other: what differs, line by line, and which placeholders."""

from __future__ import annotations

import difflib
import re
import textwrap
import unicodedata
from collections.abc import Iterator

HALF = 35
MARKS = {"equal": " ", "replace": "△", "delete": "-", "insert": "+"}

# {name}, {name!r:>8} and {{ name }}; JSON's own braces hold quotes, colons or spaces, and are none.
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)[^{}]*\}\}|\{([A-Za-z_][\w.]*)(?:[!:][^{}\s\"']*)?\}")


def unified(before: str, after: str, names: tuple[str, str]) -> str:
    """The difference as `diff -u` tells it; empty where there is none."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    return "\n".join(lines)


def beside(before: str, after: str, names: tuple[str, str]) -> str:
    """Both texts side by side, as wide as a dialog on 80 columns; a mark stands between lines that differ."""
    left, right = before.splitlines(), after.splitlines()
    rows = [f"{_fill(names[0])} │ {names[1]}"]
    for tag, i, j, k, m in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        rows += _rows(left[i:j], right[k:m], MARKS[tag])
    return "\n".join(row.rstrip() for row in rows)


def placeholders(text: str) -> frozenset[str]:
    """The names that the code fills in."""
    return frozenset(found[1] or found[2] for found in _PLACEHOLDER.finditer(text))


def _rows(left: list[str], right: list[str], mark: str) -> Iterator[str]:
    for place in range(max(len(left), len(right))):
        one = _wrapped(left[place]) if place < len(left) else [""]
        two = _wrapped(right[place]) if place < len(right) else [""]
        for part in range(max(len(one), len(two))):
            first = one[part] if part < len(one) else ""
            second = two[part] if part < len(two) else ""
            yield f"{_fill(first)} {mark if mark != ' ' else '│'} {second}"


def _wrapped(line: str) -> list[str]:
    narrow = HALF // 2 if any(_wide(character) for character in line) else HALF
    return textwrap.wrap(line.expandtabs(4), narrow, replace_whitespace=False) or [""]


def _fill(text: str) -> str:
    return text + " " * max(0, HALF - len(text) - sum(map(_wide, text)))


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
