"""Reading the run log from a screen: what cannot be read is a sentence, never the end of the app."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from console.record.database import RecordError
from screens.door import sentence_of

T = TypeVar("T")

NOT_MEASURED: tuple[float, ...] = ()


def read_log(ask: Callable[[], T], otherwise: T) -> tuple[T, str]:
    """What `ask` returns and no sentence, or `otherwise` and why the log could not be read."""
    try:
        return ask(), ""
    except (RecordError, sqlite3.Error) as error:
        return otherwise, f"the run log cannot be read: {sentence_of(error)}"
