"""What is still to do after a run, and the way round Azure: offered, never done by itself."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from console.config.settings import TargetSettings
from console.domain.intent import ALL, Deed, Intent
from console.domain.run import Outcome, Run
from console.domain.snapshot import Snapshot

UNDONE = frozenset({"shift_traffic", "flip_prompt", "switch_index"})


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that may be done next, in words, and the intent that begins it."""

    title: str
    intent: Intent


def offers_after(run: Run, snapshot: Snapshot) -> tuple[Offer, ...]:
    """Deactivating what lost its traffic and still runs; undo; unpin where the latest revision serves."""
    state, plan = snapshot.code.state, run.plan
    if state is None or plan is None or run.outcome is None:
        return ()
    found: list[Offer] = []
    if run.outcome in (Outcome.VERIFIED, Outcome.UNPROVEN) and plan.deed == Deed.ROLL_BACK:
        for name in plan.origin:
            revision = state.find(name)
            if revision is not None and revision.active and state.weight(name) == 0:
                rules = f", which consumes {', '.join(revision.scale_rules)}" if revision.scale_rules else ""
                intent = Intent(Deed.DEACTIVATE, to=name)
                found.append(Offer(f"deactivate {state.short(name)}{rules}", intent))
    moved = any(step.kind in UNDONE for step in plan.steps) and run.accepted_s is not None
    if moved and plan.layer != ALL and plan.deed == Deed.ROLL_BACK and run.outcome is not Outcome.UNDONE:
        names = ", ".join(state.short(name) for name in plan.origin)
        what = "the traffic goes back to" if plan.layer == "code" else f"{plan.layer} goes back to"
        found.append(Offer(f"undo run {run.id}: {what} {names}", Intent(Deed.UNDO, plan.layer, run=run.id)))
    return tuple(found)


def bypass_command(settings: TargetSettings, snapshot: Snapshot) -> str:
    """The configured way round Azure with today's names, quoted for a shell; empty where there is none."""
    good, state = snapshot.choice.good, snapshot.code.state
    if settings.bypass is None:
        return ""
    revision = state.find(good.revision) if state and good else None
    names = {
        "{good_revision}": revision.name if revision else "",
        "{good_revision_fqdn}": revision.fqdn if revision else "",
        "{app}": settings.code.container_app,
    }
    command = settings.bypass.command
    for placeholder, value in names.items():
        command = command.replace(placeholder, shlex.quote(value) if value else placeholder)
    return command
