"""What a person should see before a prompt goes back: both texts, checked, unknown, stays, afterwards."""

from __future__ import annotations

import shlex

from console.config.settings import TargetSettings
from console.domain.plan import Note, Passage, Refusal, Turn
from console.domain.prompt import Prompt, PromptState
from console.domain.snapshot import Snapshot
from console.layers.prompt import goals, texts
from console.layers.prompt.door import Looked, Text
from console.layers.prompt.facets import PROMPT, actives, key, shown


def turn(prompt: Prompt, goal: str) -> Turn:
    """The one line of before and after."""
    since = f"serves since {prompt.since:%d %b %H:%M}Z ({prompt.source})" if prompt.since is not None else ""
    calls = f"{prompt.calls:,} calls since" if prompt.calls is not None and prompt.since is not None else ""
    version = prompt.find(goal)
    created = version.created if version is not None else None
    by = f" by {version.by}" if version is not None and version.by else ""
    then = f"created {created:%d %b %Y}{by}" if created is not None else ""
    now = ", ".join(filter(None, (prompt.trouble, since, calls)))
    return Turn(PROMPT, prompt.item, actives(prompt), shown(prompt, goal), now, then)


def passages(prompt: Prompt, goal: str, looked: Looked | None) -> tuple[Passage, ...]:
    """The difference, and both texts beside each other; the goal's text alone where there is no other."""
    if looked is None or looked.after is None:
        return ()
    there = f"{prompt.item} {shown(prompt, goal)}"
    if looked.before is None:
        return (Passage(there, looked.after.text),)
    here = f"{prompt.item} {actives(prompt)}"
    if looked.before.digest == looked.after.digest:
        return (Passage(f"{here} and {shown(prompt, goal)}: the same text", looked.after.text),)
    pair = (looked.before.text, looked.after.text, (here, there))
    return (
        Passage(f"{here} → {shown(prompt, goal)}: what changes", texts.unified(*pair)),
        Passage(f"{here} beside {shown(prompt, goal)}", texts.beside(*pair)),
    )


def differences(prompt: Prompt, goal: str, looked: Looked | None) -> tuple[str, ...]:
    """How far the texts are apart, in words."""
    if looked is None or looked.before is None or looked.after is None:
        return ()
    before, after = looked.before.text.splitlines(), looked.after.text.splitlines()
    if looked.before.digest == looked.after.digest:
        return (f"{shown(prompt, goal)} has the same text",)
    lines = texts.unified(looked.before.text, looked.after.text, ("", "")).splitlines()[2:]
    gone, new = (sum(line.startswith(sign) for line in lines) for sign in "-+")
    sizes = f"{len(before)} → {len(after)} lines" if len(before) != len(after) else f"{len(after)} lines"
    return (f"text: {gone} line{'s' * (gone != 1)} go{'es' * (gone == 1)}, {new} come{'s' * (new == 1)} ({sizes})",)


def checked(prompt: Prompt, goal: str, looked: Looked | None) -> tuple[Note, ...]:
    """What was looked at for this plan."""
    if looked is None:
        return ()
    notes = []
    if looked.after is not None:
        notes.append(Note(f"{shown(prompt, goal)} exists, {looked.after.length:,} characters"))
    if len(prompt.active) == 1:
        notes.append(Note(f"only {actives(prompt)} is active"))
    if looked.access.may_write:
        notes.append(Note(f"you may write {looked.access.table}"))
    return tuple(notes)


def unknown(
    settings: TargetSettings, state: PromptState, prompt: Prompt, goal: str, looked: Looked | None
) -> tuple[str, ...]:
    """What nobody can tell beforehand."""
    lines = list(placeholders(prompt, goal, looked))
    if looked is not None:
        lines += [] if looked.asked else [f"the text of {shown(prompt, goal)}: not read for this plan"]
        lines += [f"{one.words}: the flip waits at most 2 s for it" for one in looked.holders]
        lines += looked.unread
        lines += [_cut(prompt, one) for one in (looked.before, looked.after) if one is not None and not one.whole]
    if state.cache_ttl_s:
        lines.append(f"the service may hold {actives(prompt)} in its cache for {state.cache_ttl_s:g} s after this")
    if settings.calls is None:
        lines.append("which version answers afterwards: the call log is not configured")
    elif state.unread:
        lines.append(f"which version is called: {state.unread}")
    if state.mode == "sql":
        lines.append("what prompt.sql.activate does besides: it is the team's own, and what it leaves is checked")
    return tuple(lines)


