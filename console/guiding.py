"""The decision tree for one target: its questions with their evidence, what was answered, and what is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.clean import clean
from console.domain.decision import Leaf, Node, Taken, Tree
from console.domain.incident import Answered, Care, Incident
from console.guidance.evidence import Evidence, Sight, beside
from console.guidance.leaves import Meant, meant
from console.guidance.tree import TreeError, folder_of, load
from console.launch import os_user
from console.observe import Observer
from console.record.answers import Answers
from console.record.incidents import Incidents
from console.record.run_log import RunLog

NOTE = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is known beside it."""

    node: Node
    evidence: tuple[Evidence, ...]


class Guide:
    """Reads and records; nothing here writes outside of the record. `log` is None where there is no record."""

    def __init__(self, settings: TargetSettings, observer: Observer, log: RunLog | None, clock: Clock) -> None:
        self._settings, self._observer, self._log, self._clock = settings, observer, log, clock

    @property
    def records(self) -> bool:
        """Whether answers can be kept."""
        return self._log is not None

    def tree(self) -> Tree:
        """The team's tree, or ours. Raises TreeError."""
        return load(folder_of(self._settings))

    @property
    def note(self) -> str:
        """What is wrong with the team's tree, in a line; empty where it can be walked."""
        try:
            self.tree()
        except TreeError as error:
            more = f"; and {len(error.mistakes) - 1} more" if len(error.mistakes) > 1 else ""
            return f"the decision tree {error.place} cannot be walked: {error.mistakes[0]}{more}"
        return ""

    def asked(self, node: Node) -> Asked:
        """The question with its evidence from the latest snapshot."""
        seen = Sight(self._observer.snapshot, self._settings, self._observer.comparison)
        return Asked(node, beside(node, seen))

    def meant(self, leaf: Leaf) -> Meant:
        """The intent whose plan a leaf wants now."""
        return meant(leaf, self._observer.snapshot)

    def answer(self, taken: Taken, note: str = "") -> None:
        """Keeps one answer in the incident under way; opens one where there is none. Raises RecordError."""
        if self._log is not None:
            incident = self._incident(self._log)
            row = (taken.node.id, taken.node.question, taken.answer.answer)
            Answers(self._log, self._clock).add(incident.id, os_user(), [row], clean(note, NOTE))

    def arrive(self, leaf: Leaf, path: Sequence[Taken] = (), note: str = "") -> None:
        """Keeps where a walk ended, with the answers of `path` if they are not kept yet; opens the leaf's aftercare.

        Raises RecordError.
        """
        if self._log is None:
            return
        incident, answers = self._incident(self._log), Answers(self._log, self._clock)
        rows = [(taken.node.id, taken.node.question, taken.answer.answer) for taken in path]
        answers.add(incident.id, os_user(), [*rows, (leaf.id, "", leaf.title)], clean(note, NOTE))
        answers.open(incident.id, os_user(), leaf.id, leaf.aftercare)

    def answers(self, incident: int) -> tuple[Answered, ...]:
        """Every answer of an incident, oldest first, and where its walks ended."""
        return Answers(self._log, self._clock).of(incident) if self._log is not None else ()

    def aftercare(self, incident: int) -> tuple[Care, ...]:
        """What is still to do after the leaves of an incident, and what was done, by whom and when."""
        return Answers(self._log, self._clock).care(incident) if self._log is not None else ()

    def settle(self, incident: int, number: int, done: bool = True) -> Care | None:
        """Says of one item that it is done, or open again; None where there is no such number. Raises RecordError."""
        found = next((one for one in self.aftercare(incident) if one.number == number), None)
        if self._log is None or found is None:
            return None
        if found.done != done:
            Answers(self._log, self._clock).settle(found, os_user(), done)
        return next(one for one in self.aftercare(incident) if one.number == number)

    def _incident(self, log: RunLog) -> Incident:
        """The one under way; else a new one that began when a signal was first seen over its limit, or now."""
        incidents = Incidents(log, self._clock)
        current = incidents.current()
        if current is not None:
            return current
        since = [one.since for one in self._observer.snapshot.breached if one.since is not None]
        began = min(since, default=self._clock.now())
        source = "the first signal over its limit" if since else "the decision tree was walked"
        return incidents.begin(began, os_user(), source)
