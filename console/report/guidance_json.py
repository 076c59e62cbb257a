"""The decision tree and its walks as JSON."""

from __future__ import annotations

from typing import Any

from console.domain.decision import Taken, Tree, Walk
from console.domain.incident import Answered, Care
from console.domain.plan import Plan
from console.report import as_json
from console.report.times import time


def tree(value: Tree) -> dict[str, Any]:
    """`decide --tree --json`: the node that is asked first comes first."""
    nodes = sorted(value.nodes, key=lambda node: node.id != value.first)
    return {
        "nodes": [
            {
                "id": node.id,
                "question": node.question,
                "answers": [{"answer": one.answer, "to": one.to} for one in node.answers],
            }
            for node in nodes
        ],
        "leaves": [{"id": leaf.id, "title": leaf.title, "runbook": f"{leaf.runbook}.md"} for leaf in value.leaves],
    }


def walk(value: Walk, plan: Plan | None, why_no_plan: str, note: str = "") -> dict[str, Any]:
    """`decide --answers FILE --json`. The walk has ended in a leaf."""
    assert value.leaf is not None
    return {
        "schema": as_json.SCHEMA,
        "path": [_taken(taken) for taken in value.path],
        "leaf": value.leaf.id,
        "title": value.leaf.title,
        "runbook": f"{value.leaf.runbook}.md",
        "layer": value.leaf.layer or None,
        "first": list(value.first),
        "steps": list(value.leaf.steps),
        "plan": as_json.plan(plan) if plan is not None else None,
        "why_no_plan": why_no_plan or None,
        "aftercare": list(value.leaf.aftercare),
        "note": note or None,
    }


def _taken(taken: Taken) -> dict[str, Any]:
    return {"node": taken.node.id, "question": taken.node.question, "answer": taken.answer.answer}


def answered(value: Answered) -> dict[str, Any]:
    """One answer of an incident, or the leaf that it led to."""
    return {
        "at": time(value.at),
        "by": value.by,
        "node": None if value.arrived else value.node,
        "leaf": value.node if value.arrived else None,
        "question": value.question or None,
        "answer": value.answer,
        "note": value.note or None,
    }


def care(value: Care) -> dict[str, Any]:
    """One thing to do after a leaf."""
    return {
        "number": value.number,
        "leaf": value.leaf,
        "text": value.text,
        "state": "done" if value.done else "open",
        "by": value.by,
        "at": time(value.at),
    }
