"""The ways back for one deployment: let the app call a standby, or give the deployment itself another version."""

from __future__ import annotations

from dataclasses import dataclass

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.deploying import Shape, merged
from console.domain.intent import Way
from console.domain.model import Deployment, ModelState
from console.domain.plan import Breach
from console.layers.code import renewed
from console.layers.model import by_hand
from console.layers.model.goal import Goal
from console.steps.new_env_revision import NewEnvRevision
from console.steps.prove_answers import ProveAnswers
from console.steps.see_recovery import SeeRecovery
from console.steps.set_deployment import SetDeployment
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
    return (made, *renewed.serving(settings, code, made), *proofs(settings, breaches))


def revision(
    settings: TargetSettings, code: CodeState, source: Revision, env: str, deployment: str, stem: str
) -> NewEnvRevision:
    """A copy of `source` whose env names another deployment."""
    changes = ((env, dict(source.env).get(env, ""), deployment),)
    return renewed.copied(settings, code, source, changes, "model", stem)


def proofs(settings: TargetSettings, breaches: tuple[Breach, ...]) -> tuple[Step, ...]:
    """Whether it helped: the answers where there are golden questions, and every signal."""
    golden: tuple[Step, ...] = (ProveAnswers(),) if settings.golden is not None else ()
    return (*golden, SeeRecovery(breaches))
