"""What every plan of the model layer begins with."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.intent import Deed
from console.domain.model import ModelState
from console.domain.plan import Plan, Refusal
from console.domain.snapshot import Snapshot
from console.layers.model.goal import MODEL
from console.steps.step import Step


def base(
    snapshot: Snapshot, state: ModelState, steps: Sequence[Step], title: str, deed: Deed = Deed.ROLL_BACK
) -> Plan:
    """A plan with nothing but its steps."""
    records = tuple(step.record() for step in steps)
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer=MODEL,
        app=state.account,
        origin=(),
        goal="",
        grade="",
        reason="",
        steps=records,
        title=title,
        deed=deed,
        by_hand="\n".join(record.command for record in records if record.command),
    )


def allowed(refusals: Sequence[Refusal]) -> bool:
    """Whether the plan may run at all, if only for a typed name."""
    return all(refusal.overridable for refusal in refusals)
