"""The decision tree, a question, a leaf and what is left to do, as plain lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.domain.decision import Answer, Leaf, Node, Taken, Tree, Walk
from console.domain.incident import Answered, Care
from console.guidance.evidence import Evidence, suggestion


def tree(value: Tree) -> Iterator[str]:
    """Every node once, in the order in which a walk may come to it, then the leaves."""
    for node in _in_order(value):
        yield f"{node.id}: {node.question}"
        for number, one in enumerate(node.answers, 1):
            why = f"  ({one.why})" if one.why else ""
            yield f"  {digit(number)}  {one.answer} → {one.to}{why}"
        yield ""
    for leaf in value.leaves:
        yield f"● {leaf.id}: {leaf.title} ({leaf.runbook}.md{', by hand' if leaf.manual else ''})"


def _in_order(value: Tree) -> Iterator[Node]:
    seen: set[str] = set()
    names = [value.first]
    for name in names:
        node = value.node(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        yield node
        names += [one.to for one in node.answers]


def question(node: Node, path: Sequence[Taken], found: Sequence[Evidence]) -> Iterator[str]:
    """One question: the way here, its help, the evidence, and its answers with the suggested one marked."""
    yield f"Decide: {way(path)}" if path else "Decide"
    yield node.question
    if node.help:
        yield f"  {node.help}"
    for one in found:
        yield from (f"    {line}" for line in one.lines)
    hint = suggestion(tuple(found))
    for number, answer in enumerate(node.answers, 1):
        yield _answer(number, answer, hint)


def _answer(number: int, answer: Answer, hint: Evidence | None) -> str:
    marked = hint is not None and hint.suggested == answer.answer
    return f"  {digit(number)}  {answer.title}{f'    ← suggested: {hint.reason}' if hint and marked else ''}"


def digit(number: int) -> str:
    """The key of the so-manieth answer: 1 to 9, then 0."""
    return str(number % 10) if number <= 10 else "-"


def way(path: Sequence[Taken]) -> str:
    """`emergency: yes › changed: code`."""
    return " › ".join(f"{taken.node.asks}: {taken.answer.answer}" for taken in path)


def leaf(value: Walk) -> Iterator[str]:
    """Where a walk ended, and what comes before it; the plan is told apart."""
    assert value.leaf is not None
    yield f"Decide: {way(value.path)}"
    yield f"→ {value.leaf.title}  ({value.leaf.id}, runbook {value.leaf.runbook}.md)"
    yield from (f"  first: {line}" for line in value.first)
    yield from (f"  [ ] {line}" for line in value.leaf.steps)


def afterwards(value: Leaf) -> Iterator[str]:
    """What is still to do once the service is back."""
    if value.aftercare:
        yield "Afterwards:"
        yield from (f"  [ ] {line}" for line in value.aftercare)


def incident(answers: Sequence[Answered], care: Sequence[Care]) -> Iterator[str]:
    """What was answered in an incident, and what is still to do."""
    for one in answers:
        note = f" ({one.note})" if one.note else ""
        told = f"→ {one.answer} ({one.node})" if one.arrived else f"{one.node}: {one.answer}"
        yield f"  {one.at:%H:%M:%S}Z  {told}  by {one.by}{note}"
    yield from (f"  {line}" for line in aftercare(care))


def aftercare(care: Sequence[Care]) -> Iterator[str]:
    """`3 [x] Pin it  (by bob, 03:20:11Z)`."""
    for one in care:
        done = f"  (by {one.by}, {one.at:%Y-%m-%d %H:%M:%S}Z)" if one.done else ""
        yield f"{one.number} [{'x' if one.done else ' '}] {one.text}{done}"
