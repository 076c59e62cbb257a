"""What an operator wants done: go back, undo, deactivate what was left running, or unpin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """The kinds of plan there are."""

    ROLL_BACK = "roll back"
    UNDO = "undo"
    DEACTIVATE = "deactivate"
    UNPIN = "unpin"


@dataclass(frozen=True, slots=True)
class Intent:
    """`to` is a version, `way` one of the plan's ways, `run` the run that is undone."""

    deed: Deed = Deed.ROLL_BACK
    layer: str = "code"
    to: str | None = None
    way: str | None = None
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the same goal: a word, and what speaks for and against it."""

    name: str
    title: str
    reason: str
