"""What evidence is made from, and what it is."""

from __future__ import annotations

from dataclasses import dataclass

from console.config.settings import TargetSettings
from console.domain.comparison import Comparison
from console.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that is known at one moment. `settings` is None where nothing is configured."""

    snapshot: Snapshot
    settings: TargetSettings | None = None
    comparison: Comparison | None = None

    def short(self, revision: str) -> str:
        state = self.snapshot.code.state
        return state.short(revision) if state is not None else revision


@dataclass(frozen=True, slots=True)
class Evidence:
    """Lines to be read beside a question. `suggested` is one of its answers, and `reason` why; or None."""

    lines: tuple[str, ...]
    suggested: str | None = None
    reason: str = ""


def nothing(why: str) -> Evidence:
    """That nothing is known here, said aloud."""
    return Evidence((f"no evidence here: {why}",))
