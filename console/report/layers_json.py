"""The JSON of the layers beside the code, of the bundle, and of what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.domain.bundle import Bundle
from console.domain.change import Baseline, Suspect
from console.domain.embedding import EmbeddingState, Index
from console.domain.model import Deployment, ModelState
from console.domain.prompt import Prompt, PromptState
from console.domain.schema import SchemaState, Server
from console.domain.snapshot import Layer, Snapshot
from console.report.times import time


def layers(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Every layer but code, by name; one that is not configured is absent."""
    return {name: layer(name, snapshot.layer(name), snapshot) for name in ("prompt", "model", "embedding", "schema")}


def layer(name: str, value: Layer[Any], snapshot: Snapshot) -> dict[str, Any]:
    """One layer: its status, age and error, and what it holds."""
    body = {"status": str(value.status), "error": value.error, "at": time(value.at)}
    return body if value.state is None else {**body, **_BODIES[name](value.state, snapshot)}


def bundle(value: Bundle) -> dict[str, Any]:
    """What serves, by its identity."""
    return {
        "id": value.id if value.facets else None,
        "digest": value.digest if value.facets else None,
        "unread": sorted(value.unread),
        "versions": [
            {"layer": one.layer, "item": one.item, "version": one.version, "since": time(one.since)}
            for one in value.facets
        ],
    }


def baseline(value: Baseline) -> dict[str, Any]:
    """What changes are compared with."""
    return {
        "bundle": value.bundle.id if value.bundle else None,
        "grade": str(value.grade) if value.grade else None,
        "at": time(value.at),
        "why": value.why,
        "reconstructed": value.reconstructed,
    }


def suspect(value: Suspect) -> dict[str, Any]:
    """One change, ranked."""
    change = value.change
    return {
        "layer": change.layer,
        "item": change.item,
        "from": change.before,
        "to": change.after,
        "at": time(change.at),
        "earliest": time(change.earliest),
        "by": change.by or None,
        "source": change.source or None,
        "config_only": change.config,
        "rank": value.rank,
        "weight": value.weight,
        "reason": value.reason,
        "words": change.words,
    }


def _prompt(state: PromptState, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "mode": state.mode,
        "place": state.place,
        "cache_ttl_s": state.cache_ttl_s,
        "unread": state.unread or None,
        "prompts": [_one_prompt(prompt) for prompt in state.prompts],
    }


def _one_prompt(prompt: Prompt) -> dict[str, Any]:
    return {
        "name": prompt.name,
        "item": prompt.item,
        "scope": dict(prompt.scope),
        "active": list(prompt.active),
        "since": time(prompt.since),
        "was": prompt.was,
        "calls": prompt.calls,
        "trouble": prompt.trouble or None,
        "versions": [
            {"version": one.version, "created": time(one.created), "by": one.by or None} for one in prompt.versions
        ],
    }


def _model(state: ModelState, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "account": state.account,
        "location": state.location,
        "unread": state.unread or None,
        "warnings": list(state.warnings(snapshot.at)),
        "deployments": [_deployment(state, one) for one in state.deployments],
    }


def _deployment(state: ModelState, one: Deployment) -> dict[str, Any]:
    return {
        "name": one.name,
        "model": one.model,
        "version": one.version,
        "upgrade": one.upgrade,
        "pinned": one.pinned,
        "sku": one.sku,
        "capacity": one.capacity,
        "tokens_per_min": one.tokens_per_min,
        "filter": one.filter or None,
        "state": one.state,
        "modified_at": time(one.modified_at),
        "modified_by": one.modified_by or None,
        "retires": time(state.retires(one)),
        "watched": one.watched,
    }


def _embedding(state: EmbeddingState, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "place": state.place,
        "embedder": state.embedder,
        "mismatch": state.mismatch or None,
        "unread": state.unread or None,
        "embedders": dict(state.embedders),
        "indexes": [_index(index) for index in state.indexes],
        "recall": [{"index": one.index, "asked": one.asked, "found": one.found} for one in state.recall],
    }


def _index(index: Index) -> dict[str, Any]:
    return {
        "name": index.name,
        "embedder": index.embedder,
        "dimensions": index.dimensions,
        "rows": index.rows,
        "found_dimensions": index.found_dimensions,
        "found_rows": index.found_rows,
        "built_at": time(index.built_at),
        "active": index.active,
    }


def _schema(state: SchemaState, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "place": state.place,
        "head": state.head,
        "heads": list(state.heads),
        "needs": dict(state.needs),
        "unread": state.unread or None,
        "server": _server(state.server) if state.server else None,
    }


def _server(server: Server) -> dict[str, Any]:
    return {
        "name": server.name,
        "state": server.state,
        "earliest_restore": time(server.earliest),
        "retention_d": server.retention_d,
        "virtual_endpoints": list(server.virtual_endpoints),
        "backups": [
            {"name": one.name, "kind": one.kind, "source": one.source, "completed": time(one.completed)}
            for one in server.backups
        ],
    }


_BODIES: dict[str, Callable[[Any, Snapshot], dict[str, Any]]] = {
    "prompt": _prompt,
    "model": _model,
    "embedding": _embedding,
    "schema": _schema,
}
