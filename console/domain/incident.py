"""An incident: something is wrong since a moment, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.run import Run

QUIET = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Incident:
    """When it was opened, when it began, and who said so. `source` tells where the beginning comes from."""

    id: int
    opened_at: datetime
    began: datetime
    by: str
    source: str
    note: str = ""


def holding(incidents: Sequence[Incident], runs: Sequence[Run], at: datetime) -> Incident | None:
    """The incident that is under way at `at`: the newest one, unless nothing has happened in it for six hours."""
    newest = max(incidents, key=lambda incident: incident.id, default=None)
    if newest is None:
        return None
    happened = [run.confirmed_at for run in runs if run.incident == newest.id and run.confirmed_at]
    return newest if at - max([newest.opened_at, *happened]) < QUIET else None


def of(incident: Incident, runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs of an incident, oldest first."""
    return tuple(sorted((run for run in runs if run.incident == incident.id), key=lambda run: run.id))


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer that was given in the decision tree, or, where `node` is a leaf's id, that a walk ended there.

    `question` is as it stood then; it is empty for a leaf.
    """

    incident: int
    at: datetime
    by: str
    node: str
    question: str
    answer: str
    note: str = ""

    @property
    def arrived(self) -> bool:
        """Whether it tells of a leaf."""
        return not self.question


@dataclass(frozen=True, slots=True)
class Care:
    """One thing that is still to do after a leaf, or was done. `number` is its place among those of the incident."""

    number: int
    incident: int
    leaf: str
    text: str
    done: bool
    by: str
    at: datetime
