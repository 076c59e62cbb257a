"""What a person should see before the embedding goes back: checked, unknown, stays, and the rows not found then."""

from __future__ import annotations

from collections.abc import Sequence

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.embedding import EmbeddingState, Index
from console.domain.intent import Way
from console.domain.plan import Note, Passage, Shift, StepRecord, Turn
from console.layers.code import notes as code_notes
from console.layers.embedding import by_hand, goals, ways
from console.layers.embedding.door import Looked
from console.layers.embedding.facets import EMBEDDER, EMBEDDING, INDEX, words


def turns(state: EmbeddingState, goal: Index, way: Way) -> tuple[Turn, ...]:
    """The index and the embedder, each where it changes."""
    found = []
    if [one.name for one in state.actives] != [goal.name] and way != ways.EMERGENCY:
        before = " + ".join(words(one) for one in state.actives) or "none"
        active = state.active
        found.append(Turn(EMBEDDING, INDEX, before, words(goal), _holds(active) if active else "", _holds(goal)))
    if goals.must_go_back(state, goal):
        found.append(Turn(EMBEDDING, EMBEDDER, " + ".join(state.asking) or "?", goal.embedder))
    return tuple(found)


def shifts(code: CodeState | None, revision: Revision | None, steps: Sequence[StepRecord]) -> tuple[Shift, ...]:
    """Who has how much of the traffic now and then; a revision that is only being made has none yet."""
    if code is None:
        return ()
    if revision is not None:
        return code_notes.shifts(code, revision)
    made = next((str(step.body["target"]) for step in steps if step.kind == "new_env_revision"), "")
    now = (Shift(one.name, code.weight(one.name), 0, one.running or one.condition) for one in code.serving)
    return (Shift(made, 0, 100, "to be made"), *now) if made else ()


def checked(state: EmbeddingState, goal: Index, looked: Looked | None) -> tuple[Note, ...]:
    """What the tables and the recall questions say."""
    notes = []
    if state.mismatch:
        notes.append(Note(f"now: {state.mismatch}", ok=False))
    if _holds(goal):
        notes.append(Note(f"{goal.name} {_holds(goal)}", ok=not goal.other_dimensions))
    measured = looked.measured.get(goal.name) if looked is not None else None
    if measured is not None and measured.stamps == (goal.embedder,):
        notes.append(Note(f"every row of {goal.name} says {goal.embedder}"))
    for one in looked.recall if looked is not None else ():
        if one.asked:
            when = "" if (one.index, one.embedder) == (goal.name, goal.embedder) else " now"
            notes.append(
                Note(f"recall of {one.index}{when}: {one.words} with {one.embedder}", ok=one.found == one.asked)
            )
    return tuple(notes)


def unknown(
    settings: TargetSettings, state: EmbeddingState, goal: Index, moves: bool, way: Way, looked: Looked | None
) -> tuple[str, ...]:
    """What nobody can tell beforehand; `moves` says that the traffic moves too."""
    embedding = settings.embedding
    assert embedding is not None
    lines = [state.unread] if state.unread else []
    lines += [line for line in (looked.unread if looked is not None else ()) if line not in lines]
    if not state.embedder_env:
        lines.append("with which embedder each revision asks: code.expects_env.embedder is not configured")
    elif not state.asking:
        lines.append(f"with which embedder the service asks: no revision that serves has {state.embedder_env}")
    if embedding.vectors is None:
        lines.append("what the tables hold: embedding.vectors is not configured; the registry's word alone is known")
    elif not embedding.written_at:
        lines.append(f"whether {goal.name} was written since it was built: embedding.written_at is not configured")
    if embedding.recall_questions is None:
        lines.append("recall: not measured (no recall questions)")
    if way == ways.RENEW:
        lines.append("the new revision was never tried: it takes the app's current secrets, and must start first")
    if moves and way != ways.EMERGENCY and goals.must_switch(state, goal):
        lines.append("between the two writes, some seconds, index and embedder do not fit")
    return tuple(lines)


def stays(
    state: EmbeddingState, code: CodeState | None, goal: Index, newer: Index | None, looked: Looked | None
) -> tuple[str, ...]:
    """What this does not undo."""
    lines = []
    lacks = looked.lacks(newer.name, goal.name) if newer is not None and looked is not None else None
    if newer is not None and lacks is not None and lacks.count:
        idle = "" if newer in state.actives else ", which is not in use now"
        until = f"not found until embedded again into {goal.name}"
        lines.append(f"{_documents(lacks.count)} only in {newer.name}{idle}: {until}")
    elif newer is not None and lacks is not None:
        lines.append(f"no row is lost: {goal.name} has every document of {newer.name}")
    elif newer is not None:
        lines.append(f"the rows that only {newer.name} has are not found afterwards: how many is not known")
    for one in state.actives:
        if one.name != goal.name:
            lines.append(f"{one.name} stays as it is, and so does whatever still writes to it")
    return tuple(lines)


def passages(
    settings: TargetSettings, state: EmbeddingState, goal: Index, newer: Index | None, looked: Looked | None
) -> tuple[Passage, ...]:
    """The documents that would not be found, as CSV."""
    lacks = looked.lacks(newer.name, goal.name) if newer is not None and looked is not None else None
    if newer is None or lacks is None or not lacks.count or settings.embedding is None:
        return ()
    more = lacks.count - len(lacks.first)
    rest = f"# and {more:,} more; all of them" if more > 0 else "# as a file"
    command = by_hand.lacking(settings.embedding, state, newer, goal)
    lines = (settings.embedding.document, *(_field(one) for one in lacks.first), f"{rest}: {command}")
    return (Passage(f"{_documents(lacks.count)} only in {newer.name} (CSV)", "\n".join(lines)),)


def _holds(index: Index) -> str:
    """`holds 1,204 rows of 1536 dimensions, built 12 Nov by …`."""
    if index.found_dimensions is None and index.found_rows is None:
        return ""
    about = "about " if index.estimated else ""
    rows = f"{about}{index.found_rows:,} rows" if index.found_rows is not None else "rows that were not counted"
    size = f" of {index.found_dimensions} dimensions" if index.found_dimensions else ""
    return f"holds {rows}{size}"


def _documents(count: int) -> str:
    return "1 document is" if count == 1 else f"{count:,} documents are"


def _field(value: str) -> str:
    """A CSV field, quoted where it must be (RFC 4180)."""
    escaped = value.replace('"', '""')
    return f'"{escaped}"' if any(mark in value for mark in ',"\n') else value
