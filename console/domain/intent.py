"""What an operator wants done: go back, undo, or one of the deeds around it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ALL = "all"


class Deed(StrEnum):
    """The kinds of plan there are."""

    ROLL_BACK = "roll back"
    UNDO = "undo"
    DEACTIVATE = "deactivate"
    UNPIN = "unpin"
    BACK_UP = "back up"
    SHADOW = "deploy a shadow"
    REMOVE_SHADOW = "remove a shadow"
    DROP_INDEX = "drop an index"


@dataclass(frozen=True, slots=True)
class Intent:
    """`layer` is one layer's name, or `all`. `item` names one thing of it, such as a prompt; `to` is a version.

    `way` is one of the plan's ways, `run` the run that is undone, `at` a moment to restore, RFC 3339.
    """

    deed: Deed = Deed.ROLL_BACK
    layer: str = "code"
    to: str | None = None
    way: str | None = None
    run: int | None = None
    item: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the same goal: a word, and what speaks for and against it."""

    name: str
    title: str
    reason: str
