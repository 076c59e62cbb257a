"""Traffic entries: read from what clients send, written as ARM shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Traffic:
    """One entry of `ingress.traffic`: a share for a named revision or for whichever is latest."""

    weight: int
    revision: str | None = None
    latest: bool = False
    label: str | None = None

    @classmethod
    def read(cls, entry: dict[str, Any]) -> Traffic:
        """From JSON; a weight may be a string (az sends them). Raises ValueError for what is no weight."""
        weight = entry.get("weight")
        return cls(
            weight=0 if weight is None else int(str(weight)),
            revision=entry.get("revisionName") or None,
            latest=bool(entry.get("latestRevision")),
            label=entry.get("label") or None,
        )

    def shown(self) -> dict[str, Any]:
        """As ARM answers it: integers, no nulls, `latestRevision` only where it is true (patch-traffic-split)."""
        named = {} if self.revision is None else {"revisionName": self.revision}
        latest = {"latestRevision": True} if self.latest else {}
        label = {} if self.label is None else {"label": self.label}
        return {**named, "weight": self.weight, **latest, **label}


def weight_of(entries: tuple[Traffic, ...], revision: str, latest: str) -> int:
    """The configured share of a revision: its own entries, and the latest one's where it is the latest."""
    return sum(
        entry.weight
        for entry in entries
        if (entry.revision or "").lower() == revision.lower() or (entry.latest and revision == latest)
    )
