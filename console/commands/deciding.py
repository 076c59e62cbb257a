"""The decision tree by prompts: one question at a time, with its evidence; digits or words, and a way back."""

from __future__ import annotations

import click

from console.desk import Desk
from console.domain.decision import Answer, Node, Taken, Tree, Walk
from console.guidance.evidence import Evidence
from console.plain.asking import answer, say
from console.record.database import RecordError
from console.report import guidance_text

BACK, LEAVE, NOTE = "b", "q", "n"
HOW = "a digit or a word; b back, q leave, n TEXT keeps a note"


class Deciding:
    """One walk. Without a desk there is no evidence, and nothing is kept."""

    def __init__(self, tree: Tree, desk: Desk | None) -> None:
        self._tree, self._desk = tree, desk
        self._path: list[Taken] = []
        self._note = ""

    def talk(self) -> Walk | None:
        """Asks until a leaf is reached; None where the operator left before."""
        try:
            return self._walk()
        except EOFError:
            say()
            return None

    def _walk(self) -> Walk | None:
        place = self._tree.first
        while (node := self._tree.node(place)) is not None:
            say()
            for line in guidance_text.question(node, self._path, self._evidence(node)):
                say(line)
            taken = self._ask(node)
            if taken is None:
                return None
            place = taken
        found = Walk(tuple(self._path), leaf=self._tree.leaf(place))
        self._arrive(found)
        say()
        return found

    def _ask(self, node: Node) -> str | None:
        """Where the answer leads, or where the walk goes back to; None to leave."""
        while True:
            said = answer(f"Answer ({HOW})")
            if said.lower() == LEAVE:
                return None
            if said.lower() == BACK:
                if self._path:
                    return self._path.pop().node.id
                say("This is the first question.")
                continue
            if said.lower().startswith(f"{NOTE} "):
                self._note = said[2:].strip()
                say("Kept with your answer.")
                continue
            found = _meant(node, said)
            if found is not None:
                self._took(Taken(node, found))
                return found.to
            say(f"There is no answer {said!r} here.")

    def _took(self, taken: Taken) -> None:
        self._path.append(taken)
        if self._desk is not None:
            try:
                self._desk.guide.answer(taken, self._note)
            except RecordError as error:
                click.echo(f"note: {error.sentence}; the answer is not kept", err=True)
        self._note = ""

    def _arrive(self, found: Walk) -> None:
        if self._desk is not None and found.leaf is not None:
            try:
                self._desk.guide.arrive(found.leaf)
            except RecordError as error:
                click.echo(f"note: {error.sentence}; the way out is not kept", err=True)

    def _evidence(self, node: Node) -> tuple[Evidence, ...]:
        if self._desk is None:
            return (Evidence(("no evidence here: nothing is configured",)),) if node.evidence else ()
        return self._desk.guide.asked(node).evidence


def _meant(node: Node, said: str) -> Answer | None:
    """By digit, by word, or by the beginning of a word that only one answer has."""
    digits = {guidance_text.digit(number): one for number, one in enumerate(node.answers, 1)}
    if said in digits:
        return digits[said]
    exact = node.find(said.lower())
    begins = [one for one in node.answers if said and one.answer.startswith(said.lower())]
    return exact or (begins[0] if len(begins) == 1 else None)
