"""The JSON that scripts rely on: schema 1, RFC 3339 UTC times, `_s` for seconds, the words of the design."""

from __future__ import annotations

from typing import Any

from console.domain.code import CodeState, Revision
from console.domain.golden import GoldenResult
from console.domain.good import Good
from console.domain.incident import Incident
from console.domain.plan import Plan
from console.domain.run import Event, Run, StepView
from console.domain.signal import SignalReading
from console.domain.snapshot import Snapshot
from console.report import layers_json
from console.report.times import time

SCHEMA = 1


def status(snapshot: Snapshot, note: str = "", script: str | None = None, bypass: str = "") -> dict[str, Any]:
    """`status --json`."""
    layer = snapshot.code
    code: dict[str, Any] = {
        "status": str(layer.status),
        "error": layer.error,
        "at": time(layer.at),
        "mode": layer.state.mode if layer.state else None,
        "good": _good(snapshot.choice.good),
        "why_no_good": snapshot.choice.why or None,
        "versions": _versions(layer.state) if layer.state else [],
    }
    return {
        "schema": SCHEMA,
        "target": snapshot.target,
        "environment": str(snapshot.environment),
        "at": time(snapshot.at),
        "identity": snapshot.identity,
        "note": note or None,
        "script": script,
        "bypass": bypass or None,
        "layers": {"code": code, **layers_json.layers(snapshot)},
        "bundle": layers_json.bundle(snapshot.bundle),
        "baseline": layers_json.baseline(snapshot.changes.baseline),
        "changes": [layers_json.suspect(one) for one in snapshot.changes.suspects],
        "golden": golden(snapshot.golden),
        "signals": [_signal(reading) for reading in snapshot.signals],
    }


def changes(snapshot: Snapshot) -> dict[str, Any]:
    """`changes --json`: what changed since the baseline, the best explanation first."""
    found = snapshot.changes
    return {
        "schema": SCHEMA,
        "target": snapshot.target,
        "environment": str(snapshot.environment),
        "at": time(snapshot.at),
        "bundle": layers_json.bundle(snapshot.bundle),
        "baseline": layers_json.baseline(found.baseline),
        "changes": [layers_json.suspect(one) for one in found.suspects],
        "unobserved": [{"since": time(gap.since), "until": time(gap.until)} for gap in found.gaps],
        "unread": list(found.unread),
    }


def golden(value: GoldenResult | None) -> dict[str, Any] | None:
    """The newest result of the golden questions; null where there is none."""
    if value is None:
        return None
    return {
        "passed": value.passed,
        "asked": value.asked,
        "unasked": value.unasked,
        "at": time(value.at),
        "failures": [{"question": name, "why": why} for name, why in value.failures],
    }


def plan(value: Plan) -> dict[str, Any]:
    """`plan --json`: what would be done, with the exact commands."""
    return {
        "schema": SCHEMA,
        "target": value.target,
        "environment": value.environment,
        "layer": value.layer,
        "title": value.title,
        "deed": value.deed,
        "way": value.way or None,
        "ways": [{"name": way.name, "title": way.title, "reason": way.reason} for way in value.ways],
        "differences": list(value.differences),
        "turns": [
            {"layer": turn.layer, "item": turn.item, "from": turn.before, "to": turn.after} for turn in value.turns
        ],
        "risk": str(value.risk),
        "golden": [{"whom": whom, "result": words} for whom, words in value.golden],
        "passages": [{"title": one.title, "text": one.text} for one in value.passages],
        "from": list(value.origin),
        "to": value.goal,
        "grade": value.grade,
        "reason": value.reason,
        "steps": [
            {"title": s.title, "command": s.command, "risk": str(s.risk), "writes": s.writes, "request": dict(s.body)}
            for s in value.steps
        ],
        "checked": [{"text": note.text, "ok": note.ok} for note in value.checked],
        "unknown": list(value.unknown),
        "stays": list(value.stays),
        "afterwards": list(value.afterwards),
        "refusals": [{"sentence": r.sentence, "overridable": r.overridable} for r in value.refusals],
        "by_hand": value.by_hand,
    }


def run(value: Run) -> dict[str, Any]:
    """`rollback --json`, and each of `history --json`. Times are seconds since the confirmation, null if unknown."""
    return {
        "schema": SCHEMA,
        "id": value.id,
        "target": value.target,
        "incident": value.incident,
        "layer": value.plan.layer if value.plan else None,
        "title": value.plan.title if value.plan else None,
        "deed": value.plan.deed if value.plan else None,
        "from": list(value.plan.origin) if value.plan else [],
        "to": value.plan.goal if value.plan else None,
        "by": value.by,
        "principal": value.principal or None,
        "confirmed_at": time(value.confirmed_at),
        "outcome": str(value.outcome) if value.outcome else None,
        "note": value.note or None,
        "accepted_s": value.accepted_s,
        "configured_s": value.configured_s,
        "serving_s": value.serving_s,
        "recovered_s": value.recovered_s,
        "ended_s": value.ended_s,
        "steps": [_step(step) for step in value.steps],
    }


def incident(value: Incident) -> dict[str, Any]:
    """One incident."""
    return {
        "id": value.id,
        "opened_at": time(value.opened_at),
        "began": time(value.began),
        "by": value.by,
        "source": value.source,
        "note": value.note or None,
    }


def event(value: Event) -> dict[str, Any]:
    """One line of the run log."""
    return {
        "schema": SCHEMA,
        "run": value.run,
        "seq": value.seq,
        "at": time(value.at),
        "kind": str(value.kind),
        "step": value.step,
        "body": dict(value.body),
    }


def _good(good: Good | None) -> dict[str, Any] | None:
    return {"revision": good.revision, "grade": str(good.grade), "reason": good.reason} if good else None


def _versions(state: CodeState) -> list[dict[str, Any]]:
    return [_version(state, revision) for revision in state.revisions]


def _version(state: CodeState, revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.name,
        "weight": state.weight(revision.name),
        "active": revision.active,
        "health": revision.health,
        "running": revision.running,
        "condition": str(revision.condition),
        "replicas": revision.replicas,
        "image": revision.image,
        "created": time(revision.created),
        "latest": revision.name == state.latest,
        "labels": list(state.labels(revision.name)),
    }


def _signal(reading: SignalReading) -> dict[str, Any]:
    return {
        "name": reading.name,
        "source": reading.source,
        "unit": reading.unit,
        "value": reading.value,
        "count": reading.count,
        "at": time(reading.at),
        "state": str(reading.state),
        "detail": reading.detail or None,
    }


def _step(step: StepView) -> dict[str, Any]:
    return {
        "title": step.title,
        "command": step.command,
        "state": str(step.state),
        "detail": step.detail,
        "started_s": step.started_s,
        "ended_s": step.ended_s,
    }
