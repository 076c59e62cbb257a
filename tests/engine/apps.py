"""Apps and revisions as they might be read, in as few words as a test can do with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.code import CodeState, Revision
from console.domain.good import History, Mark, choose
from console.domain.signal import SignalReading
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot
from console.domain.traffic import TrafficEntry

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)


def revision(number: int, **changes: Any) -> Revision:
    """`bot--v41` and so on: a higher number is newer; active, running, one replica."""
    values: dict[str, Any] = {
        "name": f"bot--v{number}",
        "active": True,
        "health": "Healthy",
        "running": "Running",
        "provisioning": "Provisioned",
        "replicas": 1,
        "image": f"registry/bot:{number}",
        "created": NOW - timedelta(days=100 - number),
        "fqdn": f"bot--v{number}.example",
        "template": f"template-{number}",
    }
    return Revision(**(values | changes))


def stopped(number: int, **changes: Any) -> Revision:
    return revision(number, **({"active": False, "running": "Stopped", "replicas": 0} | changes))


def entry(weight: int, number: int, label: str | None = None) -> TrafficEntry:
    return TrafficEntry(weight, f"bot--v{number}", label=label)


def app(*revisions: Revision, traffic: tuple[TrafficEntry, ...] | None = None, **changes: Any) -> CodeState:
    """An app of these revisions, whose newest carries everything unless `traffic` says otherwise."""
    newest = max(revisions, key=lambda one: (one.created or NOW, one.name))
    values: dict[str, Any] = {
        "app": "bot",
        "mode": "Multiple",
        "provisioning": "Succeeded",
        "running": "Running",
        "fqdn": "bot.example",
        "external": True,
        "traffic": traffic if traffic is not None else (TrafficEntry(100, newest.name),),
        "revisions": tuple(sorted(revisions, key=lambda one: one.created or NOW, reverse=True)),
        "latest": newest.name,
    }
    return CodeState(**(values | changes))


def marks(good: tuple[int, ...] = (), bad: tuple[int, ...] = (), carried: tuple[int, ...] = ()) -> History:
    said = {f"bot--v{number}": Mark(f"bot--v{number}", True, "alice", NOW) for number in good}
    said |= {f"bot--v{number}": Mark(f"bot--v{number}", False, "run 3", NOW, "rolled away from") for number in bad}
    return History(said, {f"bot--v{number}": NOW for number in carried})


def snapshot(state: CodeState, history: History | None = None, *signals: SignalReading) -> Snapshot:
    known = history or History()
    code = Layer(LayerStatus.OK, state, NOW)
    return Snapshot("bot", Environment.REHEARSAL, NOW, code, signals, known, choose(state, known))
