"""Where the embedding goes back to: which index, and which revision asks it with the embedder that built it."""

from __future__ import annotations

from console.domain.code import CodeState, Condition, Revision
from console.domain.embedding import EmbeddingState, Index
from console.domain.good import Choice, History, grade
from console.domain.intent import Deed, Intent
from console.domain.snapshot import Snapshot
from console.layers.embedding.beside import embedder_of
from console.layers.embedding.facets import EMBEDDER, EMBEDDING, INDEX


def named(state: EmbeddingState, snapshot: Snapshot, intent: Intent) -> Index | None:
    """The index that is meant: the one named, else the one from before the likeliest change; None where none is."""
    if intent.deed is Deed.DROP_INDEX or intent.to is not None:
        return meant(state, intent.to or intent.item or "")
    wanted = (intent.item,) if intent.item in (INDEX, EMBEDDER) else (INDEX, EMBEDDER)
    for suspect in snapshot.changes.of(EMBEDDING):
        change = suspect.change
        if change.item in wanted and change.before:
            found = meant(state, change.before)
            newer = found is not None and state.active is not None and before(state.active, found)
            if found is not None and not newer and not snapshot.history.known_bad(found.key):
                return found
    return _fitting(state) if state.mismatch else None


def meant(state: EmbeddingState, said: str) -> Index | None:
    """An index by its name or its version, or the one that an embedder built: the active one, else the newest."""
    found = state.find(said) or next((one for one in state.indexes if said in (one.version, one.key)), None)
    if found is not None:
        return found
    by_name = state.find(said.split(" ")[0])
    if by_name is not None and " " in said:
        return by_name
    built = [one for one in state.indexes if one.embedder == said]
    return next((one for one in state.actives if one in built), built[0] if built else None)


def _fitting(state: EmbeddingState) -> Index | None:
    """Nothing is known to have changed, and what serves does not fit: the newest pair that is no newer than it.

    That is an older index that the serving embedder built, else the active one, to whose embedder the code goes back.
    """
    active, serving = state.active, state.embedder
    if active is None:
        built = [one for one in state.indexes if one.embedder == serving]
        return built[0] if built else None
    if active.other_dimensions:
        return next((one for one in state.indexes if one is not active and one.embedder == serving), None)
    older = [one for one in state.indexes if one.embedder == serving and before(one, active)]
    return older[0] if older else active


def before(one: Index, other: Index) -> bool:
    return bool(one.built_at and other.built_at and one.built_at < other.built_at)


def newer_than(state: EmbeddingState, goal: Index) -> Index | None:
    """Whose rows would no longer be found: the index in use, else the newest that the serving embedder built."""
    in_use = [one for one in state.actives if one.name != goal.name]
    if in_use:
        return in_use[0]
    built = [one for one in state.indexes if one.name != goal.name and one.embedder in state.asking]
    return next((one for one in built if not before(one, goal)), None)


def must_switch(state: EmbeddingState, goal: Index) -> bool:
    """Whether the registry has to be written: revisions that name their index themselves turn it by serving."""
    return not state.index_env and [one.name for one in state.actives] != [goal.name]


def must_go_back(state: EmbeddingState, goal: Index) -> bool:
    """Whether the code has to: a revision that serves asks with another embedder, or another index."""
    strangers = [one for one in state.asking if goal.embedder and one != goal.embedder]
    return bool(strangers) or bool(state.index_env and [one.name for one in state.actives] != [goal.name])


def revision_for(
    state: EmbeddingState, code: CodeState, goal: Index, history: History, choice: Choice
) -> Revision | None:
    """The revision that asks with the goal's embedder: the chosen good one if it does, else the best graded.

    Never the newest that serves, nor one that is newer, failed or known bad.
    """
    newest = code.serving[0] if code.serving else None
    candidates = [one for one in code.revisions if _may(one, newest, history) and _fits(state, one, goal)]
    chosen = choice.good.revision if choice.good else ""
    for one in candidates:
        if one.name == chosen:
            return one
    graded = [(found.grade.rank, one) for one in candidates if (found := grade(one, code, history))]
    return min(graded, key=lambda pair: pair[0])[1] if graded else next(iter(candidates), None)


def _may(one: Revision, newest: Revision | None, history: History) -> bool:
    if newest is None or one.name == newest.name or one.condition is Condition.FAILED or history.known_bad(one.name):
        return False
    return not (one.created and newest.created and one.created > newest.created)


def _fits(state: EmbeddingState, one: Revision, goal: Index) -> bool:
    if state.index_env and dict(one.env).get(state.index_env, "") != goal.name:
        return False
    return embedder_of(state, one) == goal.embedder


def value_for(state: EmbeddingState, code: CodeState, embedder: str) -> str:
    """What the env says for an embedder: as some revision said it, else as the configuration knows it."""
    said = (
        dict(one.env).get(state.embedder_env, "") for one in code.revisions if embedder_of(state, one) == embedder
    )
    known = (value for value, means in state.meanings.items() if means == embedder)
    return (*said, *known, embedder)[0]
