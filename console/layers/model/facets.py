"""What serves of the models, as facets of the bundle, and what a look at the account alone shows to be wrong."""

from __future__ import annotations

from console.domain.bundle import Facet
from console.domain.model import Deployment, ModelState

MODEL = "model"
DATED = "Azure's date of its last write, which an upgrade by Azure itself may not change"


def of(state: ModelState) -> tuple[Facet, ...]:
    """One facet for each deployment that serves. What it was before, Azure does not remember."""
    return tuple(_facet(one) for one in state.serving)


def _facet(one: Deployment) -> Facet:
    return Facet(MODEL, one.name, one.identity, one.modified_at, one.modified_by, DATED, None, one.runs)


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
