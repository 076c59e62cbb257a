"""The plans of the embedding layer: index and embedder back together, or the embedder alone."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.embedding import EmbeddingState, Index
from console.domain.good import Grade
from console.domain.intent import Intent, Way
from console.domain.plan import Note, Plan, Refusal
from console.domain.snapshot import Snapshot
from console.layers.code import guards as code_guards
from console.layers.code import notes as code_notes
from console.layers.code import ways as code_ways
from console.layers.embedding import goals, guards, notes, ways
from console.layers.embedding.door import Looked
from console.layers.embedding.facets import EMBEDDER, EMBEDDING, INDEX
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured


def roll_back(
    settings: TargetSettings,
    snapshot: Snapshot,
    state: EmbeddingState,
    intent: Intent,
    findings: Findings,
    former: Revision | None = None,
) -> Plan:
    """`former` is the revision to go to, where an undo knows it."""
    goal = _goal(snapshot, state, intent)
    found = findings.looked.get(EMBEDDING)
    looked = found if isinstance(found, Looked) else None
    code, newer = snapshot.code.state, goals.newer_than(state, goal)
    back = goals.must_go_back(state, goal)
    if not back and not goals.must_switch(state, goal):
        raise NothingToDo(f"{goal.name} is in use already, and what asks it built it")
    revision = former or (_revision(snapshot, state, code, goal) if back else None)
    possible = ways.ways(state, code, goal, revision)
    way = next((one for one in possible if one.name == intent.way), possible[0])
    if way == ways.RENEW:
        revision = None
    refusals = (
        *guards.of_the_index(settings, snapshot, state, goal, looked, findings.spans),
        *_pair(state, code, goal, revision, way),
        *_code(snapshot, code, revision, findings),
    )
    seen, loses = breaches(snapshot), ways.lossy(state, way, goal, newer, looked)
    tolerate = revision is not None and code_guards.cannot_answer(revision, findings.answer)
    allowed = all(refusal.overridable for refusal in refusals)
    steps = ways.propose(settings, state, code, goal, revision, way, seen, looked, loses, tolerate) if allowed else ()
    turned, moves = notes.turns(state, goal, way), revision is not None or way == ways.RENEW
    title = ", ".join(f"{turn.item} {turn.before} → {turn.after}" for turn in turned)
    graded, reason = _grade(snapshot, state, goal, intent)
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer=EMBEDDING,
        app=state.place,
        origin=_origin(state, code, goal, revision, way),
        goal=goal.key,
        grade=graded,
        reason=reason,
        steps=steps,
        title=f"Roll back embedding: {title}",
        way=way.name,
        ways=possible,
        differences=code_notes.differences(code, revision) if code is not None and revision is not None else (),
        shifts=notes.shifts(code, revision, steps),
        checked=(
            *notes.checked(state, goal, looked),
            *_code_checked(code, revision, findings),
        ),
        unknown=(
            *unmeasured(snapshot),
            *notes.unknown(settings, state, goal, moves, way, looked),
            *answers(findings, settings.golden is not None),
        ),
        stays=notes.stays(state, code, goal, newer, looked),
        afterwards=_afterwards(goal, newer, moves),
        refusals=refusals,
        breaches=over(seen),
        by_hand="\n".join(step.command for step in steps if step.command),
        turns=turned,
        passages=notes.passages(settings, state, goal, newer, looked),
        golden=tuple((name, result.words) for name, result in findings.golden.items()),
    )


def _goal(snapshot: Snapshot, state: EmbeddingState, intent: Intent) -> Index:
    goal = goals.named(state, snapshot, intent)
    if goal is not None:
        return goal
    if intent.to is not None:
        known = ", ".join(one.name for one in state.indexes) or "none"
        raise NothingToDo(f"there is no index {intent.to}, nor one that it built: there are {known}")
    if state.mismatch:
        raise NothingToDo(f"{state.mismatch}, and no other index is known that fits: name one with --to")
    why = snapshot.changes.baseline.why
    since = f" since the baseline ({why})" if why else ""
    raise NothingToDo(f"nothing of the embedding changed{since}: name an index with --to")


def _revision(snapshot: Snapshot, state: EmbeddingState, code: CodeState | None, goal: Index) -> Revision | None:
    if code is None:
        return None
    return goals.revision_for(state, code, goal, snapshot.history, snapshot.choice)


def _pair(
    state: EmbeddingState, code: CodeState | None, goal: Index, revision: Revision | None, way: Way
) -> tuple[Refusal, ...]:
    """What will ask the index that will be in use: they must fit."""
    if way == ways.EMERGENCY:
        left = state.active
        if left is None:
            return (Refusal(f"{state.mismatch}: switch index and embedder together (way {ways.DUAL.name})"),)
        if left.name != goal.name:
            remedy = f"switch index and embedder together (way {ways.DUAL.name})"
            refused = guards.of_the_pair(left, goal.embedder, remedy)
            if refused:
                return refused
    if not goals.must_go_back(state, goal) or revision is not None or way == ways.RENEW:
        return ()
    if code is None:
        return (Refusal("the app's revisions could not be read: whether one asks with that embedder is not known"),)
    asking = " and ".join(state.asking) or "another embedder"
    remedy = f"no older revision that may serve has {state.embedder_env}={goal.embedder}: deploy one, then come back"
    return (Refusal(f"{goal.name} was built by {goal.embedder}, and {asking} would ask it; {remedy}"),)


def _code(
    snapshot: Snapshot, code: CodeState | None, revision: Revision | None, findings: Findings
) -> tuple[Refusal, ...]:
    """What speaks against the revision that would take the traffic."""
    if code is None or revision is None:
        return ()
    way = code_ways.ways(code, revision)[0]
    return code_guards.refusals(code, revision, way, snapshot.history, findings.answer, findings.may_write)


def _code_checked(code: CodeState | None, revision: Revision | None, findings: Findings) -> tuple[Note, ...]:
    if code is None or revision is None:
        return ()
    return code_notes.checked(code, revision, findings.answer, findings.path, findings.may_write)


def _origin(
    state: EmbeddingState, code: CodeState | None, goal: Index, revision: Revision | None, way: Way
) -> tuple[str, ...]:
    """What is left behind, by the names of marks: index, embedder, and the revisions that lose the traffic."""
    indexes = [one.key for one in state.actives if one.name != goal.name and way != ways.EMERGENCY]
    embedders = [f"{EMBEDDER} {one}" for one in state.asking if one != goal.embedder]
    back = revision is not None or way == ways.RENEW
    left = [one.name for one in code.serving if one.active and one is not revision] if code and back else []
    return (*indexes, *embedders, *left)


def _grade(snapshot: Snapshot, state: EmbeddingState, goal: Index, intent: Intent) -> tuple[str, str]:
    mark = snapshot.history.marks.get(goal.key)
    if mark is not None and mark.good:
        return Grade.MARKED, f"marked good by {mark.by}"
    baseline = snapshot.changes.baseline
    facet = baseline.bundle.find(EMBEDDING, INDEX) if baseline.bundle is not None else None
    if facet is not None and facet.version == goal.version:
        return baseline.grade or Grade.CARRIED, f"the baseline has it: {baseline.why}"
    for suspect in snapshot.changes.of(EMBEDDING):
        if suspect.change.before in (goal.version, goal.embedder):
            return Grade.CARRIED, f"it served before: {suspect.change.words}"
    if state.mismatch and intent.to is None:
        return Grade.UNTRIED, f"it fits, and what serves does not: {state.mismatch}"
    return Grade.UNTRIED, "you chose it; nothing is known of it"


def _afterwards(goal: Index, newer: Index | None, moves: bool) -> tuple[str, ...]:
    lines = [f"whatever embeds new documents must write to {goal.name} again, with {goal.embedder or 'its embedder'}"]
    lines += [f"keep {newer.name}: it is the way forward again"] if newer is not None else []
    return (*lines, *(["new revisions get 0 % of the traffic until it is unpinned"] if moves else []))
