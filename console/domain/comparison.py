"""How two revisions do side by side, each asked on its own address: what is on both is not the code's."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.golden import GoldenResult


@dataclass(frozen=True, slots=True)
class Side:
    """One revision asked by itself: how many requests failed, and what the golden questions gave."""

    revision: str
    asked: int = 0
    failed: int = 0
    golden: GoldenResult | None = None

    @property
    def wrong(self) -> float | None:
        """The worse share of the two, from 0 to 1; None where nothing was measured."""
        found = [self.failed / self.asked] if self.asked else []
        if self.golden is not None and self.golden.measured:
            found.append(1 - self.golden.passed / self.golden.asked)
        return max(found, default=None)

    @property
    def words(self) -> str:
        """`golden 3/8`, `2 of 10 failed`."""
        parts = [f"golden {self.golden.words}"] if self.golden is not None and self.golden.measured else []
        parts += [f"{self.failed} of {self.asked} failed"] if self.asked and self.failed else []
        return ", ".join(parts) or (f"{self.asked} of {self.asked} right" if self.asked else "not asked")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The revision that serves and an older one. Both are asked within the same minute."""

    now: Side
    then: Side

    @property
    def verdict(self) -> str:
        """`alike` where both fail about as much, `code` where only the one that serves does, else nothing."""
        new, old = self.now.wrong, self.then.wrong
        if new is None or old is None or new < 0.1:
            return ""
        if old >= 0.6 * new:
            return "alike"
        return "code" if old <= 0.3 * new else ""
