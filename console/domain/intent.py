"""What an operator wants done: go back, undo, or one of the deeds around it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ALL = "all"
FEATURE = "feature"
FAST = "fast"


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
    SWITCH_OFF = "switch off"


@dataclass(frozen=True, slots=True)
class Intent:
    """`layer` is one layer's name, or `all`; or `feature`, which a kill switch switches off and which is no layer.

    `item` names one thing of a layer, such as a prompt; `to` is a version. `way` is one of the plan's ways; of `all`
    it may be `fast`, which waits for no pipeline. `run` is the run that is undone, `at` a moment to restore, in
    RFC 3339.
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
