"""Who answers a request to the service: the weights as the ingress obeys them, and what a dead share gives.

That shares on inactive or failing revisions turn into errors is what users report (azure-container-apps#1345, #410,
#723, #301); the status codes are inferred.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from console.simulator.traffic import Traffic
from console.simulator.world import App, Revision

NO_UPSTREAM = "no healthy upstream"
CONNECTION_FAILURE = (
    "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, "
    "transport failure reason: delayed connect error: Connection refused"
)
OVERFLOW = "upstream connect error or disconnect/reset before headers. reset reason: overflow"
STOPPED = "Error 404 - This Container App is stopped or does not exist."


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No revision answers; the ingress does, in its own words."""

    status: int
    reason: str


def shares(app: App) -> dict[str, int]:
    """Percent of the traffic per revision, as the ingress obeys it; a name may be that of one that is gone.

    In single mode the ingress pays no attention to the traffic array and takes the latest ready revision.
    """
    if app.mode == "Single":
        single = _single(app)
        return {} if single is None else {single: 100}
    found: dict[str, int] = {}
    for entry in app.routed:
        if entry.weight > 0:
            name = _named(app, entry)
            found[name] = found.get(name, 0) + entry.weight
    return found


def choose(app: App, source: random.Random) -> str | None:
    """The revision that one request to the app's address goes to, by weight; None where nothing carries any."""
    weights = shares(app)
    return source.choices(list(weights), weights=list(weights.values()))[0] if weights else None


def resolve(app: App, name: str | None) -> Revision | Unanswered:
    """The revision, if it can answer; else how the ingress says that it cannot."""
    revision = app.revision(name) if name else None
    if revision is None or not revision.active:
        return Unanswered(404, STOPPED)
    if revision.failed:
        return Unanswered(503, CONNECTION_FAILURE)
    return revision if revision.answers else Unanswered(503, NO_UPSTREAM)


def labelled(app: App, label: str) -> str | None:
    """The revision behind a label's own address."""
    entry = next((one for one in app.routed if one.label == label), None)
    return None if entry is None else _named(app, entry)


def _named(app: App, entry: Traffic) -> str:
    return app.latest_ready if entry.latest or entry.revision is None else entry.revision


def _single(app: App) -> str | None:
    ready = app.revision(app.latest_ready)
    if ready is not None and ready.active:
        return ready.name
    return next((one.name for one in app.revisions if one.active and one.answers), app.latest_ready or None)
