"""Why a code rollback may not run: what is refused outright, and what only a typed name overrides."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.code import CodeState, Condition, Revision
from console.domain.golden import GoldenResult
from console.domain.good import History
from console.domain.intent import Deed, Way
from console.domain.plan import Refusal
from console.domain.run import Outcome, Run
from console.domain.signal import Sample
from console.domain.snapshot import Snapshot
from console.layers.code import ways
from console.layers.planning import breached_since
from console.steps.ready_revision import right, unreachable

_LEAVING = ("deprovisioning", "deprovisioned")


def refusals(
    state: CodeState, goal: Revision, way: Way, history: History, answer: Sample | None, may_write: bool | None
) -> tuple[Refusal, ...]:
    """Everything that speaks against putting all traffic on `goal`, hard refusals first."""
    found = [*_of_the_app(state, goal, way), *_of_the_target(state, goal, history)]
    if answer is not None and goal.active and _wrong(answer):
        found.append(Refusal(f"{state.short(goal.name)} answers {answer.status} on its own address", True))
    if may_write is False:
        found.append(
            Refusal("Azure's list of your permissions lacks Microsoft.App/containerApps/write on this app", True)
        )
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))


def brought_back(state: CodeState, snapshot: Snapshot, last: Run | None) -> tuple[Refusal, ...]:
    """Going back twice needs a reason: a retry, or a second operator, must not leave what was just brought back."""
    if last is None or last.plan is None or last.plan.deed != Deed.ROLL_BACK or breached_since(snapshot, last):
        return ()
    serving = state.serving[0].name if state.serving else ""
    if last.outcome not in (Outcome.VERIFIED, Outcome.UNPROVEN) or last.plan.goal != serving:
        return ()
    back = f"{state.short(serving)} serves since run {last.id} brought it back"
    return (Refusal(f"{back}, and no signal is over its limit: going back further wants a reason", True),)


def no_better(state: CodeState, goal: Revision, golden: Mapping[str, GoldenResult]) -> tuple[Refusal, ...]:
    """A target that fails the golden questions as much as what serves cures nothing."""
    then, serving = golden.get(goal.name), state.serving[0].name if state.serving else ""
    now = golden.get(serving) or golden.get("")
    if then is None or now is None or then.share is None or now.share is None or then.perfect:
        return ()
    if then.share > now.share:
        return ()
    short = state.short(goal.name)
    return (
        Refusal(f"{short} answers no better: golden {then.words}, and {now.words} now: look beside the code", True),
    )


def cannot_answer(goal: Revision, answer: Sample | None) -> bool:
    """Whether the target is known to fail or to answer wrongly, so that only a typed name lets traffic go there."""
    return goal.condition is Condition.FAILED or (answer is not None and goal.active and _wrong(answer))


def _wrong(answer: Sample) -> bool:
    return not unreachable(answer) and not right(answer)


def _of_the_app(state: CodeState, goal: Revision, way: Way) -> list[Refusal]:
    found = []
    if state.provisioning.lower() == "inprogress":
        found.append(Refusal(f"Azure is still carrying out another change of {state.app}: wait until it ends"))
    if way == ways.LABEL and ways.label_move(state, goal.name) is None:
        found.append(
            Refusal(
                f"{state.short(goal.name)} has no label, and in labels mode only labelled revisions run: give it one "
                "of its own first, then come back"
            )
        )
    return found


def _of_the_target(state: CodeState, goal: Revision, history: History) -> list[Refusal]:
    short, found = state.short(goal.name), []
    if goal.running.lower() in _LEAVING or goal.provisioning.lower() in _LEAVING:
        found.append(Refusal(f"{short} is being deprovisioned by Azure"))
    elif goal.condition is Condition.FAILED:
        why = f": {goal.error}" if goal.error else ""
        found.append(Refusal(f"Azure calls {short} {goal.running or goal.provisioning}{why}", True))
    mark = history.marks.get(goal.name)
    if mark is not None and not mark.good:
        found.append(Refusal(f"{short} is known bad: {mark.reason or 'marked'} ({mark.by})", True))
    newest = state.serving[0] if state.serving else None
    if newest and goal.created and newest.created and goal.created > newest.created:
        found.append(Refusal(f"{short} is newer than what serves: this does not go back", True))
    return found
