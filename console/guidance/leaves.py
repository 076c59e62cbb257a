"""From a leaf of the decision tree to the intent whose plan the desk makes; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from console.domain.bundle import APP_WIDE
from console.domain.decision import Leaf
from console.domain.intent import FEATURE, Deed, Intent
from console.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Meant:
    """What a leaf wants done; or nothing, and `why_not`: it is done by hand, or cannot be done from here."""

    intent: Intent | None
    why_not: str = ""


def meant(leaf: Leaf, snapshot: Snapshot | None = None) -> Meant:
    """What this leaf wants done now. Without a snapshot: as far as the leaf alone says."""
    if leaf.manual:
        return Meant(None, "it is done by hand: its steps and its runbook say how")
    return PLANS[leaf.plan](snapshot)


def _code(snapshot: Snapshot | None) -> Meant:
    return Meant(Intent(layer="code"))


def _config(snapshot: Snapshot | None) -> Meant:
    """Settings in a revision's env go back with that revision; those above all revisions only by hand."""
    suspects = snapshot.changes.suspects if snapshot is not None else ()
    for suspect in suspects:
        change = suspect.change
        if change.layer == "code" and change.config:
            return Meant(Intent(layer="code", to=change.before))
        if change.layer == APP_WIDE:
            told = f"{change.words}: these settings stand above all revisions, and no revision brings them back"
            return Meant(None, f"{told}; the runbook says how to put them back by hand")
    if any(suspect.change.layer == "code" for suspect in suspects):
        return Meant(None, "no change of settings alone is known here: the revision has another image as well")
    return Meant(None, "no change of settings is known here; what stands elsewhere is put back there, by hand")


def _first_item(layer: str, way: str | None = None) -> Callable[[Snapshot | None], Meant]:
    """A layer's own choice: the item that explains it best, and the version before."""

    def plan(snapshot: Snapshot | None) -> Meant:
        return Meant(Intent(layer=layer, way=way))

    return plan


def _off(snapshot: Snapshot | None) -> Meant:
    return Meant(Intent(Deed.SWITCH_OFF, FEATURE))


PLANS: Mapping[str, Callable[[Snapshot | None], Meant]] = {
    "code": _code,
    "config": _config,
    "prompt": _first_item("prompt"),
    "model": _first_item("model"),
    "embedding": _first_item("embedding"),
    "schema code first": _first_item("schema", "code-first"),
    "schema down": _first_item("schema", "down"),
    "schema restore": _first_item("schema", "restore"),
    "switch off": _off,
}
