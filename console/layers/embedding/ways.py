"""The ways back of the embedding, and their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.embedding import EmbeddingState, Index
from console.domain.intent import Way
from console.domain.plan import Breach, Risk, StepRecord
from console.layers.code import ways as code_ways
from console.layers.embedding import by_hand, goals
from console.layers.embedding.door import Looked
from console.steps.prove_answers import ProveAnswers
from console.steps.prove_embedding import ProveEmbedding
from console.steps.prove_recall import ProveRecall
from console.steps.see_recovery import SeeRecovery
from console.steps.step import Step
from console.steps.switch_index import SwitchIndex

DUAL = Way("dual", "index and embedder together", "the usual way: afterwards both fit")
EMERGENCY = Way(
    "emergency", "the embedder alone", "the registry is not written; documents indexed since are not found"
)
MANY = 0.05


def ways(state: EmbeddingState, goal: Index) -> tuple[Way, ...]:
    """The ways to have `goal` asked by its own embedder, the proposed one first."""
    return (DUAL, EMERGENCY) if goals.must_go_back(state, goal) and not state.index_env else (DUAL,)


def lossy(way: Way, goal: Index, newer: Index | None, looked: Looked | None) -> bool:
    """Whether more is lost than may be on a `y` alone: in an emergency any row, and rows that were not counted."""
    if newer is None:
        return False
    lacks = looked.lacks(newer.name, goal.name) if looked is not None else None
    if way == EMERGENCY:
        return lacks is None or lacks.count > 0
    total = newer.found_rows or newer.rows or 0
    return lacks is not None and lacks.count > total * MANY


def propose(
    settings: TargetSettings,
    state: EmbeddingState,
    code: CodeState | None,
    goal: Index,
    revision: Revision | None,
    way: Way,
    seen: tuple[Breach, ...],
    looked: Looked | None,
    loses: bool,
    tolerate: bool,
) -> tuple[StepRecord, ...]:
    """Ready the revision, switch the index, move the traffic, and prove all of it, as far as each is needed."""
    moves: Sequence[Step] = ()
    if code is not None and revision is not None:
        chosen = code_ways.ways(code, revision)[0]
        moves = code_ways.propose(settings, code, revision, chosen, seen, tolerate)
    records = [step.record() for step in moves if not isinstance(step, SeeRecovery)]
    if loses:
        records = [replace(one, risk=Risk.LOSSY) if one.turns else one for one in records]
    if way == DUAL and goals.must_switch(state, goal):
        switch = _switch(settings, state, goal, turns=not records, loses=loses)
        first = next((place for place, one in enumerate(records) if "ready" not in one.makes and one.writes), 0)
        records.insert(first if records else 0, switch.record())
    proofs = [step.record() for step in _proofs(settings, state, goal, seen, looked)]
    labels = [one for one in records if one.kind == "shift_traffic" and not one.turns and _after_turn(records, one)]
    return (*(one for one in records if one not in labels), *proofs, *labels)


def _after_turn(records: Sequence[StepRecord], one: StepRecord) -> bool:
    """Whether it comes after the write that turns: a label that follows, no first half of the traffic."""
    turn = next((place for place, record in enumerate(records) if record.turns), len(records))
    return records.index(one) > turn


def _switch(settings: TargetSettings, state: EmbeddingState, goal: Index, turns: bool, loses: bool) -> SwitchIndex:
    assert settings.embedding is not None
    expects = tuple(sorted(one.name for one in state.indexes if one.active))
    command = by_hand.switch(settings.embedding, state, goal)
    return SwitchIndex(expects, goal.name, goal.embedder, goal.dimensions, command, turns, loses)


def _proofs(
    settings: TargetSettings, state: EmbeddingState, goal: Index, seen: tuple[Breach, ...], looked: Looked | None
) -> tuple[Step, ...]:
    assert settings.embedding is not None
    steps: list[Step] = [ProveEmbedding(goal.name, goal.embedder, goal.dimensions)]
    if settings.embedding.recall_questions is not None and settings.embedding.vectors is not None:
        before = looked.recalled(goal.name, goal.embedder) if looked is not None else None
        now = next((one for one in looked.recall if one.index != goal.name), None) if looked is not None else None
        was = f"{now.words} ({now.index})" if now is not None and now.asked else ""
        share, limit = before.share if before is not None else None, settings.embedding.recall_limit
        steps.append(ProveRecall(goal.name, goal.embedder, limit, share, was))
    steps.append(SeeRecovery(seen))
    return (*steps, *([ProveAnswers()] if settings.golden is not None else []))
