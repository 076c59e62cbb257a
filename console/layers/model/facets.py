"""What serves of the models, as facets of the bundle, and what a look at the account alone shows to be wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.bundle import Facet
from console.domain.model import Deployment, ModelState

MODEL = "model"
COUNTED = timedelta(hours=1)
SEEN = "Azure's count of calls by version: it was not written then"
DATED = "Azure's date of its last write, which an upgrade by Azure itself may not change"


def of(state: ModelState) -> tuple[Facet, ...]:
    """One facet for each deployment that serves. What it was before, only Azure's count of calls can tell."""
    return tuple(_facet(one) for one in state.serving)


def _facet(one: Deployment) -> Facet:
    """Its last write says when and by whom, unless calls were answered with another version after it."""
    before = _before(one)
    if (
        before is None
        or one.since is None
        or (one.modified_at is not None and one.modified_at >= one.since - COUNTED)
    ):
        return Facet(MODEL, one.name, one.identity, one.modified_at, one.modified_by, DATED, before, one.runs)
    return Facet(MODEL, one.name, one.identity, one.since, "", SEEN, before, one.runs)


def _before(one: Deployment) -> str | None:
    """What it was before, as far as Azure's count of calls tells: another version, and whatever else as it is now."""
    model, _, version = one.before.rpartition(" ")
    return replace(one, model=model, version=version).identity if model else None


def trouble(state: ModelState) -> str:
    """A deployment that is called and is not there, has failed, or whose version is retired; empty where none is."""
    for short, name in state.calls:
        if state.find(name) is None:
            return f"{short} calls {name}, which {state.account} does not have"
    for one in state.serving:
        if one.state.lower() in ("failed", "canceled", "disabled"):
            return f"Azure calls {one.name} {one.state}"
        retires = state.retires(one)
        if retires is not None and state.at is not None and retires <= state.at:
            return f"{one.name}: {one.runs} is retired since {retires:%d %b %Y}"
    return ""
