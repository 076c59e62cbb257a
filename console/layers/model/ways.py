"""The ways back for one deployment: let the app call a standby, or give the deployment itself another version."""

from __future__ import annotations

from dataclasses import dataclass

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.deploying import Shape, merged
from console.domain.intent import Way
from console.domain.model import Deployment, ModelState
from console.domain.plan import Breach
from console.domain.traffic import TrafficEntry, pinned
from console.layers.code import by_hand as code_by_hand
from console.layers.model import by_hand
from console.layers.model.goal import Goal
from console.steps.new_env_revision import NewEnvRevision, share_of_new
from console.steps.prove_answers import ProveAnswers
from console.steps.prove_serving import ProveServing
from console.steps.see_recovery import SeeRecovery
from console.steps.set_deployment import SetDeployment
from console.steps.shift_traffic import ShiftTraffic
from console.steps.step import Step

FLIP = Way(
    "flip", "let the app call a standby deployment", "a new revision: nothing else that calls the model changes"
)
REDEPLOY = Way("redeploy", "give the deployment its old version", "changes every revision that calls it")


@dataclass(frozen=True, slots=True)
class Flip:
    """The revision that is copied, and the deployment that its copy calls; `configured`: the team named it."""

    source: Revision
    env: str
    standby: Deployment
    configured: bool


def flip(settings: TargetSettings, state: ModelState, code: CodeState | None, goal: Goal) -> Flip | None:
    """How the app can call a deployment that runs the goal already; None where it cannot."""
    env = settings.code.expects_env.get("model", "")
    if not env or code is None or code.mode.lower() not in ("single", "multiple") or goal.only_settings:
        return None
    source = next(iter(code.serving), None)
    if source is None or dict(source.env).get(env, "").lower() != goal.own.name.lower():
        return None
    found = _standby(settings, state, goal)
    return Flip(source, env, *found) if found is not None else None


def _standby(settings: TargetSettings, state: ModelState, goal: Goal) -> tuple[Deployment, bool] | None:
    """The configured standby where it runs the goal; else any other that does and is no smaller."""
    named = settings.model.standby.get(goal.own.name, "") if settings.model is not None else ""
    configured = state.find(named) if named else None
    if configured is not None and configured.runs == goal.shape.runs and configured.ready:
        return configured, True
    for one in state.deployments:
        fits = one.runs == goal.shape.runs and one.ready and not one.shadow_of and one.name != goal.own.name
        if fits and (one.capacity or 0) >= (goal.own.capacity or 0):
            return one, False
    return None


def redeploy(
    settings: TargetSettings, state: ModelState, goal: Goal, breaches: tuple[Breach, ...]
) -> tuple[Step, ...]:
    """One PUT of everything that the deployment has, with the old version, pinned."""
    command = by_hand.put(settings, state, goal.own.name, merged(goal.own, goal.shape))
    own = goal.own
    step = SetDeployment(state.account, own.name, Shape.of(own), goal.shape, own.etag, command)
    return (step, *proofs(settings, breaches))


def flipped(settings: TargetSettings, code: CodeState, found: Flip, breaches: tuple[Breach, ...]) -> tuple[Step, ...]:
    """A revision that calls the standby, all traffic on it, and the proof that it serves."""
    made = revision(settings, code, found.source, found.env, found.standby.name, "model")
    proof = ProveServing(made.target, made.short, former_share(code), settings.probe.identity is not None)
    shift = () if made.turns else (shifted(settings, code, made.target, made.short),)
    return (made, *shift, proof, *proofs(settings, breaches))


def revision(
    settings: TargetSettings, code: CodeState, source: Revision, env: str, deployment: str, stem: str
) -> NewEnvRevision:
    """A copy of `source` whose env names another deployment."""
    suffix = free_suffix(code, code.short(source.name), stem)
    before = dict(source.env).get(env, "")
    changes = ((env, before, deployment),)
    return NewEnvRevision(
        app=code.app,
        source=source.name,
        source_short=code.short(source.name),
        template=source.template,
        image=source.image,
        latest=code.latest or "",
        mode=code.mode,
        target=f"{code.app}--{suffix}",
        short=suffix,
        env=changes,
        share=share_of_new(code),
        layer="model",
        command=by_hand.new_env_revision(settings, source.name, suffix, changes),
    )


def shifted(settings: TargetSettings, code: CodeState, target: str, short: str) -> ShiftTraffic:
    """All traffic on a revision that is only being made: by then it is the latest."""
    existing = {one.name for one in code.revisions} | {target}
    leaves: tuple[TrafficEntry, ...] = pinned(code.traffic, target, target, existing)
    command = code_by_hand.set_traffic(settings, code.traffic, leaves)
    return ShiftTraffic(code.app, target, short, code.mode, code.traffic, leaves, command, f"traffic → {short} 100 %")


def proofs(settings: TargetSettings, breaches: tuple[Breach, ...]) -> tuple[Step, ...]:
    """Whether it helped: the answers where there are golden questions, and every signal."""
    golden: tuple[Step, ...] = (ProveAnswers(),) if settings.golden is not None else ()
    return (*golden, SeeRecovery(breaches))


def former_share(code: CodeState) -> int:
    return min((weight for weight in code.weights.values() if weight > 0), default=0)


def free_suffix(code: CodeState, short: str, stem: str) -> str:
    """`v42-model1`, or the next number that is free; a copy of a copy does not grow."""
    base = short.rpartition(f"-{stem}")[0] or short
    taken = {code.short(one.name) for one in code.revisions}
    number = next(number for number in range(1, 1000) if f"{base}-{stem}{number}" not in taken)
    return f"{base}-{stem}{number}"
