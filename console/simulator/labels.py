"""Labels: entries of the traffic array that follow revisions, and the history of where they pointed.

Labels mode as recorded in containerapps-labels-mode: the target label receives the new revision, at weight 0, only
when it is ready.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator.traffic import Traffic
from console.simulator.world import App, LabelRecord, Revision


def grant(app: App, revision: Revision, at: datetime) -> App:
    """In labels mode, gives a ready revision the label it was made for; an existing label keeps its weight."""
    label = revision.label
    if app.mode != "Labels" or label is None or any(_is(entry, revision.name, label) for entry in app.traffic):
        return app
    if any(entry.label == label for entry in app.traffic):
        entries = tuple(
            replace(entry, revision=revision.name, latest=False) if entry.label == label else entry
            for entry in app.traffic
        )
    else:
        entries = (*app.traffic, Traffic(weight=0, revision=revision.name, label=label))
    return remember(replace(with_traffic(app, entries), routed=entries), at)


def with_traffic(app: App, entries: tuple[Traffic, ...]) -> App:
    """The app with another configured traffic array."""
    ingress = {**app.ingress, "traffic": [entry.shown() for entry in entries]}
    return replace(app, configuration={**app.configuration, "ingress": ingress})


def unlabelled(app: App, before: tuple[Traffic, ...], after: tuple[Traffic, ...]) -> list[str]:
    """Active revisions that had a label before and have none after."""
    lost = {one.revision for one in before if one.label} - {one.revision for one in after if one.label}
    return [one.name for one in app.revisions if one.active and one.name in lost]


def remember(app: App, at: datetime) -> App:
    """The app with its label history brought up to its routed traffic."""
    now = {entry.label: entry.revision or app.latest_ready for entry in app.routed if entry.label}
    closed = tuple(
        replace(record, stop=at) if record.stop is None and now.get(record.label) != record.revision else record
        for record in app.labels
    )
    open_labels = {record.label for record in closed if record.stop is None}
    opened = tuple(LabelRecord(label, revision, at) for label, revision in now.items() if label not in open_labels)
    return replace(app, labels=closed + opened)


def _is(entry: Traffic, revision: str, label: str) -> bool:
    return entry.revision == revision and entry.label == label
