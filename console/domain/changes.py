"""What changed since the baseline: a difference of bundles, or what the layers remember where nobody looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.domain.bundle import APP_WIDE, Bundle, Facet
from console.domain.change import Baseline, Change, Written
from console.domain.observed import Span, began

TOGETHER = timedelta(minutes=3)
BRACKET_SLACK = timedelta(seconds=90)
APP_WRITE = "microsoft.app/containerapps/write"
WRITTEN = "was written: secrets, ingress or scale; which of them Azure's Activity Log does not tell"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered besides the present bundle.

    `writes` are Azure's, newest first; `own` are the moments at which this console wrote, `deployed` those at which
    the revisions that still exist were made.
    """

    spans: Sequence[Span] = ()
    writes: Sequence[Written] = ()
    own: Sequence[datetime] = ()
    deployed: Sequence[datetime] = ()


def changes(present: Bundle, baseline: Baseline, memory: Memory, since: datetime) -> tuple[Change, ...]:
    """Every item that differs from the baseline; writes of the app as a whole that nothing else explains come last.

    `since` bounds what is reconstructed and what is read from Azure's Activity Log.
    """
    if baseline.bundle is not None:
        found = list(_differences(present, baseline.bundle, memory))
        since = max(since, baseline.at) if baseline.at else since
    else:
        found = list(_reconstructed(present, baseline.at or since, memory.own))
    return (*found, *_unexplained(found, present, memory, since))


def _differences(present: Bundle, before: Bundle, memory: Memory) -> Iterable[Change]:
    unread = present.unread | before.unread
    keys = {facet.key for facet in (*present.facets, *before.facets)}
    known = {facet.layer for facet in before.facets}
    for layer, item in sorted(keys):
        was, now = before.find(layer, item), present.find(layer, item)
        if layer in unread or layer not in known or (was and now and was.version == now.version):
            continue
        yield _dated(_change(was, now), now, memory)


def _change(was: Facet | None, now: Facet | None) -> Change:
    facet = now or was
    assert facet is not None
    before, after = was.shown if was else "", now.shown if now else ""
    if was is not None and now is not None and before == after:
        before, after = _told_apart(before, was.version, now.version), _told_apart(after, now.version, was.version)
    return Change(
        layer=facet.layer,
        item=facet.item,
        before=was.version if was else None,
        after=now.version if now else None,
        before_words=before,
        after_words=after,
    )


def _told_apart(words: str, version: str, other: str) -> str:
    """The words with what only this version has: two deployments of one model may differ in their size alone."""
    own = [part for part in version.split() if part not in other.split()]
    return f"{words} ({' '.join(own)})" if own else words


def _dated(change: Change, now: Facet | None, memory: Memory) -> Change:
    """When and by whom: by the layer's own word where the observations allow it, else between two looks."""
    without, first = began(memory.spans, change.layer, change.item, change.after)
    since = now.since if now else None
    fits = since is not None and (
        first is None or ((without is None or since >= without - BRACKET_SLACK) and since <= first + BRACKET_SLACK)
    )
    if now is not None and since is not None and fits:
        return replace(change, at=since, by=now.by, source=now.source)
    wrote = _write_between(memory.writes, change, without, first)
    if wrote is not None:
        return replace(change, at=wrote.at, by=wrote.by, source="Azure's Activity Log")
    return replace(change, at=first, earliest=without, source="seen between two looks" if without else "seen")


def _write_between(
    writes: Sequence[Written], change: Change, since: datetime | None, until: datetime | None
) -> Written | None:
    if until is None or change.layer not in (APP_WIDE, "code"):
        return None
    for one in writes:
        inside = (since is None or one.at >= since - BRACKET_SLACK) and one.at <= until + BRACKET_SLACK
        if inside and one.operation.lower() == APP_WRITE:
            return one
    return None


def _reconstructed(present: Bundle, since: datetime, own: Sequence[datetime]) -> Iterable[Change]:
    """What each layer remembers to have changed after `since`; what it was before, where it remembers that too.

    What this console turned itself is no suspect: it is the way back.
    """
    for facet in present.facets:
        if facet.since is None or facet.since < since or facet.layer == APP_WIDE:
            continue
        if any(timedelta() <= facet.since - at <= TOGETHER for at in own):
            continue
        before = facet.before
        yield Change(
            layer=facet.layer,
            item=facet.item,
            before=before,
            after=facet.version,
            at=facet.since,
            by=facet.by,
            source=facet.source or "its own date",
            before_words=_like(before, facet) if before else "what is not known",
            after_words=facet.shown,
        )


def _like(before: str, facet: Facet) -> str:
    """The earlier version in the way in which the facet says its own."""
    if facet.words and facet.version.endswith(facet.words):
        return before.removeprefix(facet.version.removesuffix(facet.words))
    if facet.words and " " not in facet.version and facet.version.startswith(facet.words):
        return before[: len(facet.words)]
    if facet.words == f"v{facet.version}":
        return f"v{before}"
    return before


def _unexplained(found: Sequence[Change], present: Bundle, memory: Memory, since: datetime) -> Iterable[Change]:
    """A write of the app that no known change and no run of ours explains; the newest, for they look alike."""
    explained = [change.at for change in found if change.at and change.layer in ("code", APP_WIDE)]
    explained += [facet.since for facet in present.of("code") if facet.since]
    explained += [*memory.own, *memory.deployed]
    for one in memory.writes:
        if one.operation.lower() != APP_WRITE or one.at < since:
            continue
        if any(abs(one.at - at) <= TOGETHER for at in explained):
            continue
        yield Change(APP_WIDE, "the app", None, None, one.at, one.by, "Azure's Activity Log", after_words=WRITTEN)
        return
