"""One plan over several layers: their steps in one order, and everything a person should see of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from console.domain.intent import ALL
from console.domain.order import ordered
from console.domain.plan import Plan

T = TypeVar("T")

# What one plan says of all other layers is not true of several together.
UNTOUCHED = ("stay as they are", "are not changed", "is not changed")


def merged(plans: Sequence[Plan], goal: str, reason: str, left: Sequence[str]) -> Plan:
    """The plans as one; `left` says what is not taken back. Raises ValueError where steps contradict each other.

    Plans stay what they are: a refusal of one is a refusal of the whole.
    """
    first = plans[0]
    steps = ordered([plan.steps for plan in plans])
    return Plan(
        target=first.target,
        environment=first.environment,
        layer=ALL,
        app=first.app,
        origin=_joined(plan.origin for plan in plans),
        goal=goal,
        grade=next((plan.grade for plan in plans if plan.grade), ""),
        reason=reason,
        steps=steps,
        title=f"Roll back everything that changed → {goal}",
        deed=first.deed,
        differences=_joined(plan.differences for plan in plans),
        shifts=_joined(plan.shifts for plan in plans),
        checked=_joined(plan.checked for plan in plans),
        unknown=_joined(plan.unknown for plan in plans),
        stays=(*left, *(line for line in _joined(plan.stays for plan in plans) if not line.endswith(UNTOUCHED))),
        afterwards=_joined(plan.afterwards for plan in plans),
        refusals=_joined(plan.refusals for plan in plans),
        breaches=_joined(plan.breaches for plan in plans),
        by_hand="\n".join(step.command for step in steps if step.command),
        turns=_joined(plan.turns for plan in plans),
        passages=_joined(plan.passages for plan in plans),
        golden=_joined(plan.golden for plan in plans),
    )


def _joined(parts: Iterable[Iterable[T]]) -> tuple[T, ...]:
    """All of them, each once, in the order in which they came."""
    found: list[T] = []
    for part in parts:
        found += [one for one in part if one not in found]
    return tuple(found)
