"""The decision tree as data: questions with their answers, leaves, the walk through them, and what can be wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

CANONICAL: Mapping[str, tuple[str, ...]] = {
    "emergency": ("yes", "no"),
    "ours": ("ours", "upstream", "unknown"),
    "changed": (
        "code",
        "config",
        "prompt",
        "model",
        "embedding",
        "schema",
        "data",
        "gateway",
        "nothing",
        "unknown",
    ),
    "target_alive": ("yes", "no", "unknown"),
    "old_side_good": ("yes", "no", "unknown"),
    "healthy_elsewhere": ("yes", "no", "unknown"),
    "writes_since": ("none", "compatible", "incompatible", "unknown"),
    "data_lost": ("yes", "no"),
    "harm_running": ("yes", "no"),
    "can_switch_off": ("yes", "no", "unknown"),
    "off_is_enough": ("yes", "no", "unknown"),
}


class Astray(Exception):
    """An answer that its question does not know; `sentence` names the question, and what it does know."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its word, what a person reads, where it leads, and the principle of that branch.

    `first` is what must be done before the leaf, whichever that is.
    """

    answer: str
    title: str
    to: str
    why: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One question. What stands before the first dot of `id` is the question that it asks.

    `target_alive` and `target_alive.prompt` ask the same of different things; an answer given for the question holds
    for each of its nodes. `evidence` names what is shown beside it, `help` says how to find out.
    """

    id: str
    question: str
    answers: tuple[Answer, ...]
    help: str = ""
    evidence: tuple[str, ...] = ()
    why: str = ""

    @property
    def asks(self) -> str:
        return self.id.partition(".")[0]

    def find(self, word: str) -> Answer | None:
        return next((one for one in self.answers if one.answer == word), None)

    def answered(self, word: str) -> Answer:
        """That answer. Raises Astray where this question does not know it."""
        found = self.find(word)
        if found is None:
            known = ", ".join(one.answer for one in self.answers)
            raise Astray(f"{self.id}: {word!r} is no answer; it knows {known}")
        return found


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a walk ends. `runbook` is a file's name without `.md`, `plan` the plan builder's name.

    A `manual` leaf has no plan but `steps`, each of which can be checked. `aftercare` is what is still to do once the
    service is back: a rollback is not the end.
    """

    id: str
    title: str
    runbook: str
    layer: str = ""
    plan: str = ""
    manual: bool = False
    steps: tuple[str, ...] = ()
    aftercare: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tree:
    """Every node and leaf; `first` is the node that is asked first."""

    first: str
    nodes: tuple[Node, ...]
    leaves: tuple[Leaf, ...]

    @cached_property
    def _nodes(self) -> Mapping[str, Node]:
        return {node.id: node for node in reversed(self.nodes)}

    @cached_property
    def _leaves(self) -> Mapping[str, Leaf]:
        return {leaf.id: leaf for leaf in reversed(self.leaves)}

    def node(self, name: str) -> Node | None:
        return self._nodes.get(name)

    def leaf(self, name: str) -> Leaf | None:
        return self._leaves.get(name)

    @cached_property
    def asked(self) -> frozenset[str]:
        """Every name under which an answer may be given: the nodes, the questions they ask, the canonical ones."""
        return frozenset({*self._nodes, *(node.asks for node in self.nodes), *CANONICAL})


@dataclass(frozen=True, slots=True)
class Taken:
    """One question, and the answer that was given to it."""

    node: Node
    answer: Answer


@dataclass(frozen=True, slots=True)
class Walk:
    """The way so far, and where it stands: a leaf, or a question that has no answer yet."""

    path: tuple[Taken, ...]
    leaf: Leaf | None = None
    node: Node | None = None

    @property
    def first(self) -> tuple[str, ...]:
        """What the answers want done before the leaf."""
        return tuple(taken.answer.first for taken in self.path if taken.answer.first)


def walk(tree: Tree, answers: Mapping[str, str]) -> Walk:
    """As far as the answers lead. Raises Astray for an answer that its question does not know.

    An answer under a node's own id goes before one under the question that it asks. The tree must have no mistakes.
    """
    path: list[Taken] = []
    place = tree.first
    while (node := tree.node(place)) is not None:
        word = answers.get(node.id, answers.get(node.asks))
        if word is None:
            return Walk(tuple(path), node=node)
        taken = node.answered(word)
        path.append(Taken(node, taken))
        place = taken.to
    return Walk(tuple(path), leaf=tree.leaf(place))


@dataclass(frozen=True, slots=True)
class Known:
    """What leaves and nodes may name: runbook files (without .md), plan builders, kinds of evidence."""

    runbooks: Collection[str]
    plans: Collection[str]
    evidence: Collection[str]


def mistakes(tree: Tree, known: Known) -> tuple[str, ...]:
    """Everything that is wrong with the tree, each naming its node or leaf; nothing where it can be walked."""
    found = [*_names(tree), *_edges(tree), *_nodes(tree, known), *_leaves(tree, known)]
    return tuple(found) if found else (*_reached(tree), *_ways(tree))


def _names(tree: Tree) -> Iterator[str]:
    names = [*(node.id for node in tree.nodes), *(leaf.id for leaf in tree.leaves)]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield f"{name}: there are {names.count(name)} nodes or leaves of this id"
    if tree.node(tree.first) is None:
        yield f"{tree.first}: the tree begins here, and there is no such node"


def _edges(tree: Tree) -> Iterator[str]:
    for node in tree.nodes:
        for one in node.answers:
            if tree.node(one.to) is None and tree.leaf(one.to) is None:
                yield f"{node.id}: {one.answer} leads to {one.to}, which is neither a node nor a leaf"


def _nodes(tree: Tree, known: Known) -> Iterator[str]:
    for node in tree.nodes:
        if not node.question.strip():
            yield f"{node.id}: it asks nothing"
        words = [one.answer for one in node.answers]
        if len(words) < 2:
            yield f"{node.id}: a question wants two answers at least"
        if len(words) > 10:
            yield f"{node.id}: {len(words)} answers: there are ten digits to answer with"
        for word in dict.fromkeys(word for word in words if words.count(word) > 1):
            yield f"{node.id}: the answer {word} stands there twice"
        missing = [word for word in CANONICAL.get(node.asks, ()) if word not in words]
        if missing:
            yield f"{node.id}: it asks {node.asks}, and has no answer {' and no '.join(missing)}"
        for name in node.evidence:
            if name not in known.evidence:
                yield f"{node.id}: there is no evidence {name}: there is {', '.join(sorted(known.evidence))}"


def _leaves(tree: Tree, known: Known) -> Iterator[str]:
    for leaf in tree.leaves:
        if not leaf.title.strip():
            yield f"{leaf.id}: it has no title"
        if leaf.runbook not in known.runbooks:
            yield f"{leaf.id}: there is no runbook {leaf.runbook or '(none named)'}.md"
        if leaf.manual and leaf.plan:
            yield f"{leaf.id}: it is manual and has the plan {leaf.plan}: either"
        if leaf.manual and not leaf.steps:
            yield f"{leaf.id}: it is manual and has no steps to check"
        if not leaf.manual and leaf.plan not in known.plans:
            told = f"there is no plan {leaf.plan}" if leaf.plan else "it has no plan, and is not manual = true"
            yield f"{leaf.id}: {told}: there is {', '.join(sorted(known.plans))}"


def _reached(tree: Tree) -> Iterator[str]:
    """Orphans: what no walk from the first node comes to."""
    seen: set[str] = set()
    open_ = [tree.first]
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        node = tree.node(name)
        open_ += [one.to for one in node.answers] if node else []
    for name in [*(node.id for node in tree.nodes), *(leaf.id for leaf in tree.leaves)]:
        if name not in seen:
            yield f"{name}: nothing leads here"


def _ways(tree: Tree) -> Iterator[str]:
    """Cycles, and questions that come twice on one way: the second would be asked of somebody who has answered."""
    circle = _circle(tree)
    if circle:
        yield f"{circle[0]}: it leads back to itself: {' → '.join(circle)}"
        return
    told = set()
    for before, node in _pairs(tree):
        if before.asks == node.asks and (before.id, node.id) not in told:
            told.add((before.id, node.id))
            yield f"{node.id}: {node.asks} was asked already on this way, by {before.id}"


def _circle(tree: Tree) -> tuple[str, ...]:
    """The ids along a cycle, the first one repeated at its end; nothing where there is none."""
    done: set[str] = set()
    way: list[str] = []

    def visit(name: str) -> tuple[str, ...]:
        if name in way:
            return (*way[way.index(name) :], name)
        node = tree.node(name)
        if node is None or name in done:
            return ()
        way.append(name)
        found = next((circle for one in node.answers if (circle := visit(one.to))), ())
        way.pop()
        done.add(name)
        return found

    return visit(tree.first)


def _pairs(tree: Tree) -> Iterator[tuple[Node, Node]]:
    """Every node together with each node that can come after it. The tree has no cycle."""
    after: dict[str, frozenset[str]] = {}

    def below(name: str) -> frozenset[str]:
        node = tree.node(name)
        if node is None:
            return frozenset()
        if name not in after:
            after[name] = frozenset().union(*({one.to} | below(one.to) for one in node.answers))
        return after[name]

    for node in tree.nodes:
        yield from ((node, other) for name in sorted(below(node.id)) if (other := tree.node(name)) is not None)