def placeholders(prompt: Prompt, goal: str, looked: Looked | None) -> tuple[str, ...]:
    """The names that only one of the texts has: the code that serves must fill what the text wants."""
    if looked is None or looked.before is None or looked.after is None:
        return ()
    now, then = texts.placeholders(looked.before.text), texts.placeholders(looked.after.text)
    lines = []
    for names, here, there in ((then - now, goal, actives(prompt)), (now - then, actives(prompt), goal)):
        if names:
            wants = ", ".join(f"{{{name}}}" for name in sorted(names)[:6])
            has = f"{shown(prompt, here) if here == goal else here} wants {wants}"
            lacks = shown(prompt, there) if there == goal else there
            fills = "whether the code fills it" if here == goal else "whether the code needs it there"
            lines.append(f"{has}, which {lacks} does not have: {fills}")
    return tuple(lines)


def stays(
    settings: TargetSettings, state: PromptState, snapshot: Snapshot, prompt: Prompt, goal: str
) -> tuple[str, ...]:
    """What this does not undo."""
    left = " and ".join(shown(prompt, one) for one in prompt.active if one != goal and prompt.find(one))
    lines = [f"{left} stays in {state.place}, not active"] if left and state.mode == "flag" else []
    lines += [f"{words} stays" for words in goals.others(state, snapshot, prompt)]
    if settings.calls is None or not prompt.active:
        return tuple(lines)
    calls = f" in {prompt.calls:,} calls" if prompt.calls else ""
    which = f"rollback-console calls --prompt {shlex.quote(prompt.name)} tells which"
    return (*lines, f"what {actives(prompt)} answered{calls}: {which}")


def afterwards(state: PromptState, prompt: Prompt) -> tuple[str, ...]:
    """What to know once it has gone back."""
    lines = [f"for {state.cache_ttl_s:g} s both versions may answer"] if state.cache_ttl_s else []
    return (*lines, f"whatever publishes {prompt.item} next activates its own version again")


def refusals(
    snapshot: Snapshot, state: PromptState, prompt: Prompt, goal: str, looked: Looked | None
) -> tuple[Refusal, ...]:
    """Why the plan may not run, or only with the target's name typed."""
    found = []
    if len(prompt.active) > 1:
        several = f"{prompt.item}: {prompt.trouble}; this leaves {shown(prompt, goal)} alone"
        found.append(Refusal(several, state.mode == "flag"))
    if not prompt.active and state.mode == "pointer":
        found.append(Refusal(f"{prompt.item}: no row of the pointers' table names it, and none is made"))
    if prompt.odd:
        found.append(Refusal(f"{prompt.item}: {prompt.odd}: it is not written from here"))
    mark = snapshot.history.marks.get(key(prompt, goal))
    if mark is not None and not mark.good:
        found.append(Refusal(f"{shown(prompt, goal)} is known bad: {mark.reason or 'marked'} ({mark.by})", True))
    if goals.goes_forward(prompt, goal):
        found.append(Refusal(f"{shown(prompt, goal)} is newer than what serves: this does not go back", True))
    if looked is None:
        return tuple(found)
    if looked.after is None and looked.asked:
        found.append(Refusal(f"version {goal} of {prompt.item} does not exist any more"))
    elif looked.after is not None and not looked.after.text.strip():
        found.append(Refusal(f"the text of {shown(prompt, goal)} is empty", True))
    if looked.access.standby:
        found.append(Refusal("this database is a standby: nothing can be written to it"))
    if looked.access.may_write is False:
        found.append(Refusal(f"{looked.access.login} may not write {looked.access.table}: it wants GRANT UPDATE"))
    return tuple(found)


def _cut(prompt: Prompt, text: Text) -> str:
    return f"{shown(prompt, text.version)} has {text.length:,} characters: its middle is not shown"
