"""The plans of prompts in a database: one prompt back to an older version, and the undo of that."""

from __future__ import annotations

from dataclasses import replace

from console.config.settings import TargetSettings
from console.domain.good import Grade
from console.domain.intent import Deed, Intent
from console.domain.plan import Breach, Plan, Refusal, StepRecord
from console.domain.prompt import Prompt, PromptState
from console.domain.run import Run
from console.domain.snapshot import Snapshot
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured
from console.layers.prompt import by_hand, goals, notes
from console.layers.prompt.door import Looked, Seen
from console.layers.prompt.facets import PROMPT, actives, key, shown
from console.steps.flip_prompt import FlipPrompt
from console.steps.prove_answers import ProveAnswers
from console.steps.prove_prompt import ProvePrompt
from console.steps.see_recovery import SeeRecovery

CACHE_MARGIN_S = 30.0
ANSWERS_S = 90.0

# What an undo means to do, and says once.
MEANT = ("known bad", "does not go back")


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted of the prompts. Raises NothingToDo."""
    state = snapshot.prompt.state
    if state is None or settings.prompt is None:
        raise NothingToDo(snapshot.prompt.error or "the prompts have not been read yet")
    match intent.deed:
        case Deed.ROLL_BACK:
            return _roll_back(settings, snapshot, state, intent, findings)
        case Deed.UNDO:
            return _undo(settings, snapshot, state, findings)
        case _:
            raise NothingToDo(f"there is nothing to {intent.deed} in the prompts")


def _roll_back(
    settings: TargetSettings,
    snapshot: Snapshot,
    state: PromptState,
    intent: Intent,
    findings: Findings,
    known: str = "",
) -> Plan:
    """`known` is the digest of the goal's text where an earlier run knew it, and nobody has read it now."""
    prompt, goal = _goal(snapshot, state, intent)
    seen = findings.looked.get(PROMPT)
    looked = seen.of(prompt, goal) if isinstance(seen, Seen) else None
    refusals = notes.refusals(snapshot, state, prompt, goal, looked)
    signals = breaches(snapshot)
    allowed = all(refusal.overridable for refusal in refusals)
    steps = _steps(settings, state, prompt, goal, looked, signals, known) if allowed else ()
    turned = notes.turn(prompt, goal)
    graded, reason = goals.grade(snapshot, prompt, goal)
    if graded is Grade.UNTRIED and intent.to is not None:
        reason = "you chose it; nothing is known of it"
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer=PROMPT,
        app=state.place,
        origin=tuple(key(prompt, version) for version in prompt.active if version != goal),
        goal=key(prompt, goal),
        grade=graded,
        reason=reason,
        steps=steps,
        title=f"Roll back prompt: {turned.item} {turned.before} → {turned.after}",
        differences=notes.differences(prompt, goal, looked),
        checked=notes.checked(prompt, goal, looked),
        unknown=(
            *unmeasured(snapshot),
            *notes.unknown(settings, state, prompt, goal, looked),
            *answers(findings, settings.golden is not None),
        ),
        stays=notes.stays(settings, state, snapshot, prompt, goal),
        afterwards=notes.afterwards(state, prompt),
        refusals=refusals,
        breaches=over(signals),
        by_hand="\n".join(step.command for step in steps if step.command),
        turns=(turned,),
        passages=notes.passages(prompt, goal, looked),
        golden=tuple((name, result.words) for name, result in findings.golden.items()),
    )


def _goal(snapshot: Snapshot, state: PromptState, intent: Intent) -> tuple[Prompt, str]:
    prompt = goals.item(snapshot, intent)
    if prompt is None and intent.item is not None:
        raise NothingToDo(f"there is no prompt {intent.item}: there are {_some(state)}")
    if prompt is None:
        since = snapshot.changes.baseline.why or "it was last good"
        raise NothingToDo(f"no prompt changed since {since}: name one ({_some(state)})")
    if intent.to is not None:
        found = prompt.find(intent.to)
        if found is None:
            raise NothingToDo(f"there is no version {intent.to} of {prompt.item}: there are {_versions(prompt)}")
        if prompt.active == (found.version,):
            since = f" since {prompt.since:%d %b %H:%M}Z" if prompt.since is not None else ""
            raise NothingToDo(f"{found.shown} of {prompt.item} serves already{since}")
        return prompt, found.version
    best = goals.best(snapshot, prompt)
    if best is None:
        raise NothingToDo(f"{_why_none(snapshot, prompt)}")
    return prompt, best[0]


