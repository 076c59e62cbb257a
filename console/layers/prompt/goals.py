"""Which prompt goes back, and to which version: never to one known bad, nor to one newer than what serves."""

from __future__ import annotations

from collections.abc import Iterator

from console.domain.good import Grade, History
from console.domain.intent import Deed, Intent
from console.domain.prompt import Prompt, PromptState
from console.domain.snapshot import Snapshot
from console.layers.prompt.facets import PROMPT, key, shown

MOST = 10


def item(snapshot: Snapshot, intent: Intent) -> Prompt | None:
    """The named prompt; else the one that explains best what is wrong; else one that is in trouble by itself."""
    state = snapshot.prompt.state
    if state is None:
        return None
    if intent.item is not None:
        return state.find(intent.item)
    for suspect in snapshot.changes.of(PROMPT):
        found = state.find(suspect.change.item)
        if found is not None and found.active:
            return found
    return next((prompt for prompt in state.prompts if prompt.trouble and prompt.versions), None)


def chosen(snapshot: Snapshot, intent: Intent) -> tuple[Prompt, str] | None:
    """The prompt and the version it would go to; None where there is nothing to choose."""
    prompt = item(snapshot, intent)
    if prompt is None:
        return None
    if intent.to is not None:
        named = prompt.find(intent.to)
        return (prompt, named.version) if named is not None else None
    goal = best(snapshot, prompt)
    return (prompt, goal[0]) if goal is not None else None


def concerned(snapshot: Snapshot, intent: Intent) -> list[tuple[Prompt, str]]:
    """Whose texts a plan may need: the chosen one's, those that changed, for an undo those that turned last."""
    state = snapshot.prompt.state
    if state is None:
        return []
    one = chosen(snapshot, intent)
    found = [one] if one is not None else []
    for suspect in snapshot.changes.of(PROMPT)[:MOST]:
        prompt = state.find(suspect.change.item)
        if prompt is not None and suspect.change.before and prompt.find(suspect.change.before):
            found.append((prompt, suspect.change.before))
    if intent.deed is Deed.UNDO:
        turned = [prompt for prompt in state.prompts if prompt.was and prompt.find(prompt.was) and prompt.since]
        turned.sort(key=lambda prompt: prompt.since.timestamp() if prompt.since else 0.0, reverse=True)
        found += [(prompt, prompt.was) for prompt in turned[:MOST] if prompt.was]
    found += [(prompt, prompt.serves) for prompt, _ in found if prompt.serves]
    return list({(prompt.item, version): (prompt, version) for prompt, version in found}.values())


def best(snapshot: Snapshot, prompt: Prompt) -> tuple[str, Grade, str] | None:
    """The best-graded older version, with its grade and the evidence."""
    candidates = [version for version in older(prompt) if not snapshot.history.known_bad(key(prompt, version))]
    graded = [(version, *grade(snapshot, prompt, version)) for version in candidates]
    return min(graded, key=lambda one: (one[1].rank, candidates.index(one[0])), default=None)


def older(prompt: Prompt) -> list[str]:
    """Versions that a rollback may choose, newest first: older than the newest that is active, and not active."""
    order = [one.version for one in prompt.versions]
    places = [order.index(version) for version in prompt.active if version in order]
    return [version for version in order[min(places, default=-1) + 1 :] if version not in prompt.active]


def grade(snapshot: Snapshot, prompt: Prompt, version: str) -> tuple[Grade, str]:
    """How good a version is known to be, and by what."""
    mark = _mark(snapshot.history, prompt, version)
    if mark:
        return Grade.MARKED, mark
    baseline = snapshot.changes.baseline
    facet = baseline.bundle.find(PROMPT, prompt.item) if baseline.bundle is not None else None
    if facet is not None and facet.version == version:
        return baseline.grade or Grade.CARRIED, f"{shown(prompt, version)} served in the {baseline.why or 'baseline'}"
    for suspect in snapshot.changes.of(PROMPT):
        if suspect.change.item == prompt.item and suspect.change.before == version:
            return Grade.CARRIED, f"it served before: {suspect.change.words}; quality not measured"
    if prompt.was == version:
        until = f" until {prompt.since:%d %b %H:%M}Z" if prompt.since is not None else ""
        return Grade.CARRIED, f"it served before{until}; quality not measured"
    return Grade.UNTRIED, "untried: an older version; nothing else known"


def goes_forward(prompt: Prompt, version: str) -> bool:
    """Whether a version is newer than what serves."""
    order = [one.version for one in prompt.versions]
    places = [order.index(active) for active in prompt.active if active in order]
    return version in order and bool(places) and order.index(version) < min(places)


def others(state: PromptState, snapshot: Snapshot, prompt: Prompt) -> Iterator[str]:
    """Other prompts that changed too, in words."""
    for suspect in snapshot.changes.of(PROMPT):
        if suspect.change.item != prompt.item and state.find(suspect.change.item) is not None:
            yield suspect.change.words


def _mark(history: History, prompt: Prompt, version: str) -> str:
    mark = history.marks.get(key(prompt, version))
    if mark is None or not mark.good:
        return ""
    return f"marked good by {mark.by}{f': {mark.reason}' if mark.reason else ''}"
