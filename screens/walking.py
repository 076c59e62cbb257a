"""One walk through the decision tree: its answers so far, kept in the incident in the order in which they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from console.domain.decision import Answer, Leaf, Taken, Tree, Walk, walk
from console.domain.incident import Answered
from screens.door import Desk, sentence_of
from screens.reading import read_log

Spawn = Callable[[Coroutine[Any, Any, None]], None]
_NOTHING: Sequence[Answered] = ()


def replayed(tree: Tree, told: Iterable[Answered]) -> dict[str, str]:
    """The answers that hold after everything that was answered: one given again takes back what came after it."""
    answers: dict[str, str] = {}
    for one in told:
        if one.node in answers:
            kept = list(answers)[: list(answers).index(one.node)]
            answers = {name: answers[name] for name in kept}
        node = walk(tree, answers).node
        if node is not None and node.id == one.node and node.find(one.answer) is not None:
            answers[one.node] = one.answer
    return answers


class Walking:
    """Where the operator stands. What cannot be kept is said in `trouble`, and the walk goes on."""

    def __init__(self, desk: Desk, tree: Tree, spawn: Spawn) -> None:
        self._desk, self._tree, self._spawn = desk, tree, spawn
        self._answers: dict[str, str] = {}
        self._order = asyncio.Lock()
        self.note = self.trouble = ""
        self.resumed: Answered | None = None
        self._arrived = ""

    @property
    def now(self) -> Walk:
        return walk(self._tree, self._answers)

    def resume(self) -> None:
        """Goes on where the incident under way was left."""
        incident, _ = read_log(lambda: self._desk.incident, None)
        if incident is None:
            return
        told, self.trouble = read_log(lambda: self._desk.guide.answers(incident.id), _NOTHING)
        self._answers = replayed(self._tree, told)
        if self._answers:
            self.resumed = told[-1]
            leaf = self.now.leaf
            self._arrived = leaf.id if leaf is not None and any(one.node == leaf.id for one in told) else ""

    def answer(self, given: Answer) -> None:
        """Takes one answer to the question where the walk stands."""
        node = self.now.node
        if node is None:
            return
        taken, note = Taken(node, given), self.note
        self._answers[node.id] = given.answer
        self.note, self.resumed = "", None
        self._keep(lambda: self._desk.guide.answer(taken, note))

    def back(self) -> bool:
        """To the question before; whether there was one."""
        if self._answers:
            self._answers.popitem()
        self.resumed, self._arrived = None, ""
        return bool(self.now.path) or bool(self._answers)

    def begin_anew(self) -> None:
        """To the first question; what was answered stays in the record."""
        self._answers.clear()
        self.resumed, self._arrived = None, ""

    def arrive(self, leaf: Leaf, then: Callable[[], None]) -> None:
        """Keeps that the walk ended here, and opens what is to be ticked; once for each arrival."""
        if self._arrived == leaf.id:
            self._keep(lambda: None, then)
            return
        self._arrived = leaf.id
        opened = replace(leaf, aftercare=(*leaf.steps, *leaf.aftercare))
        self._keep(lambda: self._desk.guide.arrive(opened), then)

    def add_note(self, leaf: Leaf, note: str) -> None:
        """A note at the leaf is kept at once."""
        self._keep(lambda: self._desk.guide.arrive(leaf, (), note))

    def _keep(self, do: Callable[[], object], then: Callable[[], None] = lambda: None) -> None:
        self._spawn(self._kept(do, then))

    async def _kept(self, do: Callable[[], object], then: Callable[[], None]) -> None:
        """In a thread, one after another."""
        async with self._order:
            try:
                await asyncio.to_thread(do)
            except Exception as error:
                self.trouble = f"not kept: {sentence_of(error)}"
            else:
                self.trouble = "" if self._desk.guide.records else "not kept: there is no record here"
        then()
