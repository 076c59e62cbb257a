"""To which head a schema rollback goes, and which revision of the code goes with it: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from console.domain.change import Change
from console.domain.code import CodeState, Condition, Revision
from console.domain.intent import Intent
from console.domain.restore import before
from console.domain.schema import SchemaState
from console.domain.snapshot import Snapshot

ITEM = "head"


def beside(state: SchemaState, code: CodeState | None, name: str) -> SchemaState:
    """The state with the head that each revision says it needs, by its env `name`; empty where none is configured."""
    if code is None or not name:
        return state
    needs = {one.name: dict(one.env).get(name, "") for one in code.revisions}
    return replace(state, needs={revision: head for revision, head in needs.items() if head}, needs_env=name)


def change(snapshot: Snapshot) -> Change | None:
    """The schema's best-ranked change since the baseline."""
    return next((suspect.change for suspect in snapshot.changes.of("schema")), None)


@dataclass(frozen=True, slots=True)
class Target:
    """The head to go to, and how it is known to be the one; or None, and why not."""

    head: str | None
    reason: str


def target(snapshot: Snapshot, intent: Intent) -> Target:
    """What was asked for; else what served before the change; else the migration below, as the history says."""
    state = snapshot.schema.state
    if state is None:
        return Target(None, snapshot.schema.error or "the schema has not been read yet")
    if intent.to is not None:
        return Target(intent.to.removeprefix(f"{ITEM} "), "you chose it")
    changed = change(snapshot)
    if changed is not None and changed.before and "," not in changed.before and changed.before != state.head:
        return Target(changed.before, f"it was the head before{_when(changed)}")
    needed = _needed(snapshot, state)
    if needed is not None:
        return needed
    if changed is not None and state.before is not None:
        return Target(state.before, "it is the migration below, as the history says")
    return Target(None, f"the schema did not change since {snapshot.changes.baseline.why or 'the baseline'}")


def _when(changed: Change) -> str:
    at = f" changed at {changed.at:%d %b %H:%M}Z" if changed.at else " changed"
    return f" it{at}{f' by {changed.by}' if changed.by else ''}"


def _needed(snapshot: Snapshot, state: SchemaState) -> Target | None:
    """The head that what serves needs, where it is another one and lies below."""
    code = snapshot.code.state
    serving = code.serving[0] if code is not None and code.serving else None
    needed = state.needs.get(serving.name, "") if serving is not None else ""
    if not needed or needed == state.head or serving is None or code is None:
        return None
    if state.migrations and state.above(needed) is None:
        return None
    return Target(needed, f"{code.short(serving.name)}, which serves, needs it")


def fitting(snapshot: Snapshot, head: str) -> Revision | None:
    """The revision that the code goes back to where it must fit `head`: the best that is known to need it."""
    state = snapshot.schema.state
    fits = [one for one in older(snapshot) if state is not None and state.needs.get(one.name) == head]
    wanted = [suspect.change.before for suspect in snapshot.changes.of("code")]
    if snapshot.choice.good is not None:
        wanted.append(snapshot.choice.good.revision)
    return next((one for name in wanted for one in fits if one.name == name), fits[0] if fits else None)


def older(snapshot: Snapshot) -> tuple[Revision, ...]:
    """The revisions older than what serves, newest first, without those known bad and those that failed."""
    code = snapshot.code.state
    if code is None or not code.serving:
        return ()
    history, newest = snapshot.history, code.serving[0]
    sound = (one for one in code.revisions if one.condition is not Condition.FAILED)
    return tuple(one for one in sound if _older(one, newest) and not history.known_bad(one.name))


def _older(one: Revision, newest: Revision) -> bool:
    if one.name == newest.name or one.created is None or newest.created is None:
        return False
    return one.created < newest.created


def needs_other(snapshot: Snapshot, head: str) -> bool | None:
    """Whether what serves was made for another head than `head`; None: it does not say."""
    code, state = snapshot.code.state, snapshot.schema.state
    if code is None or state is None or not code.serving:
        return None
    needed = state.needs.get(code.serving[0].name)
    return None if needed is None else needed != head


def moment(snapshot: Snapshot, intent: Intent) -> tuple[datetime | None, str]:
    """The moment to restore, and why that: as asked, or a second before the bad change. Raises ValueError."""
    if intent.at is not None:
        at = datetime.fromisoformat(intent.at)
        if at.tzinfo is None:
            raise ValueError("a moment without a zone")
        return at, "the moment that you chose"
    changed = change(snapshot)
    point = before(changed) if changed is not None else None
    return (point.at, point.words) if point is not None else (None, "")
