"""What a person should see before prompts in git go back, and what forbids it."""

from __future__ import annotations

from console.config.layer_settings import PromptSettings
from console.domain.code import CodeState
from console.domain.plan import Note, Refusal
from console.domain.prompt import Prompt
from console.domain.snapshot import Snapshot
from console.layers.planning import Findings
from console.layers.prompt import git_by_hand
from console.layers.prompt.git_goal import key
from console.layers.prompt.git_revert import Reverting
from console.layers.prompt.git_state import DIGITS

SHOWN = 4


def reason(prompt: Prompt, goal: str, reverting: Reverting | None) -> str:
    found = prompt.find(goal)
    what = f"“{found.note}” by {found.by}" if found is not None and found.by else goal[:DIGITS]
    count = len(reverting.commits) if reverting is not None else 0
    taken = f"; {count} commits are taken back" if count > 1 else ""
    return f"the prompts as of {what}{taken}"


def subjects(prompt: Prompt, goal: str) -> tuple[str, str]:
    """What each side's commit says of itself."""
    now, then = prompt.find(prompt.serves or ""), prompt.find(goal)
    return (now.note if now is not None else "", then.note if then is not None else "")


def newer(prompt: Prompt, goal: str) -> tuple[str, ...]:
    """The commits from the one that serves down to the goal, which stays, newest first."""
    names = [one.version for one in prompt.versions]
    if prompt.serves not in names or goal not in names:
        return (prompt.serves,) if prompt.serves else ()
    return tuple(names[names.index(prompt.serves) : names.index(goal)])


def bad_goal(snapshot: Snapshot, goal: str) -> tuple[Refusal, ...]:
    mark = snapshot.history.marks.get(key(goal))
    if mark is None or mark.good:
        return ()
    return (Refusal(f"{goal[:DIGITS]} is known bad: {mark.reason or 'marked'} ({mark.by})", True),)


def refusals(reverting: Reverting | None, prompt: Prompt, findings: Findings) -> tuple[Refusal, ...]:
    """Nothing is refused while a plan is only drafted."""
    if "prompt" not in findings.looked:
        return ()
    if reverting is None:
        return (Refusal("the deployed commit is not in this clone: nothing can be reverted on it"),)
    found = [Refusal(reverting.refused)] if reverting.refused else []
    if reverting.serves and reverting.serves != prompt.serves and not reverting.refused:
        found.append(Refusal("another commit was deployed while this was looked at: look again"))
    if reverting.push and not reverting.there:
        found.append(Refusal(f"the remote would not take the push: {reverting.push}"))
    if findings.may_write is False:
        found.append(Refusal("you may not write this app: the traffic could not be moved afterwards"))
    if reverting.outside:
        found.append(Refusal(f"the commit also changed {_some(reverting.outside)}: that goes back with it", True))
    if reverting.other:
        found.append(Refusal(f"afterwards {_some(reverting.other)} would not be as at the goal", True))
    return tuple(found)


def checked(reverting: Reverting | None, goal: str, may_write: bool | None) -> tuple[Note, ...]:
    if reverting is None or not reverting.commit:
        return ()
    on = f"on the deployed {reverting.base[:DIGITS]}, so that nothing undeployed goes with it"
    notes = [Note(f"the revert {reverting.commit[:DIGITS]} applies, {on}")]
    if not reverting.other:
        notes.append(Note(f"the prompts are then exactly those of {goal[:DIGITS]}"))
    if reverting.there:
        notes.append(Note(f"{reverting.branch} holds this revert already: nothing is pushed again"))
    elif not reverting.push:
        notes.append(Note(f"you may push {reverting.branch} (tried without sending)"))
    if may_write is not None:
        notes.append(Note("you may write this app" if may_write else "you may not write this app", ok=may_write))
    return tuple(notes)


def unknown(prompts: PromptSettings, reverting: Reverting | None) -> tuple[str, ...]:
    found = [f"how long the pipeline takes; it is waited for {prompts.deploy_wait_s / 60:.0f} min"]
    if reverting is not None and reverting.commit and not reverting.there:
        found.append("whether the remote's own hooks and rules take the push: only the push itself tells")
    if reverting is not None and reverting.dirty:
        found.append("your own tree has uncommitted prompts: they are neither used nor touched")
    return tuple(found)


def stays(prompts: PromptSettings, code: CodeState) -> tuple[str, ...]:
    serving = " and ".join(code.short(one.name) for one in code.serving)
    single = code.mode.lower() == "single"
    kept = "is stopped by Azure once the new revision serves" if single else "keeps running at 0 %"
    return (f"{serving} {kept}", "your own tree, index and branches are not touched")


def stays_on_branch(prompts: PromptSettings, bad: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{_short(bad)} stays on {prompts.branch}: no revert is pushed by this",)


def aftercare(prompts: PromptSettings, bad: tuple[str, ...]) -> tuple[str, ...]:
    """The revert, where an older revision serves instead."""
    command = git_by_hand.on_branch(prompts, bad)
    return (f"revert {_short(bad)} on {prompts.branch} before the next deployment, or it comes back: {command}",)


def merging(prompts: PromptSettings, reverting: Reverting | None) -> tuple[str, ...]:
    branch = reverting.branch if reverting is not None else "the revert"
    return (f"merge {branch} into {prompts.branch}, or the next deployment brings the bad prompts back",)


def _short(commits: tuple[str, ...]) -> str:
    more = f" and {len(commits) - SHOWN} more" if len(commits) > SHOWN else ""
    return ", ".join(one[:DIGITS] for one in commits[:SHOWN]) + more


def _some(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more
