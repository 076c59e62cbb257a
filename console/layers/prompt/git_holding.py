"""Whether an older revision holds the wanted prompts, so that nothing need be reverted to serve them."""

from __future__ import annotations

from console.domain.code import CodeState, Condition, Revision
from console.domain.prompt import PromptState
from console.domain.snapshot import Snapshot
from console.layers.prompt.git_state import held_by

REVISION_WAY = "revision"
_FIT = (Condition.READY, Condition.SCALED_TO_ZERO, Condition.INACTIVE)


def by_revision(snapshot: Snapshot, state: PromptState, code: CodeState, goal: str, way: str | None) -> bool:
    """Whether the way back is to move the traffic: wanted so, or not wanted otherwise."""
    return way in (None, REVISION_WAY) and fit_to_hold(snapshot, state, code, goal) is not None


def fit_to_hold(snapshot: Snapshot, state: PromptState, code: CodeState, goal: str) -> Revision | None:
    """An older revision with the prompts of `goal`, fit and not known bad: the baseline's, else the newest."""
    serving = code.serving[0] if code.serving else None
    known = {one.change.before for one in snapshot.changes.of("code")}
    found = [
        revision
        for revision in code.revisions
        if serving is not None
        and revision.created is not None
        and serving.created is not None
        and revision.created < serving.created
        and revision.condition in _FIT
        and held_by(state, revision) == goal
        and not snapshot.history.known_bad(revision.name)
    ]
    return next((one for one in found if one.name in known), found[0] if found else None)
