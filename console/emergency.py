"""The three fast ways out: what changed and comes back fast, the traffic alone, or the feature switched off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from console.config.settings import TargetSettings
from console.domain.intent import ALL, FAST, FEATURE, Deed, Intent
from console.domain.plan import Plan
from console.domain.snapshot import Snapshot
from console.layers.planning import NothingToDo

EVERYTHING = Intent(layer=ALL, way=FAST)
TRAFFIC = Intent()
OFF = Intent(Deed.SWITCH_OFF, FEATURE)
WAYS = (
    (1, "take back everything fast that changed", EVERYTHING),
    (2, "traffic only", TRAFFIC),
    (3, "switch the feature off", OFF),
)

Draft = Callable[[Intent], Plan]


@dataclass(frozen=True, slots=True)
class Option:
    """One way out. `would_change` says what it would change now, such as `code v42→v41, drug_info 7→6`.

    Where it would change nothing, or may not, `intent` is None and `why_not` says why. `stays` is what taking
    everything back leaves as it is; `typed` that it will want the target's name.
    """

    number: int
    title: str
    would_change: str = ""
    intent: Intent | None = None
    why_not: str = ""
    stays: tuple[str, ...] = ()
    typed: bool = False


def options(settings: TargetSettings, snapshot: Snapshot, draft: Draft) -> tuple[Option, ...]:
    """All three, always; `draft` gives the plan for an intent from what is known, or raises NothingToDo.

    The first takes back whatever changed since the baseline, but for what would lose data and what waits for a
    pipeline: these are done by themselves.
    """
    return tuple(_option(snapshot, draft, *way) for way in WAYS)


def _option(snapshot: Snapshot, draft: Draft, number: int, title: str, intent: Intent) -> Option:
    try:
        plan = draft(intent)
    except NothingToDo as nothing:
        return Option(number, title, why_not=nothing.sentence)
    if plan.refused is not None:
        return Option(number, title, why_not=plan.refused.sentence)
    left = plan.stays if intent.layer == ALL else ()
    return Option(number, title, words(snapshot, plan), intent, stays=left, typed=plan.needs_typing)


def words(snapshot: Snapshot, plan: Plan) -> str:
    """What a plan would change, in a line: `code v42→v41, drug_info 7→6`; a switch's own command."""
    if plan.deed == Deed.SWITCH_OFF:
        return plan.turns[0].then
    state = snapshot.code.state
    told = [f"{turn.item} {turn.before}→{turn.after}" for turn in plan.turns]
    moved = [shift for shift in plan.shifts if shift.before != shift.after]
    if state is not None and moved and not any(turn.layer == "code" for turn in plan.turns):
        lost = ", ".join(state.short(shift.revision) for shift in moved if shift.after < shift.before)
        gained = ", ".join(state.short(shift.revision) for shift in moved if shift.after > shift.before)
        told.insert(0, f"code {lost}→{gained}")
    return ", ".join(told) or plan.title
