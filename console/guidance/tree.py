"""Loads the decision tree: the console's own, or the one in a team's folder; checked whole, or not used at all."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from console.config.settings import TargetSettings
from console.domain.clean import clean
from console.domain.decision import Answer, Known, Leaf, Node, Tree, mistakes
from console.guidance.evidence import KINDS
from console.guidance.leaves import PLANS
from console.guidance.runbook import shelf

NAME = "decision-tree.toml"
PACKAGE = "runbooks"
MOST_BYTES = 1_000_000
MOST_NODES = 200

_ANSWER = {"answer": str, "title": str, "to": str, "why": str, "first": str}
_NODE = {"id": str, "question": str, "help": str, "why": str, "evidence": list, "answers": list}
_LEAF = {
    "id": str,
    "title": str,
    "runbook": str,
    "layer": str,
    "plan": str,
    "manual": bool,
    "steps": list,
    "aftercare": list,
}
_NEEDED = {"nodes": ("id", "question", "answers"), "leaves": ("id", "title", "runbook"), "answers": ("answer", "to")}
_KINDS: Mapping[str, Mapping[str, Any]] = {"nodes": _NODE, "leaves": _LEAF, "answers": _ANSWER}
_WORDS = {str: "a text", list: "a list", bool: "true or false"}


class TreeError(Exception):
    """The tree cannot be walked; `mistakes` holds every reason, each naming its node."""

    def __init__(self, place: str, found: tuple[str, ...]) -> None:
        super().__init__(place)
        self.place = place
        self.mistakes = found

    @property
    def sentence(self) -> str:
        return "\n".join(
            [f"{self.place}: this decision tree cannot be walked:", *(f"  {one}" for one in self.mistakes)]
        )


def folder_of(settings: TargetSettings | None) -> Path | None:
    """The team's own folder of runbooks; None where none is configured."""
    if settings is None or settings.runbooks is None:
        return None
    return Path(settings.home) / settings.runbooks


def load(folder: Path | None = None) -> Tree:
    """The team's tree where its folder holds one, else ours; with the runbooks of both. Raises TreeError."""
    own = folder / NAME if folder is not None else None
    if own is None or not own.is_file():
        return _ours(folder)
    try:
        raw = own.read_bytes()
    except OSError as error:
        raise TreeError(str(own), (f"it cannot be read: {error.strerror or error}",)) from error
    return read(raw, str(own), runbooks(folder))


@cache
def _ours(folder: Path | None) -> Tree:
    raw = importlib.resources.files(PACKAGE).joinpath(NAME).read_bytes()
    return read(raw, NAME, runbooks(folder))


def runbooks(folder: Path | None = None) -> frozenset[str]:
    """The names of every runbook there is, without .md: ours, and the team's."""
    return frozenset(shelf(folder).runbooks)


def read(raw: bytes, place: str, known: frozenset[str]) -> Tree:
    """The tree that these bytes hold; `known` are the runbooks. Raises TreeError with every mistake at once."""
    if len(raw) > MOST_BYTES:
        raise TreeError(place, (f"it has {len(raw)} bytes: a tree has {MOST_BYTES} at most",))
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TreeError(place, (f"it is not TOML: {clean(str(error), 200)}",)) from error
    found = tuple(_shape(data))
    if found:
        raise TreeError(place, found)
    tree = _tree(data)
    found = mistakes(tree, Known(known, tuple(PLANS), KINDS))
    if found:
        raise TreeError(place, found)
    return tree


def _shape(data: Mapping[str, Any]) -> Iterator[str]:
    """What is not of the kind that it must be."""
    for key in data:
        if key not in ("first", "nodes", "leaves"):
            yield f"{clean(key, 60)}: unknown key: there are first, nodes and leaves"
    if not isinstance(data.get("first"), str):
        yield "first: the id of the node that is asked first is missing"
    for table in ("nodes", "leaves"):
        rows = data.get(table)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            yield f"{table}: [[{table}]] is missing, or is no list of tables"
            continue
        if len(rows) > MOST_NODES:
            yield f"{table}: {len(rows)} of them: a tree has {MOST_NODES} at most"
        for place, row in enumerate(rows, 1):
            yield from _row(table, clean(str(row.get("id") or f"{table} {place}"), 60), row)


def _row(kind: str, name: str, row: Mapping[str, Any]) -> Iterator[str]:
    known = _KINDS[kind]
    for key, value in row.items():
        if key not in known:
            yield f"{name}: unknown key {clean(key, 60)}: there are {', '.join(known)}"
        elif not isinstance(value, known[key]):
            yield f"{name}: {key} must be {_WORDS[known[key]]}"
        elif key == "answers" and isinstance(value, list):
            yield from _answers(name, value)
        elif isinstance(value, list) and not all(isinstance(one, str) and one.strip() for one in value):
            yield f"{name}: {key} must hold texts only, none of them empty"
    for key in _NEEDED[kind]:
        if key not in row:
            yield f"{name}: {key} is missing"


def _answers(name: str, rows: list[Any]) -> Iterator[str]:
    for row in rows:
        if not isinstance(row, dict):
            yield f"{name}: each of its answers is a table with answer and to"
        else:
            yield from _row("answers", f"{name}: {clean(str(row.get('answer', 'an answer')), 60)}", row)


def _tree(data: Mapping[str, Any]) -> Tree:
    return Tree(data["first"], tuple(map(_node, data["nodes"])), tuple(map(_leaf, data["leaves"])))


def _node(row: Mapping[str, Any]) -> Node:
    return Node(
        id=_line(row["id"]),
        question=_line(row["question"]),
        answers=tuple(map(_answer, row["answers"])),
        help=_line(row.get("help", "")),
        evidence=tuple(row.get("evidence", ())),
        why=_line(row.get("why", "")),
    )


def _answer(row: Mapping[str, Any]) -> Answer:
    word = _line(row["answer"])
    return Answer(
        word, _line(row.get("title", "")) or word, row["to"], _line(row.get("why", "")), _line(row.get("first", ""))
    )


def _leaf(row: Mapping[str, Any]) -> Leaf:
    return Leaf(
        id=_line(row["id"]),
        title=_line(row["title"]),
        runbook=row["runbook"],
        layer=row.get("layer", ""),
        plan=row.get("plan", ""),
        manual=row.get("manual", False),
        steps=tuple(map(_line, row.get("steps", ()))),
        aftercare=tuple(map(_line, row.get("aftercare", ()))),
    )


def _line(text: str) -> str:
    """One clean line, whatever breaks the file writes it with."""
    return clean(" ".join(text.split()), 1000)
