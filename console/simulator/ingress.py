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
STOPPED = "Error 404 - This Container App is stopped or does not exist."


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No revision answers; the ingress does, in its own words."""

    status: int
    reason: str


def choose(app: App, source: random.Random) -> str | None:
    """The revision that one request to the app's address goes to, by weight; None where nothing carries any.

    In single mode the ingress pays no attention to the traffic array and takes the latest ready revision.
    """
    if app.mode == "Single":
        return _single(app)
    shares = [entry for entry in app.routed if entry.weight > 0]
    if not shares:
        return None
    entry = source.choices(shares, weights=[one.weight for one in shares])[0]
    return _named(app, entry)


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


def route(app: App, target: str | None, source: random.Random) -> Revision | Unanswered:
    """Where a request ends up: at the revision asked for, else at one chosen by weight."""
    return resolve(app, target if target is not None else choose(app, source))
