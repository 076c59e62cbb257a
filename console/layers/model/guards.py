"""Why a plan of the model layer may not run: what is refused outright, and what only a typed name overrides."""

from __future__ import annotations

import re

from console.domain.code import CodeState
from console.domain.deploying import Shape
from console.domain.good import History
from console.domain.model import Deployment, ModelState
from console.domain.plan import Refusal
from console.layers.model.door import WRITE
from console.layers.model.goal import Goal, known_bad
from console.layers.model.ways import Flip

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def redeploying(state: ModelState, goal: Goal, history: History, may_write: bool | None) -> tuple[Refusal, ...]:
    """What speaks against giving the deployment that version, hard refusals first."""
    found = [*offered(state, goal.shape), *busy(state), *_back(goal, history)]
    found += denied(state, may_write)
    return _ordered(found)


def flipping(
    state: ModelState, code: CodeState, goal: Goal, found: Flip, history: History, may_write: bool | None
) -> tuple[Refusal, ...]:
    """What speaks against letting the app call the standby; `may_write` is about the app."""
    told = [*_alive(state, found.standby), *_back(goal, history)]
    if code.provisioning.lower() == "inprogress":
        told.append(Refusal(f"Azure is still carrying out another change of {code.app}: wait until it ends"))
    if may_write is False:
        told.append(
            Refusal("Azure's list of your permissions lacks Microsoft.App/containerApps/write on this app", True)
        )
    return _ordered(told)


def offered(state: ModelState, shape: Shape) -> list[Refusal]:
    """Retired, not offered in the region, or not in this sku: Azure would refuse, or what it makes not answer."""
    offer = state.offer(shape.model, shape.version)
    if not state.offers:
        return []
    if offer is None:
        return [
            Refusal(f"{shape.runs} is not offered to {state.account} in {state.location or 'its region'} any more")
        ]
    if offer.retires is not None and state.at is not None and offer.retires <= state.at:
        return [Refusal(f"{shape.runs} is retired since {offer.retires:%d %b %Y}")]
    if offer.skus and shape.sku and shape.sku not in offer.skus:
        return [Refusal(f"{shape.runs} is not offered as {shape.sku}, only as {', '.join(offer.skus)}")]
    ends = offer.sku_ends.get(shape.sku)
    if ends is not None and state.at is not None and ends <= state.at:
        return [Refusal(f"{shape.runs} is not given as {shape.sku} any more since {ends:%d %b %Y}", True)]
    return []


def busy(state: ModelState) -> list[Refusal]:
    """An account takes one write at a time, and answers 409 to the next."""
    if not state.busy:
        return []
    writing = next((f": {one.name} is {one.state}" for one in state.deployments if not one.settled), "")
    return [Refusal(f"another write on {state.account} is under way{writing}; wait until it ends")]


def denied(state: ModelState, allowed: bool | None, action: str = WRITE) -> list[Refusal]:
    if allowed is not False:
        return []
    return [Refusal(f"Azure's list of your permissions lacks {action} on {state.account}", True)]


def _alive(state: ModelState, standby: Deployment) -> list[Refusal]:
    retires = state.retires(standby)
    if retires is not None and state.at is not None and retires <= state.at:
        return [Refusal(f"{standby.name}: {standby.runs} is retired since {retires:%d %b %Y}")]
    return []


def _back(goal: Goal, history: History) -> list[Refusal]:
    """A rollback goes back: never to a known-bad version, nor to a newer one, unless a person insists."""
    own, shape, found = goal.own, goal.shape, []
    bad = "" if goal.only_settings else known_bad(history, own.name, shape.runs)
    if bad:
        found.append(Refusal(bad, True))
    dated = _DATED.fullmatch(own.version) and _DATED.fullmatch(shape.version)
    if dated and own.model == shape.model and shape.version > own.version:
        found.append(Refusal(f"{shape.runs} is newer than what {own.name} runs: this does not go back", True))
    return found


def _ordered(found: list[Refusal]) -> tuple[Refusal, ...]:
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))
