"""Traffic weights of a container app: whom they reach, and how they look after a rollback."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrafficEntry:
    """One entry of `ingress.traffic`: percent to a named revision, or to whichever is latest."""

    weight: int
    revision: str | None = None
    latest: bool = False
    label: str | None = None

    def resolved(self, latest_revision: str | None) -> str | None:
        """The revision that this entry reaches now."""
        return latest_revision if self.latest else self.revision

    def wire(self) -> dict[str, Any]:
        """The entry as Azure Resource Manager takes it."""
        body: dict[str, Any] = {"weight": self.weight}
        if self.latest:
            body["latestRevision"] = True
        else:
            body["revisionName"] = self.revision
        if self.label:
            body["label"] = self.label
        return body


def shares(entries: Sequence[TrafficEntry], latest_revision: str | None) -> Mapping[str, int]:
    """Percent per revision name; a revision that appears twice has the sum of both."""
    total: dict[str, int] = {}
    for entry in entries:
        name = entry.resolved(latest_revision)
        if name:
            total[name] = total.get(name, 0) + entry.weight
    return total


def pinned(
    entries: Sequence[TrafficEntry], target: str, latest_revision: str | None, existing: Collection[str]
) -> tuple[TrafficEntry, ...]:
    """The whole array with all weight on `target`: every name pinned, every label where it was.

    An entry for the latest revision is pinned to its name. An entry for a revision that no longer exists is dropped,
    its label too: it reaches nobody, Azure keeps such entries for ever, and may refuse an array that names one.
    """
    kept: list[TrafficEntry] = [TrafficEntry(100, target)]
    for entry in entries:
        name = entry.resolved(latest_revision)
        if name is None or name not in existing:
            continue
        _add(kept, TrafficEntry(0, name, label=entry.label))
    return tuple(kept)


def _add(kept: list[TrafficEntry], entry: TrafficEntry) -> None:
    """Adds `entry`, or lets it share the entry that its revision has already when only one of them is labelled."""
    for index, other in enumerate(kept):
        if other.revision == entry.revision and (not entry.label or not other.label):
            kept[index] = TrafficEntry(other.weight, other.revision, label=other.label or entry.label)
            return
    kept.append(entry)


def same(left: Sequence[TrafficEntry], right: Sequence[TrafficEntry]) -> bool:
    """Whether two arrays say the same, whatever their order."""
    return sorted(map(repr, left)) == sorted(map(repr, right))
