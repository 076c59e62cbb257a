"""The way back of prompts in git: an older revision that holds them, or the revert of exactly the bad commits."""

from __future__ import annotations

from dataclasses import replace

from console.config.layer_settings import PromptSettings
from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.good import Grade
from console.domain.intent import Deed, Intent, Way
from console.domain.plan import Passage, Plan, Turn
from console.domain.prompt import Prompt, PromptState
from console.domain.snapshot import Snapshot
from console.layers.code import guards
from console.layers.code import notes as code_notes
from console.layers.code import ways as code_ways
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured
from console.layers.prompt import git_by_hand, git_notes
from console.layers.prompt.git_goal import ITEM, goal_of, key
from console.layers.prompt.git_holding import REVISION_WAY, fit_to_hold
from console.layers.prompt.git_revert import PARENT, Reverting
from console.layers.prompt.git_state import DIGITS, held_by, unknown
from console.steps.await_revision import AwaitRevision
from console.steps.prove_answers import ProveAnswers
from console.steps.prove_commit import ProveCommit
from console.steps.push_revert import PushRevert
from console.steps.see_recovery import SeeRecovery
from console.steps.serve_commit import ServeCommit
from console.steps.step import Step

REVISION = Way(
    REVISION_WAY, "move the traffic to a revision that holds the old prompts", "seconds; its code goes back with it"
)
REVERT = Way(
    "revert",
    "push the revert, let the pipeline deploy it, then move the traffic",
    "only the prompts go back; as slow as the pipeline",
)


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan; pure. Raises NothingToDo."""
    state, code, prompts = snapshot.prompt.state, snapshot.code.state, settings.prompt
    if state is None or code is None or prompts is None:
        raise NothingToDo(snapshot.prompt.error or snapshot.code.error or "the prompts have not been read yet")
    if intent.deed is not Deed.ROLL_BACK:
        raise NothingToDo(f"there is nothing to {intent.deed} in prompts that are kept in git")
    prompt = state.find(ITEM)
    if prompt is None or prompt.serves is None:
        raise NothingToDo(unknown(state))
    goal = goal_of(snapshot, prompt, intent)
    looked = findings.looked.get("prompt")
    reverting = looked if isinstance(looked, Reverting) else None
    holding = fit_to_hold(snapshot, state, code, goal)
    ways = _ways(holding, reverting)
    way = _chosen(ways, intent.way)
    plan = _plan(settings, snapshot, state, code, prompt, goal, way, ways, findings)
    if way == REVISION and holding is not None:
        return _by_revision(plan, settings, prompts, snapshot, code, prompt, goal, holding, findings)
    return _by_revert(plan, settings, prompts, snapshot, code, prompt, goal, reverting, findings)


def _ways(holding: Revision | None, reverting: Reverting | None) -> tuple[Way, ...]:
    """The older revision first, since it takes seconds; a merge has as many ways back as parents."""
    parents = reverting.parents if reverting is not None else ()
    reverts = [Way(name, f"{REVERT.title}: {words}", REVERT.reason) for name, words in parents] or [REVERT]
    return (*((REVISION,) if holding is not None else ()), *reverts)


def _chosen(ways: tuple[Way, ...], name: str | None) -> Way:
    """A revert whose parent is not chosen yet, or not known to be needed, is a revert all the same."""
    found = next((one for one in ways if one.name == name), None)
    if found is not None:
        return found
    if name is not None and name.startswith((REVERT.name, PARENT)):
        return REVERT
    return ways[0] if ways[0] == REVISION else REVERT


def _by_revision(
    plan: Plan,
    settings: TargetSettings,
    prompts: PromptSettings,
    snapshot: Snapshot,
    code: CodeState,
    prompt: Prompt,
    goal: str,
    holding: Revision,
    findings: Findings,
) -> Plan:
    """The code's own steps to that revision; the revert is aftercare, and said to be."""
    way, answer = code_ways.ways(code, holding)[0], findings.answer
    refusals = guards.refusals(code, holding, way, snapshot.history, answer, findings.may_write)
    refusals += git_notes.bad_goal(snapshot, goal)
    tolerate = guards.cannot_answer(holding, answer)
    steps: tuple[Step, ...] = ()
    if all(one.overridable for one in refusals):
        proof = _answers(settings)
        steps = (*code_ways.propose(settings, code, holding, way, breaches(snapshot), tolerate), *proof)
    bad = git_notes.newer(prompt, goal)
    return _with_steps(
        replace(
            plan,
            reason=f"{code.short(holding.name)} holds the prompts of {goal[:DIGITS]}",
            differences=code_notes.differences(code, holding),
            shifts=code_notes.shifts(code, holding),
            checked=code_notes.checked(code, holding, answer, findings.path, findings.may_write),
            unknown=(
                *plan.unknown,
                *code_notes.unknown(settings, code, holding, way, answer, snapshot.history),
            ),
            stays=git_notes.stays_on_branch(prompts, bad),
            afterwards=(*git_notes.aftercare(prompts, bad), *code_notes.afterwards(way)),
            refusals=refusals,
        ),
        steps,
    )


