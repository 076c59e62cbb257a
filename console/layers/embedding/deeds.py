"""What may be wanted of the embedding layer: to go back, to take a run back, and to drop an index."""

from __future__ import annotations

from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.embedding import EmbeddingState
from console.domain.intent import Deed, Intent
from console.domain.plan import Plan, Refusal
from console.domain.run import Run
from console.domain.snapshot import Snapshot
from console.domain.traffic import TrafficEntry
from console.layers.embedding import by_hand, goals, guards, plans
from console.layers.embedding.beside import beside
from console.layers.embedding.facets import EMBEDDING, words
from console.layers.planning import Findings, NothingToDo
from console.steps.drop_index import DropIndex


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted of the embedding. Raises NothingToDo."""
    state = snapshot.embedding.state
    if state is None or settings.embedding is None:
        raise NothingToDo(snapshot.embedding.error or "the registry of indexes has not been read yet")
    state = beside(state, snapshot.code.state)
    match intent.deed:
        case Deed.ROLL_BACK:
            return plans.roll_back(settings, snapshot, state, intent, findings)
        case Deed.UNDO:
            return undo(settings, snapshot, state, intent, findings)
        case Deed.DROP_INDEX:
            return drop(settings, snapshot, state, intent)
        case _:
            raise NothingToDo(f"there is nothing to {intent.deed} in the embedding")


def undo(
    settings: TargetSettings, snapshot: Snapshot, state: EmbeddingState, intent: Intent, findings: Findings
) -> Plan:
    """Back to the index that a run left, by the same guards; what asks it is found anew."""
    run = findings.undone
    former = _left_by(run)
    if run is None or former is None:
        raise NothingToDo("that run switched no index: roll the code back to the version you want")
    served = _served_before(run, snapshot.code.state)
    plan = plans.roll_back(
        settings, snapshot, state, replace(intent, deed=Deed.ROLL_BACK, to=former), findings, served
    )
    again = Refusal(f"it brings {former} back, which run {run.id} rolled away from", True)
    title = f"Undo run {run.id}: index → {former} as before"
    return replace(plan, deed=Deed.UNDO, title=title, undoes=run.id, refusals=(*plan.refusals, again))


def _served_before(run: Run, code: CodeState | None) -> Revision | None:
    """The revision that a run took the traffic from; None where it took none, or it no longer exists."""
    moved = next(
        (one for one in (run.plan.steps if run.plan else ()) if one.kind == "shift_traffic" and one.turns), None
    )
    if moved is None or code is None:
        return None
    array = [TrafficEntry(**entry) for entry in moved.body["expects"]]
    return code.find(max(array, key=lambda entry: entry.weight).resolved(code.latest) or "")


def _left_by(run: Run | None) -> str | None:
    """The index that was active before a run, where it was one."""
    if run is None or run.plan is None:
        return None
    switched = next((one for one in run.plan.steps if one.kind == "switch_index"), None)
    expects = list(switched.body["expects"]) if switched is not None else []
    return str(expects[0]) if len(expects) == 1 else None


def drop(settings: TargetSettings, snapshot: Snapshot, state: EmbeddingState, intent: Intent) -> Plan:
    assert settings.embedding is not None
    index = goals.named(state, snapshot, intent)
    if index is None:
        raise NothingToDo(f"there is no index {intent.to or intent.item or ''}".rstrip())
    refusals = guards.of_dropping(snapshot, state, index, snapshot.at)
    table = settings.embedding.vectors is not None and not index.unread.endswith("does not exist")
    command = by_hand.drop(settings.embedding, state, index, table)
    step = DropIndex(index.name, index.embedder, index.dimensions, table, command).record()
    allowed = all(refusal.overridable for refusal in refusals)
    rows = f"{index.found_rows:,} rows" if index.found_rows is not None else "its rows"
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer=EMBEDDING,
        app=state.place,
        origin=(),
        goal=index.key,
        grade="",
        reason="it is in use" if index in state.actives else "it is not in use",
        steps=(step,) if allowed else (),
        title=f"Drop {words(index)}",
        deed=Deed.DROP_INDEX,
        unknown=(
            *(() if state.serving else ("what serves could not be read: whether a revision names it is not known",)),
            *(
                ()
                if settings.embedding.vectors
                else ("its table: embedding.vectors is not configured; only the row goes",)
            ),
        ),
        stays=(f"{rows} are gone for good: only building the index again brings them back",) if table else (),
        refusals=refusals,
        by_hand=command if allowed else "",
    )
