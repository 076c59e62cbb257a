"""Labels after a rollback: which of them follow the traffic back, and how the array looks then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.code import CodeState
from console.domain.traffic import TrafficEntry


@dataclass(frozen=True, slots=True)
class Move:
    """A label that goes from one revision to another; `swapped` is the label that comes back for it, if any."""

    label: str
    origin: str
    goal: str
    swapped: str | None = None


def moves(state: CodeState, goal: str) -> tuple[Move, ...]:
    """The label of a revision that serves now, where it belongs with the traffic.

    It does where Azure's label history shows that the goal held it before; any other label is a slot, and slots stay.
    """
    own = next(iter(state.labels(goal)), None)
    for revision in state.serving:
        for label in state.labels(revision.name):
            if revision.name != goal and goal in state.label_holders.get(label, ()):
                return (Move(label, revision.name, goal, own),)
    return ()


def after(entries: Sequence[TrafficEntry], move: Move) -> tuple[TrafficEntry, ...]:
    """The array with the label moved, or the two labels exchanged; every weight stays with its revision."""
    changed = []
    for entry in entries:
        label = entry.label
        if entry.label == move.label:
            label = move.swapped
        elif entry.revision == move.goal and (entry.label == move.swapped or move.swapped is None):
            label = move.label
        changed.append(TrafficEntry(entry.weight, entry.revision, entry.latest, label))
    return tuple(changed)


def reassigned(entries: Sequence[TrafficEntry], move: Move) -> tuple[TrafficEntry, ...]:
    """Labels mode: weights belong to labels, so the two revisions change places under theirs."""
    places = {move.origin: move.goal, move.goal: move.origin}
    return tuple(
        TrafficEntry(entry.weight, places.get(entry.revision or "", entry.revision), entry.latest, entry.label)
        for entry in entries
    )
