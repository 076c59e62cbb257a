"""The way back of prompts in git: an older revision that holds them, or the revert of exactly the bad commits."""

from __future__ import annotations

import shlex

from console.config.layer_settings import PromptSettings
from console.config.settings import TargetSettings
from console.domain.code import CodeState, Condition, Revision
from console.domain.intent import Deed, Intent, Way
from console.domain.plan import Note, Passage, Plan, Refusal, Turn
from console.domain.prompt import Prompt, PromptState
from console.domain.snapshot import Snapshot
from console.layers.code import ways as code_ways
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured
from console.layers.prompt.git import ITEM, Reverting
from console.steps.await_revision import AwaitRevision
from console.steps.prove_answers import ProveAnswers
from console.steps.push_revert import PushRevert
from console.steps.see_recovery import SeeRecovery
from console.steps.serve_commit import ServeCommit
from console.steps.step import Step

REVISION = Way(
    "revision", "move the traffic to a revision that holds the old prompts", "seconds; takes its code back too"
)
REVERT = Way(
    "revert", "revert the commit, let the pipeline deploy it, then move the traffic", "only the prompts go back"
)
PARENTS = (Way("parent-1", "revert the merge, keeping its first parent", "a merge wants a parent chosen"),)


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan; pure. Raises NothingToDo."""
    state, code, prompt_settings = snapshot.prompt.state, snapshot.code.state, settings.prompt
    if state is None or code is None or prompt_settings is None:
        raise NothingToDo(snapshot.prompt.error or snapshot.code.error or "the prompts have not been read yet")
    if intent.deed is not Deed.ROLL_BACK:
        raise NothingToDo(f"there is nothing to {intent.deed} in prompts that are kept in git")
    prompt = state.find(ITEM)
    if prompt is None or prompt.serves is None:
        raise NothingToDo(state.unread or "which commit of the prompts is deployed is not known")
    goal = _goal(snapshot, prompt, intent)
    holding = _revision_holding(snapshot, state, code, goal)
    ways = (*((REVISION,) if holding else ()), REVERT)
    way = next((one for one in ways if one.name == intent.way), ways[0] if intent.way is None else REVERT)
    if way == REVISION and holding is not None:
        return _by_revision(settings, snapshot, code, prompt, goal, holding, ways, findings)
    return _by_revert(settings, prompt_settings, snapshot, code, prompt, goal, ways, findings)


def _goal(snapshot: Snapshot, prompt: Prompt, intent: Intent) -> str:
    wanted = intent.to
    if wanted is None:
        changed = next((one.change.before for one in snapshot.changes.of("prompt") if one.change.before), None)
        wanted = changed or prompt.was
    if wanted is None:
        raise NothingToDo("no earlier commit touched the prompts")
    found = next((one.version for one in prompt.versions if one.version.startswith(wanted)), None)
    if found is None:
        raise NothingToDo(f"no commit {wanted[:12]} touched the prompts")
    if found == prompt.serves:
        raise NothingToDo(f"the prompts of {found[:9]} are deployed already")
    return found


def _revision_holding(snapshot: Snapshot, state: PromptState, code: CodeState, goal: str) -> Revision | None:
    """A ready, older revision that holds the prompts of `goal` and is not known bad; the newest of them."""
    serving = code.serving[0] if code.serving else None
    for revision in code.revisions:
        older = serving and serving.created and revision.created and revision.created < serving.created
        ready = revision.condition in (Condition.READY, Condition.SCALED_TO_ZERO)
        if (
            older
            and ready
            and state.extra.get(revision.name) == goal
            and not snapshot.history.known_bad(revision.name)
        ):
            return revision
    return None


def _by_revision(
    settings: TargetSettings,
    snapshot: Snapshot,
    code: CodeState,
    prompt: Prompt,
    goal: str,
    holding: Revision,
    ways: tuple[Way, ...],
    findings: Findings,
) -> Plan:
    found = breaches(snapshot)
    way = code_ways.ways(code, holding)[0]
    moved = code_ways.propose(settings, code, holding, way, found, tolerate=False)
    short = code.short(holding.name)
    steps = (*moved, *_proof(settings, short))
    bad = ", ".join(one[:9] for one in _newer(prompt, goal))
    return _plan(
        settings,
        snapshot,
        code,
        prompt,
        goal,
        steps,
        findings,
        ways,
        REVISION,
        reason=f"{short} holds the prompts of {goal[:9]}",
        stays=(f"{bad} stays on {settings.prompt.branch if settings.prompt else 'the branch'}",),
        afterwards=(f"revert {bad} on the branch before the next deployment, or it comes back",),
    )


def _by_revert(
    settings: TargetSettings,
    prompts: PromptSettings,
    snapshot: Snapshot,
    code: CodeState,
    prompt: Prompt,
    goal: str,
    ways: tuple[Way, ...],
    findings: Findings,
) -> Plan:
    looked = findings.looked.get("prompt")
    reverting = looked if isinstance(looked, Reverting) else None
    refusals, steps = _refusals(reverting, "prompt" in findings.looked), ()
    if reverting is not None and reverting.commit and all(one.overridable for one in refusals):
        steps = _revert_steps(settings, prompts, code, reverting, snapshot)
    passages = ()
    if reverting is not None and reverting.before != reverting.after:
        passages = (Passage(f"the prompts, {prompt.serves or '?':.9} → {goal:.9}", _diff(reverting)),)
    return _plan(
        settings,
        snapshot,
        code,
        prompt,
        goal,
        steps,
        findings,
        ways,
        REVERT,
        reason=f"the commit before touched the prompts last at {goal[:9]}",
        stays=("the operator's own tree and branches are not touched",),
        afterwards=(
            f"merge {reverting.branch if reverting else 'the revert'} into {prompts.branch}, or it comes back",
        ),
        refusals=refusals,
        passages=passages,
        checked=_checked(reverting),
        unknown=_unknown(reverting, prompts),
    )


def _revert_steps(
    settings: TargetSettings, prompts: PromptSettings, code: CodeState, reverting: Reverting, snapshot: Snapshot
) -> tuple[Step, ...]:
    commands = _by_hand(prompts, reverting)
    name = prompts.commit or ""
    share = max(code.weights.values(), default=0)
    push = PushRevert(reverting.base, reverting.branch, reverting.commit, "", commands)
    serve = ServeCommit(
        app=code.app,
        name=name,
        commit=reverting.commit,
        mode=code.mode,
        expects=code.traffic,
        former_share=share,
        named=settings.probe.identity is not None,
        command="",
    )
    wait = AwaitRevision(name, reverting.commit, prompts.deploy_wait_s)
    return (push, wait, serve, SeeRecovery(breaches(snapshot)), *_proof(settings, ""))


def _proof(settings: TargetSettings, short: str) -> tuple[Step, ...]:
    return (ProveAnswers(),) if settings.golden is not None else ()


def _refusals(reverting: Reverting | None, looked: bool) -> tuple[Refusal, ...]:
    if reverting is None:
        return (Refusal("there is no commit between them that could be reverted"),) if looked else ()
    found = [Refusal(reverting.refused)] if reverting.refused else []
    if reverting.push:
        found.append(Refusal(f"the remote would not take the push: {reverting.push}"))
    if reverting.outside:
        shown = ", ".join(reverting.outside[:4])
        found.append(Refusal(f"the commit also changed {shown}: those go back with it", True))
    return tuple(found)


def _checked(reverting: Reverting | None) -> tuple[Note, ...]:
    if reverting is None or not reverting.commit:
        return ()
    notes = [Note(f"the revert applies: {reverting.commit[:9]}, on the deployed {reverting.base[:9]}")]
    if not reverting.push:
        notes.append(Note(f"you may push {reverting.branch} (tried without sending)"))
    return tuple(notes)


def _unknown(reverting: Reverting | None, prompts: PromptSettings) -> tuple[str, ...]:
    found = [f"how long the pipeline takes; it is waited for {prompts.deploy_wait_s / 60:.0f} min"]
    if reverting is not None and reverting.dirty:
        found.append("your own tree has uncommitted changes of the prompts: they are neither used nor touched")
    return tuple(found)


def _by_hand(prompts: PromptSettings, reverting: Reverting) -> str:
    repo, branch = shlex.quote(prompts.repo or "."), shlex.quote(reverting.branch)
    commits = " ".join(reverting.commits)
    return (
        f"git -C {repo} worktree add --detach ../revert-{reverting.base[:9]} {reverting.base}\n"
        f"git -C {repo}/../revert-{reverting.base[:9]} revert --no-edit {commits}\n"
        f"git -C {repo}/../revert-{reverting.base[:9]} push {shlex.quote(prompts.remote)} HEAD:refs/heads/{branch}"
    )


def _diff(reverting: Reverting) -> str:
    import difflib

    before, after = reverting.before.splitlines(), reverting.after.splitlines()
    return "\n".join(difflib.unified_diff(before, after, "deployed", "reverted", lineterm=""))


def _newer(prompt: Prompt, goal: str) -> tuple[str, ...]:
    names = [one.version for one in prompt.versions]
    return tuple(names[names.index(prompt.serves) : names.index(goal)]) if prompt.serves in names else ()


def _plan(
    settings: TargetSettings,
    snapshot: Snapshot,
    code: CodeState,
    prompt: Prompt,
    goal: str,
    steps: tuple[Step, ...],
    findings: Findings,
    ways: tuple[Way, ...],
    way: Way,
    *,
    reason: str,
    stays: tuple[str, ...],
    afterwards: tuple[str, ...],
    refusals: tuple[Refusal, ...] = (),
    passages: tuple[Passage, ...] = (),
    checked: tuple[Note, ...] = (),
    unknown: tuple[str, ...] = (),
) -> Plan:
    records = tuple(step.record() for step in steps)
    serves = prompt.serves or "?"
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer="prompt",
        app=code.app,
        origin=(f"{ITEM} {serves}",),
        goal=f"{ITEM} {goal}",
        grade="",
        reason=reason,
        steps=records,
        title=f"Roll back {ITEM} → {goal[:9]}",
        deed=Deed.ROLL_BACK,
        way=way.name,
        ways=ways,
        checked=checked,
        unknown=(*unmeasured(snapshot), *answers(findings, settings.golden is not None), *unknown),
        stays=stays,
        afterwards=afterwards,
        refusals=refusals,
        breaches=over(breaches(snapshot)),
        by_hand="\n".join(record.command for record in records if record.command),
        turns=(Turn("prompt", ITEM, serves[:9], goal[:9]),),
        passages=passages,
    )
