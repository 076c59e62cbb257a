"""Golden questions: the service's own exam, and what it scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an answer. `kind` is contains, lacks, regex, schema or document; `wanted` what it wants.

    `at` is a JSON pointer to the part of the body that is checked; empty: the whole text.
    """

    kind: str
    wanted: Any
    at: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, with the checks its answer must pass."""

    name: str
    path: str
    checks: tuple[Check, ...]
    method: str = "POST"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class GoldenResult:
    """How many questions passed. `whom` is a revision, or empty for the service; `failures` name and say why.

    `unasked` counts the questions that got no answer from here: those are neither passed nor failed, and `silence`
    says why the first of them did not.
    """

    passed: int
    asked: int
    at: datetime
    whom: str = ""
    failures: tuple[tuple[str, str], ...] = ()
    unasked: int = 0
    silence: str = ""

    @property
    def total(self) -> int:
        return self.asked + self.unasked

    @property
    def perfect(self) -> bool:
        return self.asked > 0 and self.unasked == 0 and self.passed == self.asked

    @property
    def measured(self) -> bool:
        return self.asked > 0

    @property
    def share(self) -> float | None:
        """Percent of the answered questions that passed; None where none was answered."""
        return 100.0 * self.passed / self.asked if self.asked else None

    @property
    def words(self) -> str:
        """`3/8`, and what was not answered."""
        silent = f" ({self.unasked} not answered)" if self.unasked else ""
        return f"{self.passed}/{self.total}{silent}" if self.asked else "not answered"