def _by_revert(
    plan: Plan,
    settings: TargetSettings,
    prompts: PromptSettings,
    snapshot: Snapshot,
    code: CodeState,
    prompt: Prompt,
    goal: str,
    reverting: Reverting | None,
    findings: Findings,
) -> Plan:
    refusals = git_notes.refusals(reverting, prompt, findings) + git_notes.bad_goal(snapshot, goal)
    steps: tuple[Step, ...] = ()
    passages: tuple[Passage, ...] = ()
    if reverting is not None and reverting.commit and all(one.overridable for one in refusals):
        steps = _revert_steps(settings, prompts, code, reverting, snapshot)
    if reverting is not None and reverting.diff:
        name = f"the prompts: deployed {reverting.base[:DIGITS]} → revert {reverting.commit[:DIGITS]}"
        passages = (Passage(name, reverting.diff),)
    return _with_steps(
        replace(
            plan,
            reason=git_notes.reason(prompt, goal, reverting),
            checked=git_notes.checked(reverting, goal, findings.may_write),
            unknown=(*plan.unknown, *git_notes.unknown(prompts, reverting)),
            stays=git_notes.stays(prompts, code),
            afterwards=git_notes.merging(prompts, reverting),
            refusals=refusals,
            passages=passages,
        ),
        steps,
    )


def _revert_steps(
    settings: TargetSettings, prompts: PromptSettings, code: CodeState, reverting: Reverting, snapshot: Snapshot
) -> tuple[Step, ...]:
    name, commit, serving = prompts.commit or "", reverting.commit, code.serving[0]
    by_hand = git_by_hand.push(settings, prompts, reverting)
    push = PushRevert(reverting.base, reverting.branch, commit, serving.name, code.short(serving.name), by_hand)
    serve = ServeCommit(
        app=code.app,
        name=name,
        commit=commit,
        mode=code.mode,
        serving=tuple(one.name for one in code.serving),
        expects=code.traffic,
        command=git_by_hand.traffic(settings, code, name, commit),
    )
    share = min((weight for weight in code.weights.values() if weight > 0), default=0)
    proof = ProveCommit(name, commit, share, settings.probe.identity is not None)
    wait = AwaitRevision(name, commit, prompts.deploy_wait_s)
    return (push, wait, serve, proof, SeeRecovery(breaches(snapshot)), *_answers(settings))


def _answers(settings: TargetSettings) -> tuple[Step, ...]:
    return (ProveAnswers(),) if settings.golden is not None else ()


def _plan(
    settings: TargetSettings,
    snapshot: Snapshot,
    state: PromptState,
    code: CodeState,
    prompt: Prompt,
    goal: str,
    way: Way,
    ways: tuple[Way, ...],
    findings: Findings,
) -> Plan:
    """The part that both ways have."""
    serves = prompt.serves or ""
    doubts = (f"prompts: {state.unread}",) if state.unread else ()
    mark = snapshot.history.marks.get(key(goal))
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer="prompt",
        app=code.app,
        origin=(key(serves), *(one.name for one in code.serving if held_by(state, one) == serves)),
        goal=key(goal),
        grade=str(Grade.MARKED) if mark is not None and mark.good else "",
        reason="",
        steps=(),
        title=f"Roll back {ITEM} → {goal[:DIGITS]}",
        deed=Deed.ROLL_BACK,
        way=way.name,
        ways=ways,
        unknown=(*unmeasured(snapshot), *answers(findings, settings.golden is not None), *doubts),
        breaches=over(breaches(snapshot)),
        turns=(Turn("prompt", ITEM, serves[:DIGITS], goal[:DIGITS], *git_notes.subjects(prompt, goal)),),
        golden=tuple(
            (code.short(name) or "now", found.words) for name, found in findings.golden.items() if found.measured
        ),
    )


def _with_steps(plan: Plan, steps: tuple[Step, ...]) -> Plan:
    records = tuple(step.record() for step in steps)
    return replace(plan, steps=records, by_hand="\n".join(one.command for one in records if one.command))
