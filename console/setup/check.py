"""One thing that was checked: whether it works, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.domain.clean import clean, clean_block
from console.exits import Exit


class State(StrEnum):
    """`warn`: the console works without it, but less well. `unknown`: it cannot be told from here."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"


_WORDS = {
    State.PASS: "✔ works  ",
    State.FAIL: "✗ missing",
    State.WARN: "△ weak   ",
    State.UNKNOWN: "? unknown",
}
_INDENT = " " * 13


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and the exact thing to do about it."""

    id: str
    title: str
    state: State
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Every check of one target. `reached` is false where Azure did not answer, or does not know us."""

    target: str
    checks: tuple[Check, ...]
    reached: bool

    @property
    def exit(self) -> Exit:
        if not self.reached:
            return Exit.UNREACHABLE
        return Exit.FAILED if any(check.state is State.FAIL for check in self.checks) else Exit.DONE

    def to_json(self) -> dict[str, Any]:
        """`doctor --json`."""
        checks = [
            {
                "id": one.id,
                "title": one.title,
                "state": str(one.state),
                "detail": clean(one.detail),
                "fix": clean_block(one.fix) or None,
            }
            for one in self.checks
        ]
        return {"schema": 1, "target": clean(self.target), "checks": checks}

    def lines(self) -> Iterable[str]:
        """The report for a person: a symbol and a word for each state, and what mends it, said once."""
        told: set[str] = set()
        for check in self.checks:
            yield clean(f"{_WORDS[check.state]}  {check.title}{': ' + check.detail if check.detail else ''}")
            if check.fix and check.fix in told:
                yield f"{_INDENT}mended by the same"
            elif check.fix:
                yield from (clean(f"{_INDENT}{line}") for line in check.fix.splitlines())
            told.add(check.fix)
