"""The layers beside the code, and what changed, as plain lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from console.domain.change import Suspect
from console.domain.embedding import EmbeddingState
from console.domain.model import ModelState
from console.domain.prompt import PromptState
from console.domain.schema import SchemaState
from console.domain.snapshot import LayerStatus, Snapshot

SHOWN = 20


def layers(snapshot: Snapshot) -> Iterator[str]:
    """Every configured layer but code: what serves, or what is wrong."""
    for name, lines in _LINES.items():
        layer = snapshot.layer(name)
        if layer.status is LayerStatus.ABSENT:
            continue
        if layer.status is not LayerStatus.OK:
            yield f"{name}: {layer.status}: {layer.error or 'not read'}"
        if layer.state is not None:
            yield from (f"{name}: {line}" for line in lines(layer.state, snapshot))


def changes(snapshot: Snapshot) -> Iterator[str]:
    """What changed since the baseline, the best explanation first."""
    found = snapshot.changes
    if not found.suspects:
        if found.baseline.why:
            yield f"nothing changed since {found.baseline.why}"
    else:
        yield f"changed since {found.baseline.why}:"
        yield from (f"  {suspect(one)}" for one in found.suspects[:SHOWN])
        if len(found.suspects) > SHOWN:
            yield f"  and {len(found.suspects) - SHOWN} more"
    for gap in found.gaps[-3:]:
        yield f"  nobody looked from {gap.since:%d %b %H:%M}Z to {gap.until:%d %b %H:%M}Z"
    if found.unread:
        yield f"  not known: {', '.join(found.unread)} could not be read"


def suspect(one: Suspect) -> str:
    """`1 prompt drug_info v6→v7 at 21 Nov 03:00Z by bob: 12 min before …`."""
    change = one.change
    name = "config" if change.config else change.layer
    at = f" at {change.at:%d %b %H:%M}Z" if change.at else ""
    by = f" by {change.by}" if change.by else ""
    return f"{one.rank} {name} {change.words}{at}{by}: {one.reason}"


def _prompt(state: PromptState, snapshot: Snapshot) -> Iterator[str]:
    if not state.prompts:
        yield f"no prompt in {state.place}"
    for prompt in state.prompts[:SHOWN]:
        version = prompt.find(prompt.serves) if prompt.serves else None
        since = f" since {prompt.since:%d %b %H:%M}Z" if prompt.since else ""
        calls = f", {prompt.calls} calls since" if prompt.calls is not None else ""
        yield f"{prompt.item} {prompt.trouble or (version.shown if version else '?')}{since}{calls}"
    if len(state.prompts) > SHOWN:
        yield f"and {len(state.prompts) - SHOWN} more prompts"
    if state.unread:
        yield state.unread


def _model(state: ModelState, snapshot: Snapshot) -> Iterator[str]:
    for one in state.deployments[:SHOWN]:
        pinned = "pinned" if one.pinned else f"upgrades itself ({one.upgrade or 'unknown'})"
        yield f"{one.name} {one.runs}, {pinned}, {one.sku} {one.capacity}"
    yield from (f"warning: {warning}" for warning in state.warnings(snapshot.at))


def _embedding(state: EmbeddingState, snapshot: Snapshot) -> Iterator[str]:
    active = state.active
    if active is not None:
        yield f"{state.embedder or 'embedder not known'} asks {active.name} ({active.stamp})"
    if state.mismatch:
        yield f"mismatch: {state.mismatch}"
    if state.unread:
        yield state.unread


def _schema(state: SchemaState, snapshot: Snapshot) -> Iterator[str]:
    none = "not known" if state.blind else "none"
    yield f"head {state.head or ', '.join(state.heads) or none}"
    server = state.server
    if server is not None:
        since = f"restorable since {server.earliest:%d %b %H:%M}Z" if server.earliest else "no restore point yet"
        newest = server.newest_backup
        backup = f", newest backup {newest.completed:%d %b %H:%M}Z" if newest and newest.completed else ", no backup"
        yield f"{server.name} {server.state}, {since}{backup}"
    if state.unread:
        yield state.unread


_LINES: dict[str, Callable[[Any, Snapshot], Iterator[str]]] = {
    "prompt": _prompt,
    "model": _model,
    "embedding": _embedding,
    "schema": _schema,
}
