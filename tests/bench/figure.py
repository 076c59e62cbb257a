"""One measured figure: its median, spread, and the reach it is held against."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`values` in `unit`; `reach` is what the design reaches for, in the same unit."""

    name: str
    unit: str
    values: tuple[float, ...]
    reach: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def row(self) -> str:
        reach = f"reach {self.reach:g}" if self.reach is not None else ""
        met = "" if self.reach is None else ("met" if self.median <= self.reach else "MISSED")
        spread = f"{min(self.values):.3g} .. {max(self.values):.3g}"
        return f"{self.name:<52} {self.median:>9.3g} {self.unit:<6} {spread:<18} {reach:<12} {met:<7} {self.note}"

    def body(self) -> dict[str, object]:
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "n": len(self.values),
            "reach": self.reach,
            "note": self.note,
        }


def of(name: str, unit: str, values: Sequence[float], reach: float | None = None, note: str = "") -> Figure:
    return Figure(name, unit, tuple(values), reach, note)