def _why_none(snapshot: Snapshot, prompt: Prompt) -> str:
    older = goals.older(prompt)
    if not older:
        return f"{actives(prompt)} is the oldest version of {prompt.item} that exists"
    bad = ", ".join(shown(prompt, version) for version in older[:3])
    return f"every older version of {prompt.item} is known bad: {bad}"


def _steps(
    settings: TargetSettings,
    state: PromptState,
    prompt: Prompt,
    goal: str,
    looked: Looked | None,
    signals: tuple[Breach, ...],
    known: str,
) -> tuple[StepRecord, ...]:
    assert settings.prompt is not None
    before, after = (looked.before, looked.after) if looked is not None else (None, None)
    flip = FlipPrompt(
        item=prompt.item,
        name=prompt.name,
        scope=prompt.scope,
        expects=prompt.active,
        goal=goal,
        digest=after.digest if after is not None else known,
        former_digest=before.digest if before is not None else "",
        command=by_hand.flip(settings.prompt, state, prompt, goal),
    )
    proof = ProvePrompt(prompt.item, prompt.name, goal, prompt.active, state.cache_ttl_s)
    exam = ProveAnswers(within_s=max(ANSWERS_S, state.cache_ttl_s + CACHE_MARGIN_S))
    golden = (exam.record(),) if settings.golden is not None else ()
    return (flip.record(), proof.record(), *golden, SeeRecovery(signals).record())


def _undo(settings: TargetSettings, snapshot: Snapshot, state: PromptState, findings: Findings) -> Plan:
    """The version back that a run left, by the same guards, from what is active now."""
    run = findings.undone
    flipped = _flipped(run)
    if run is None or flipped is None or run.confirmed_at is None:
        raise NothingToDo("that run turned no prompt that can be turned back: roll back to the version you want")
    inverse = flipped.invert()
    if inverse is None:
        raise NothingToDo(f"before run {run.id} not one version of {flipped.item} was active: choose one")
    intent = Intent(Deed.ROLL_BACK, PROMPT, inverse.goal, item=flipped.item)
    plan = _roll_back(settings, snapshot, state, intent, findings, inverse.digest)
    prompt = state.find(flipped.item)
    words = shown(prompt, inverse.goal) if prompt is not None else inverse.goal
    again = Refusal(f"it brings {words} back, which run {run.id} rolled away from", True)
    others = tuple(
        one for one in plan.refusals if not one.overridable or not any(word in one.sentence for word in MEANT)
    )
    return replace(
        plan,
        deed=Deed.UNDO,
        title=f"Undo run {run.id}: {flipped.item} → {words} as before",
        reason=f"as it was before run {run.id} at {run.confirmed_at:%H:%M:%S}Z",
        undoes=run.id,
        refusals=(*others, again),
    )


def _flipped(run: Run | None) -> FlipPrompt | None:
    """The one flip of a run."""
    if run is None or run.plan is None:
        return None
    found = [FlipPrompt.from_body(one.body) for one in run.plan.steps if one.kind == FlipPrompt.kind]
    return found[0] if len(found) == 1 else None


def _some(state: PromptState) -> str:
    names = [prompt.item for prompt in state.prompts[:6]]
    more = f" and {len(state.prompts) - 6} more" if len(state.prompts) > 6 else ""
    return f"{', '.join(names)}{more}" if names else "none"


def _versions(prompt: Prompt) -> str:
    return ", ".join(version.shown for version in prompt.versions[:6]) or "none"
