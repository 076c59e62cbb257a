"""What serves of the embedding layer: the index in use, and the embedder of the revision that serves."""

from __future__ import annotations

from console.domain.bundle import Facet
from console.domain.code import CodeState
from console.domain.embedding import EmbeddingState, Index
from console.layers.embedding.beside import beside, embedder_of

EMBEDDING, INDEX, EMBEDDER = "embedding", "index", "embedder"


def of(state: EmbeddingState, code: CodeState | None) -> tuple[Facet, ...]:
    """The index, several where several are active, and the embedder; nothing of what is not known."""
    state = beside(state, code)
    embedder = _embedder(state, code) if code is not None else None
    return (*_index(state), *([embedder] if embedder else []))


def words(index: Index) -> str:
    """`docs_v1 3-small 1536`."""
    return f"{index.name} {index.embedder.removeprefix('text-embedding-') or '?'} {index.dimensions or '?'}"


def _index(state: EmbeddingState) -> tuple[Facet, ...]:
    actives = state.actives
    if len(actives) != 1:
        names = " + ".join(sorted(one.version for one in actives)) or "none"
        return (Facet(EMBEDDING, INDEX, names, words=" + ".join(sorted(one.name for one in actives)) or "none"),)
    index = actives[0]
    since, source = index.activated_at, "the registry"
    if since is None:
        since, source = index.built_at, "the registry: when it was built"
    before = former(state, index)
    return (
        Facet(
            EMBEDDING,
            INDEX,
            index.version,
            since,
            source=source if since else "",
            before=before.version if before else None,
            words=words(index),
        ),
    )


def former(state: EmbeddingState, index: Index) -> Index | None:
    """The index that served before, as far as the registry remembers: by use where it tells, else by age."""
    if index.activated_at is not None:
        used = [(one.activated_at, one) for one in state.indexes if one.activated_at is not None]
        earlier = [pair for pair in used if pair[0] < index.activated_at]
        if len(used) > 1:
            return max(earlier, key=lambda pair: pair[0])[1] if earlier else None
    older = [one for one in state.indexes if one.built_at and index.built_at and one.built_at < index.built_at]
    return older[0] if older else None


def _embedder(state: EmbeddingState, code: CodeState) -> Facet | None:
    """The newest serving revision's, since the first of those in a row that have it."""
    newest = next(iter(code.serving), None)
    embedder = embedder_of(state, newest) if newest else ""
    if newest is None or not embedder:
        return None
    since, before = newest.created, None
    for one in code.revisions[code.revisions.index(newest) + 1 :]:
        said = embedder_of(state, one)
        if said and said != embedder:
            before = said
            break
        since = one.created if said and code.weight(newest.name) and one.created else since
    return Facet(EMBEDDING, EMBEDDER, embedder, since, "", "its revision's creation", before, embedder)
