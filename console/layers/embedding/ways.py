"""The ways back of the embedding, and their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.embedding import EmbeddingState, Index, Recall
from console.domain.intent import Way
from console.domain.plan import Breach, Risk, StepRecord
from console.layers.code import renewed
from console.layers.code import ways as code_ways
from console.layers.embedding import by_hand, goals
from console.layers.embedding.door import Looked
from console.steps.prove_answers import ProveAnswers
from console.steps.prove_embedding import ProveEmbedding
from console.steps.prove_recall import ProveRecall
from console.steps.see_recovery import SeeRecovery
from console.steps.step import Step
from console.steps.switch_index import SwitchIndex

RENEW = Way("renew", "index and a new revision with its embedder", "keeps the newest code; slower, and untried")
DUAL = Way("dual", "index and embedder together", "the usual way: afterwards both fit")
EMERGENCY = Way(
    "emergency", "the embedder alone", "the registry is not written; documents indexed since are not found"
)
MANY = 0.05


def ways(state: EmbeddingState, code: CodeState | None, goal: Index, revision: Revision | None) -> tuple[Way, ...]:
    """The ways to have `goal` asked by its own embedder, the proposed one first."""
    if not goals.must_go_back(state, goal):
        return (DUAL,)
    alone = () if state.index_env or revision is None else (EMERGENCY,)
    renewing = (RENEW,) if code is not None and code.serving and state.embedder_env and goal.embedder else ()
    return (DUAL, *renewing, *alone) if revision is not None or not renewing else renewing


def lossy(state: EmbeddingState, way: Way, goal: Index, newer: Index | None, looked: Looked | None) -> bool:
    """Whether more is lost than may be on a `y` alone: in an emergency any row, and rows that were not counted.

    Where both go back: many rows of the index that is in use now.
    """
    if newer is None:
        return False
    lacks = looked.lacks(newer.name, goal.name) if looked is not None else None
    if way == EMERGENCY:
        return lacks is None or lacks.count > 0
    total = newer.found_rows or newer.rows or 0
    return newer in state.actives and lacks is not None and lacks.count > total * MANY


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
    if way == RENEW and code is not None:
        moves = _renewed(settings, state, code, goal)
    elif code is not None and revision is not None:
        chosen = code_ways.ways(code, revision)[0]
        moves = code_ways.propose(settings, code, revision, chosen, seen, tolerate)
    records = [step.record() for step in moves if not isinstance(step, SeeRecovery)]
    if loses:
        records = [replace(one, risk=Risk.LOSSY) if one.turns else one for one in records]
    if way != EMERGENCY and goals.must_switch(state, goal):
        switch = _switch(settings, state, goal, turns=not records, loses=loses)
        records.insert(_place(records), switch.record())
    proofs = [step.record() for step in _proofs(settings, state, goal, seen, looked)]
    labels = [one for one in records if one.kind == "shift_traffic" and not one.turns and _after_turn(records, one)]
    return (*(one for one in records if one not in labels), *proofs, *labels)


def _place(records: Sequence[StepRecord]) -> int:
    """Right before the traffic moves, out of step for seconds only; after a revision that takes it by itself."""
    for place, one in enumerate(records):
        if one.kind == "shift_traffic":
            return place
    return next((place + 1 for place, one in enumerate(records) if one.kind == "new_env_revision"), 0)


def _renewed(settings: TargetSettings, state: EmbeddingState, code: CodeState, goal: Index) -> tuple[Step, ...]:
    """A copy of the newest revision that serves, asking as the goal wants it; then all the traffic."""
    source = code.serving[0]
    env = dict(source.env)
    changes = [(state.embedder_env, env.get(state.embedder_env, ""), goals.value_for(state, code, goal.embedder))]
    if state.index_env:
        changes.append((state.index_env, env.get(state.index_env, ""), goal.name))
    wanted = tuple(one for one in changes if one[1] != one[2])
    made = renewed.copied(settings, code, source, wanted, "embedding", "embed")
    return (made, *renewed.serving(settings, code, made))


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
        now = _asked_now(looked, goal)
        was = f"{now.words} ({now.index} with {now.embedder})" if now is not None else ""
        share, limit = before.share if before is not None else None, settings.embedding.recall_limit
        steps.append(ProveRecall(goal.name, goal.embedder, limit, share, was))
    steps.append(SeeRecovery(seen))
    return (*steps, *([ProveAnswers()] if settings.golden is not None else []))


def _asked_now(looked: Looked | None, goal: Index) -> Recall | None:
    """What the pair that serves now finds."""
    others = (one for one in (looked.recall if looked is not None else ()) if one.asked)
    return next((one for one in others if (one.index, one.embedder) != (goal.name, goal.embedder)), None)
