"""Which deployment goes back, and to what: what was asked for, what served before, or a configured standby."""

from __future__ import annotations

from dataclasses import dataclass, replace

from console.config.layer_settings import ModelSettings
from console.domain.change import Suspect
from console.domain.deploying import Shape
from console.domain.good import Grade, History
from console.domain.intent import Intent
from console.domain.model import NO_UPGRADE, Deployment, ModelState
from console.domain.snapshot import Snapshot
from console.layers.planning import NothingToDo

MODEL = "model"
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Goal:
    """`own` becomes as `shape` says, pinned. `was` is how it was before, where that is known in full."""

    own: Deployment
    shape: Shape
    grade: str
    reason: str
    was: Shape | None = None

    @property
    def only_settings(self) -> bool:
        """Whether the version stays and its size or filter goes back."""
        return self.shape.runs == self.own.runs


def find(settings: ModelSettings, snapshot: Snapshot, state: ModelState, intent: Intent) -> Goal:
    """The goal of a rollback. Raises NothingToDo, naming the versions that can be chosen where none is known."""
    suspect = _suspect(snapshot, state, intent)
    own = _own(state, intent, suspect)
    if intent.to:
        return _asked(snapshot, state, own, intent.to, suspect)
    if suspect is not None and suspect.change.before:
        return _before(snapshot, state, own, suspect)
    return _standing_by(settings, snapshot, state, own)


def wanted(state: ModelState, own: Deployment, to: str) -> tuple[Shape, Shape | None]:
    """What `to` means for a deployment: `2024-08-06`, `gpt-4o 2024-08-06`, or an identity, which is given too."""
    was = Shape.from_identity(to)
    model, _, version = to.strip().rpartition(" ") if was is None else (was.model, " ", was.version)
    present = Shape.of(own)
    return replace(present, model=model.strip() or own.model, version=version, upgrade=NO_UPGRADE), was


def key(name: str, identity: str) -> str:
    """The name under which marks know a deployment's version."""
    return f"{name} {identity}"


def known_bad(history: History, name: str, runs: str) -> str:
    """Why a version of a deployment is known bad, in any size and with any filter; empty where it is not."""
    for mark in history.marks.values():
        exact = key(name, runs)
        if not mark.good and (mark.version == exact or mark.version.startswith(f"{exact} ")):
            return f"{name} at {runs} is known bad: {mark.reason or 'marked'} ({mark.by})"
    return ""


def choices(state: ModelState, own: Deployment) -> str:
    """The other versions that may be deployed, in a sentence."""
    versions = [one.version for one in sorted(state.offers, key=lambda one: one.version, reverse=True)]
    others = [
        version
        for version in versions
        if version != own.version and _same_model(state, own, version) and not _retired(state, own, version)
    ]
    if not others:
        return state.unread or f"{state.account} is offered no other version of {own.model}"
    more = " …" if len(others) > SHOWN else ""
    return f"choose one with --to, or on its row: {', '.join(others[:SHOWN])}{more}"


def _same_model(state: ModelState, own: Deployment, version: str) -> bool:
    return state.offer(own.model, version) is not None


def _retired(state: ModelState, own: Deployment, version: str) -> bool:
    offer = state.offer(own.model, version)
    return offer is not None and offer.retires is not None and state.at is not None and offer.retires <= state.at


def _suspect(snapshot: Snapshot, state: ModelState, intent: Intent) -> Suspect | None:
    """The best-ranked change of the item, or of any deployment that still exists where none is named."""
    for suspect in snapshot.changes.of(MODEL):
        change = suspect.change
        meant = intent.item is None or change.item.lower() == intent.item.lower()
        if meant and change.after is not None and state.find(change.item) is not None:
            return suspect
    return None


def _own(state: ModelState, intent: Intent, suspect: Suspect | None) -> Deployment:
    name = intent.item or (suspect.change.item if suspect is not None else "")
    if not name:
        serving = [one for one in state.serving if not one.shadow_of]
        meant = [one for one in serving if intent.to and _may_run(state, one, intent.to)]
        if len(meant) == 1:
            name = meant[0].name
        else:
            names = ", ".join(one.name for one in serving) or "none"
            raise NothingToDo(f"no deployment of {state.account} changed since the baseline: choose one of {names}")
    own = state.find(name)
    if own is None:
        raise NothingToDo(f"{state.account} has no deployment {name}")
    return own


def _may_run(state: ModelState, one: Deployment, to: str) -> bool:
    shape, _ = wanted(state, one, to)
    return state.offer(shape.model, shape.version) is not None and shape.model == one.model


def _asked(snapshot: Snapshot, state: ModelState, own: Deployment, to: str, suspect: Suspect | None) -> Goal:
    shape, was = wanted(state, own, to)
    if was is None and suspect is not None and suspect.change.before:
        before = Shape.from_identity(suspect.change.before)
        was = before if before is not None and before.runs == shape.runs else None
    shape = _settings_back(own, shape, was)
    if shape == Shape.of(own) or (shape.runs == own.runs and was is None):
        raise NothingToDo(f"{own.name} runs {own.runs} already")
    served = was is not None
    good = snapshot.history.marks.get(key(own.name, to)) if served else None
    if good is not None and good.good:
        return Goal(own, shape, Grade.MARKED, f"marked good by {good.by}", was)
    reason = "it served before" if served else "chosen by you; whether it served here before is not known"
    return Goal(own, shape, Grade.CARRIED if served else Grade.UNTRIED, reason, was)


def _before(snapshot: Snapshot, state: ModelState, own: Deployment, suspect: Suspect) -> Goal:
    change = suspect.change
    was = Shape.from_identity(change.before or "")
    if was is None:
        raise NothingToDo(f"what {own.name} ran before cannot be read from the record: {choices(state, own)}")
    bad = known_bad(snapshot.history, own.name, was.runs)
    if bad and was.runs != own.runs:
        raise NothingToDo(f"{bad}: {choices(state, own)}")
    shape = _settings_back(own, replace(Shape.of(own), model=was.model, version=was.version, upgrade=NO_UPGRADE), was)
    if shape == Shape.of(own):
        raise NothingToDo(f"{own.name} runs {own.runs} as before: nothing to go back to")
    baseline = snapshot.changes.baseline
    grade = baseline.grade or Grade.CARRIED
    when = f"until {change.at:%H:%M}Z at the latest" if change.at is not None else "before"
    return Goal(own, shape, grade, f"it served {when}; {baseline.why or 'as observed'}", was)


def _settings_back(own: Deployment, shape: Shape, was: Shape | None) -> Shape:
    """Where the version is the same, what differs are its size and its filter: those go back."""
    if was is None or was.runs != own.runs or shape.runs != own.runs:
        return shape
    if (was.sku, was.capacity, was.filter) == (own.sku, own.capacity, own.filter):
        return shape
    return replace(shape, sku=was.sku or own.sku, capacity=was.capacity or own.capacity, filter=was.filter)


def _standing_by(settings: ModelSettings, snapshot: Snapshot, state: ModelState, own: Deployment) -> Goal:
    """Nothing is remembered of it: a configured standby at another version is what the team meant to go back to."""
    standby = state.find(settings.standby.get(own.name, ""))
    if standby is None or standby.runs == own.runs or known_bad(snapshot.history, standby.name, standby.runs):
        raise NothingToDo(f"what {own.name} ran before {own.runs} is not known: {choices(state, own)}")
    shape = replace(Shape.of(own), model=standby.model, version=standby.version, upgrade=NO_UPGRADE)
    return Goal(own, shape, Grade.UNTRIED, f"its configured standby {standby.name} runs it; nothing else known")
