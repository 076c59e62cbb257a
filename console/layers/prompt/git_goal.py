"""Which commit of the prompts a rollback goes to."""

from __future__ import annotations

from collections.abc import Iterator

from console.domain.intent import Intent
from console.domain.prompt import Prompt
from console.domain.snapshot import Snapshot
from console.layers.planning import NothingToDo

ITEM = "prompts"


def key(version: str) -> str:
    """How marks name a commit of the prompts."""
    return f"{ITEM} {version}"


def goal_of(snapshot: Snapshot, prompt: Prompt, intent: Intent) -> str:
    """The wanted commit, else what served before, never a known-bad one. Raises NothingToDo."""
    if prompt.serves is None:
        raise NothingToDo("which commit of the prompts is deployed is not known")
    found = _wanted(prompt, intent.to) if intent.to else next(_candidates(snapshot, prompt), None)
    if found is None:
        raise NothingToDo("no earlier commit of the prompts is known that is not known bad")
    if found == prompt.serves:
        raise NothingToDo(f"the prompts of {found[:9]} are deployed already")
    return found


def _wanted(prompt: Prompt, name: str) -> str:
    found = [one.version for one in prompt.versions if one.version.startswith(name.lower())]
    if len(found) > 1:
        raise NothingToDo(f"{len(found)} commits begin with {name[:12]}: give more of its digits")
    if not found:
        raise NothingToDo(f"no commit {name[:12]} touched the prompts")
    return found[0]


def _candidates(snapshot: Snapshot, prompt: Prompt) -> Iterator[str]:
    """What the baseline had, what served before, those marked good, and the others, newest first."""
    names = [one.version for one in prompt.versions]
    older = names[names.index(prompt.serves) + 1 :] if prompt.serves in names else []
    history = snapshot.history
    changed = [one.change.before for one in snapshot.changes.of("prompt") if one.change.before in names]
    marked = [name for name in older if (mark := history.marks.get(key(name))) is not None and mark.good]
    for name in (*changed, *marked, prompt.was, *older):
        if name in names and name != prompt.serves and not history.known_bad(key(name)):
            yield name
