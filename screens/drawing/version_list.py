"""Every version of one item, as its layer's state has them: only named, so that ten thousand cost little."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from console.domain.good import History, Mark
from console.domain.model import Deployment
from console.domain.snapshot import Snapshot

HEAD = "head"
_NAMES = {"prompt": "prompt", "model": "deployment", "embedding": "index", "schema": "migration"}


class Version(NamedTuple):
    """One version. `version` is what an intent names, `shown` what a person reads; `at` is when it was made.

    `key` is the name under which marks know it.
    """

    version: str
    shown: str
    at: datetime | None = None
    by: str = ""
    note: str = ""
    serves: bool = False
    key: str = ""


def kind_of(layer: str) -> str:
    """What an item of this layer is called."""
    return _NAMES.get(layer, layer)


def versions(snapshot: Snapshot, layer: str, item: str) -> tuple[Version, ...]:
    """Newest first; nothing where the layer has not been read, or has no such item."""
    match layer:
        case "prompt":
            return _prompt(snapshot, item)
        case "model":
            return _model(snapshot, item)
        case "embedding":
            return _embedding(snapshot)
        case "schema":
            return _schema(snapshot)
        case _:
            return ()


def _prompt(snapshot: Snapshot, item: str) -> tuple[Version, ...]:
    state = snapshot.prompt.state
    prompt = state.find(item) if state else None
    if prompt is None:
        return ()
    active = frozenset(prompt.active)
    return tuple(
        Version(
            one.version,
            one.shown,
            one.created,
            one.by,
            one.note,
            one.version in active,
            f"{prompt.item} {one.version}",
        )
        for one in prompt.versions
    )


def _model(snapshot: Snapshot, item: str) -> tuple[Version, ...]:
    """What the region offers of this deployment's model, and what it runs, though that may be offered no more."""
    state = snapshot.model.state
    found = state.find(item) if state else None
    if state is None or found is None:
        return ()
    offered = [
        Version(
            one.version,
            f"{one.model} {one.version}",
            None,
            "",
            ", ".join(
                word
                for word in (
                    one.lifecycle,
                    f"retires {one.retires:%d %b %Y}" if one.retires else "",
                    _default(one.default),
                )
                if word
            ),
            one.version == found.version,
            _model_key(found, one.version),
        )
        for one in state.offers
        if one.model == found.model
    ]
    if not any(one.serves for one in offered):
        offered.append(Version(found.version, found.runs, found.modified_at, found.modified_by, "not offered", True))
    return tuple(sorted(offered, key=lambda one: one.version, reverse=True))


def _model_key(own: Deployment, version: str) -> str:
    """What serves is marked with its whole identity, what may be deployed by its model and version."""
    return f"{own.name} {own.identity if version == own.version else f'{own.model} {version}'}"


def _default(default: bool) -> str:
    return "the default" if default else ""


def _embedding(snapshot: Snapshot) -> tuple[Version, ...]:
    state = snapshot.embedding.state
    return tuple(
        Version(
            one.name,
            one.name,
            one.built_at,
            "",
            f"{one.stamp}{f', {one.rows:,} rows' if one.rows is not None else ''}{_built(one.progress)}",
            state is not None and one in state.actives,
            one.key,
        )
        for one in (state.indexes if state else ())
    )


def _built(progress: float | None) -> str:
    return f", {progress:.0f} % built" if progress is not None and progress < 100 else ""


def _schema(snapshot: Snapshot) -> tuple[Version, ...]:
    state = snapshot.schema.state
    heads = frozenset(state.heads) if state else frozenset()
    return tuple(
        Version(
            one.revision,
            one.revision,
            one.at,
            "",
            f"{one.title}{', dropped something for good' if one.drops else ''}",
            one.revision in heads,
            f"{HEAD} {one.revision}",
        )
        for one in (state.migrations if state else ())
    )


def active(found: tuple[Version, ...]) -> Version | None:
    """The one that serves; None where several do, or none."""
    serving = [one for one in found if one.serves]
    return serving[0] if len(serving) == 1 else None


def mark_of(history: History, one: Version) -> Mark | None:
    """What somebody said of it, in any size and with any filter where it is a model."""
    exact = history.marks.get(one.key)
    return exact or next((mark for mark in history.marks.values() if mark.version.startswith(f"{one.key} ")), None)


def marked_words(mark: Mark | None) -> str:
    """`★ good: bob`, `✗ known bad: made doses up`, or nothing."""
    if mark is None:
        return ""
    return f"★ good: {mark.by}" if mark.good else f"✗ known bad: {mark.reason or mark.by}"


def filtered(found: tuple[Version, ...], text: str) -> tuple[int, ...] | range:
    """The places of the versions that have this text in what a person reads of them."""
    wanted = text.lower()
    if not wanted:
        return range(len(found))
    return tuple(
        place
        for place, one in enumerate(found)
        if wanted in one.shown.lower() or wanted in one.note.lower() or wanted in one.by.lower()
    )
