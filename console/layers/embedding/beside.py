"""The registry together with what the code's revisions say: which embedder asks which index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from console.domain.code import CodeState, Revision
from console.domain.embedding import EmbeddingState


def beside(state: EmbeddingState, code: CodeState | None) -> EmbeddingState:
    """The state with every revision's embedder and index, and with the revisions that serve."""
    if code is None:
        return state
    return replace(
        state,
        embedders=_named(code, lambda one: embedder_of(state, one)),
        chosen=_named(code, lambda one: dict(one.env).get(state.index_env, "") if state.index_env else ""),
        serving=tuple(one.name for one in code.serving),
    )


def embedder_of(state: EmbeddingState, revision: Revision) -> str:
    """The embedder that a revision's env names, empty where it does not."""
    said = dict(revision.env).get(state.embedder_env, "") if state.embedder_env else ""
    return state.meanings.get(said, said)


def _named(code: CodeState, what: Callable[[Revision], str]) -> Mapping[str, str]:
    return {one.name: found for one in code.revisions if (found := what(one))}
