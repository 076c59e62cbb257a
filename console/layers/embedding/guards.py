"""Why an index may not be gone back to, nor dropped: what is refused outright, and what a typed name overrides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.config.settings import TargetSettings
from console.domain.embedding import EmbeddingState, Index
from console.domain.observed import Span
from console.domain.plan import Refusal
from console.domain.snapshot import Snapshot
from console.layers.embedding.door import Looked
from console.layers.embedding.facets import EMBEDDING, INDEX
from console.layers.embedding.goals import before

REWRITTEN = 0.1
KEPT = timedelta(hours=24)


def of_the_index(
    settings: TargetSettings,
    snapshot: Snapshot,
    state: EmbeddingState,
    goal: Index,
    looked: Looked | None,
    spans: Sequence[Span] = (),
) -> tuple[Refusal, ...]:
    """Everything that speaks against asking `goal` again, hard refusals first."""
    found = [*_re_embedded(snapshot, goal, looked, spans), *_unfit(goal)]
    mark = snapshot.history.marks.get(goal.key)
    if mark is not None and not mark.good:
        found.append(Refusal(f"{goal.name} is known bad: {mark.reason or 'marked'} ({mark.by})", True))
    active = state.active
    if active is not None and before(active, goal):
        found.append(Refusal(f"{goal.name} is newer than {active.name}, which serves: this does not go back", True))
    found += _recall(settings, goal, looked)
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))


def of_the_pair(index: Index, embedder: str, remedy: str) -> tuple[Refusal, ...]:
    """Embedder and index must fit after the plan."""
    if not embedder or not index.embedder or embedder == index.embedder:
        return ()
    return (Refusal(f"{index.name} was built by {index.embedder}, and {embedder} would ask it: {remedy}"),)


def of_dropping(snapshot: Snapshot, state: EmbeddingState, index: Index, now: datetime) -> tuple[Refusal, ...]:
    """An index in use, or that what was good needs, is not dropped; one that may be needed yet only on purpose."""
    if index.active or index in state.actives:
        return (Refusal(f"{index.name} is in use: it cannot be dropped"),)
    namers = sorted(name.rpartition("--")[2] for name in state.serving if state.chosen.get(name) == index.name)
    if namers:
        return (Refusal(f"{', '.join(namers)} serves and names {index.name}: it cannot be dropped"),)
    baseline = snapshot.changes.baseline
    facet = baseline.bundle.find(EMBEDDING, INDEX) if baseline.bundle is not None else None
    if facet is not None and facet.version.split(" ")[0] == index.name:
        why = f"the baseline ({baseline.why})" if baseline.why else "the baseline"
        return (Refusal(f"{index.name} is in {why}: without it there is no way back"),)
    found = []
    others = [one for one in state.indexes if one.name != index.name and one not in state.actives]
    if not others:
        found.append(Refusal(f"{index.name} is the only other index: without it there is no way back", True))
    return (*found, *_too_soon(state, index, now))


def _too_soon(state: EmbeddingState, index: Index, now: datetime) -> list[Refusal]:
    """A day past the validation of what took its place, mistakes have shown."""
    active = state.active
    if active is None:
        return []
    if active.validated_at is None:
        said = f"when {active.name} was validated is not known: keep {index.name} for 24 h after that"
        return [Refusal(said, True)]
    since = now - active.validated_at
    if since >= KEPT:
        return []
    hours = max(0, int(since.total_seconds() // 3600))
    return [Refusal(f"{active.name} was validated {hours} h ago: keep {index.name} for 24 h", True)]


def _re_embedded(snapshot: Snapshot, goal: Index, looked: Looked | None, spans: Sequence[Span]) -> list[Refusal]:
    """Whatever shows that its rows are not by the embedder that its stamp names."""
    measured = looked.measured.get(goal.name) if looked is not None else None
    in_place, name = "re-embedded in place", goal.name
    if goal.other_dimensions:
        return [Refusal(f"{name} says {goal.dimensions} dimensions and holds {goal.found_dimensions}: {in_place}")]
    others = [one for one in (measured.stamps if measured else ()) if goal.embedder and one != goal.embedder]
    if others:
        return [Refusal(f"{name} holds rows by {', '.join(others)}, not only by {goal.embedder}: {in_place}")]
    former = next((one for one in _known(snapshot, spans) if one.split(" ")[0] == name), goal.version)
    if former != goal.version:
        return [Refusal(f"{name} was {former.partition(' ')[2]} when it served, and is {goal.stamp} now: {in_place}")]
    again = goal.in_place
    if not again:
        return []
    total = goal.found_rows or goal.rows or again
    said = f"{again:,} of its {total:,} rows were written again since it was built"
    if again >= total * REWRITTEN:
        return [Refusal(f"{name}: {said}: {in_place}")]
    return [Refusal(f"{name}: {said}; by which embedder is not known", True)]


def _known(snapshot: Snapshot, spans: Sequence[Span]) -> tuple[str, ...]:
    """The versions of the index that were seen to serve, the ones before a change first, then the newest first."""
    changed = (one.change.before for one in snapshot.changes.of(EMBEDDING) if one.change.item == INDEX)
    bundles = (snapshot.changes.baseline.bundle, *(span.bundle for span in reversed(spans)))
    facets = (bundle.find(EMBEDDING, INDEX) for bundle in bundles if bundle is not None)
    return tuple(filter(None, (*changed, *(facet.version for facet in facets if facet is not None))))


def _unfit(goal: Index) -> list[Refusal]:
    if goal.unread.endswith("does not exist"):
        return [Refusal(f"{goal.name} is gone: {goal.unread}")]
    if goal.unread:
        return [Refusal(f"{goal.name}: {goal.unread}", True)]
    if goal.found_rows == 0:
        return [Refusal(f"{goal.name} is empty")]
    if goal.progress is not None and goal.progress < 100:
        return [Refusal(f"{goal.name} is only {goal.progress:.0f} % built")]
    return []


def _recall(settings: TargetSettings, goal: Index, looked: Looked | None) -> list[Refusal]:
    recall = looked.recalled(goal.name, goal.embedder) if looked is not None else None
    if recall is None or recall.share is None or settings.embedding is None:
        return []
    if recall.share >= settings.embedding.recall_limit:
        return []
    return [Refusal(f"{goal.name} finds the documents of only {recall.words} recall questions", True)]
