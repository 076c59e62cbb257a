"""The timeline's data: a lane per layer, and for backups, runs and signals; pure, from what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from console.domain.bundle import APP_WIDE
from console.domain.change import Gap, Suspect
from console.domain.incident import Incident
from console.domain.run import Run
from console.domain.signal import SignalState
from console.domain.snapshot import LayerStatus, Snapshot
from screens.door import Observed
from screens.drawing.text import Tone
from screens.drawing.words import OUTCOMES

LAYERS = ("code", "prompt", "model", "embedding", "schema")
BEFORE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something at one moment, as a symbol and in words. `rank` is a suspect's."""

    at: datetime
    symbol: str
    words: str
    tone: Tone = Tone.PLAIN
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that lasted."""

    since: datetime
    until: datetime
    words: str
    tone: Tone
    fill: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What happened in one layer, oldest first."""

    name: str
    happened: tuple[Happening, ...] = ()
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every lane, what nobody observed, and when the incident began. `earliest` begins what can be restored."""

    now: datetime
    lanes: tuple[Lane, ...]
    suspects: tuple[Suspect, ...] = ()
    gaps: tuple[Gap, ...] = ()
    began: datetime | None = None
    incident: int | None = None
    earliest: datetime | None = None
    restorable: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the timeline's cursor stands: a moment, a lane, and how much time is seen."""

    at: datetime
    lane: str
    window: timedelta
    until: datetime
    why_not: str = ""
    message: str = ""

    @property
    def result(self) -> str:
        return f"restore to {self.at:%d %b %H:%M:%S}Z"


def timeline(
    snapshot: Snapshot,
    runs: Sequence[Run],
    incident: Incident | None,
    observed: Sequence[Observed],
    now: datetime,
) -> Timeline:
    """Everything known of when what changed."""
    moved = _observed_changes(observed)
    present = [name for name in LAYERS if name == "code" or snapshot.layer(name).status is not LayerStatus.ABSENT]
    lanes = [_layer(snapshot, name, moved) for name in present]
    if snapshot.changes.of(APP_WIDE) or any(layer == APP_WIDE for layer, _ in moved):
        lanes.append(_layer(snapshot, APP_WIDE, moved))
    lanes += [lane for lane in (_backups(snapshot, now), _runs(runs), _signals(snapshot, now)) if lane is not None]
    server = snapshot.schema.state.server if snapshot.schema.state else None
    return Timeline(
        now,
        tuple(lanes),
        snapshot.changes.suspects,
        snapshot.changes.gaps,
        incident.began if incident else _first_breach(snapshot),
        incident.id if incident else None,
        server.earliest if server else None,
        _restorable(snapshot),
    )


def _restorable(snapshot: Snapshot) -> str:
    """Why no moment can be restored, or nothing."""
    state = snapshot.schema.state
    if state is None:
        return "no database is configured"
    if state.server is None:
        return "no server is configured: nothing can be restored"
    return "" if state.server.earliest else "the server has no restore point yet"


def _first_breach(snapshot: Snapshot) -> datetime | None:
    return min((one.since for one in snapshot.breached if one.since), default=None)


def _layer(snapshot: Snapshot, name: str, moved: Sequence[tuple[str, Happening]]) -> Lane:
    """What the layer remembers, what was observed to change, and over both the suspects."""
    found = [*_remembered(snapshot, name), *(happening for layer, happening in moved if layer == name)]
    suspects = [_suspected(one) for one in snapshot.changes.of(name) if one.change.at or one.change.earliest]
    times = {one.at for one in suspects}
    kept = [one for one in found if one.at not in times]
    return Lane(name, _in_order([*kept, *suspects]))


def _suspected(one: Suspect) -> Happening:
    """At the latest then; where it lies between two looks, that is in the words."""
    change = one.change
    at = change.at or change.earliest
    assert at is not None
    between = f", not before {change.earliest:%H:%M}Z" if change.earliest and change.earliest != at else ""
    by = f" by {change.by}" if change.by else ""
    return Happening(at, str(one.rank) if one.rank < 10 else "△", f"{change.words}{by}{between}", Tone.WARN, one.rank)


def _remembered(snapshot: Snapshot, name: str) -> list[Happening]:
    match name:
        case "code":
            code = snapshot.code.state
            return [
                Happening(one.created, "│", f"{code.short(one.name)} created", Tone.DIM)
                for one in (code.revisions if code else ())
                if code and one.created
            ]
        case "prompt":
            prompts = snapshot.prompt.state.prompts if snapshot.prompt.state else ()
            return [
                Happening(one.since, "│", f"{one.item} {one.serves or '?'} active", Tone.DIM)
                for one in prompts
                if one.since
            ]
        case "model":
            deployments = snapshot.model.state.deployments if snapshot.model.state else ()
            return [
                Happening(one.modified_at, "│", f"{one.name} written by {one.modified_by or '?'}", Tone.DIM)
                for one in deployments
                if one.modified_at
            ]
        case "embedding":
            indexes = snapshot.embedding.state.indexes if snapshot.embedding.state else ()
            return [Happening(one.built_at, "│", f"{one.name} built", Tone.DIM) for one in indexes if one.built_at]
        case "schema":
            return _migrated(snapshot)
        case _:
            return []


def _migrated(snapshot: Snapshot) -> list[Happening]:
    state = snapshot.schema.state
    if state is None:
        return []
    found = [
        Happening(one.at, "│", f"{one.revision} {one.title}".strip(), Tone.DIM) for one in state.migrations if one.at
    ]
    if state.changed_at:
        found.append(Happening(state.changed_at, "│", f"head {state.head or '?'}", Tone.DIM))
    return found


def _observed_changes(observed: Sequence[Observed]) -> list[tuple[str, Happening]]:
    """What differed from one observed stretch to the next, at the moment when it was first seen."""
    found = []
    ordered = sorted(observed, key=lambda one: one.since)
    for before, after in pairwise(ordered):
        old = {facet.key: facet for facet in before.bundle.facets}
        for facet in after.bundle.facets:
            known = old.get(facet.key)
            if facet.layer in after.bundle.unread or facet.layer in before.bundle.unread:
                continue
            if known is None or known.version != facet.version:
                said = f"{facet.item} {known.shown if known else 'nothing'}→{facet.shown}, first seen then"
                found.append((facet.layer, Happening(after.since, "╵", said, Tone.PLAIN)))
    return found


def _backups(snapshot: Snapshot, now: datetime) -> Lane | None:
    server = snapshot.schema.state.server if snapshot.schema.state else None
    if server is None:
        return None
    taken = [
        Happening(one.completed, "●", f"backup {one.name}, {one.kind}", Tone.GOOD)
        for one in server.backups
        if one.completed
    ]
    window = (Stretch(server.earliest, now, "restorable to any moment", Tone.GOOD, "─"),) if server.earliest else ()
    return Lane("backups", _in_order(taken), window)


def _runs(runs: Iterable[Run]) -> Lane | None:
    found = []
    for run in runs:
        if run.confirmed_at is not None:
            mark = OUTCOMES[run.outcome] if run.outcome else None
            title = run.plan.title if run.plan else "?"
            word = run.outcome.value if run.outcome else "under way"
            said = f"run {run.id}: {title}, {word}"
            found.append(
                Happening(run.confirmed_at, mark.text if mark else "●", said, mark.tone if mark else Tone.LIVE)
            )
    return Lane("runs", _in_order(found))


def _signals(snapshot: Snapshot, now: datetime) -> Lane:
    stretches = tuple(
        Stretch(one.since, now, f"{one.name} over its limit since then", Tone.BAD, "━")
        for one in snapshot.signals
        if one.state is SignalState.BREACHED and one.since
    )
    found = [Happening(one.since, "✗", one.words, Tone.BAD) for one in stretches]
    golden = snapshot.golden
    if golden is not None:
        mark, tone = ("✔", Tone.GOOD) if golden.perfect else ("✗", Tone.BAD) if golden.measured else ("?", Tone.WARN)
        found.append(Happening(golden.at, mark, f"golden {golden.words}", tone))
    return Lane("signals", _in_order(found), stretches)


def _in_order(found: Iterable[Happening]) -> tuple[Happening, ...]:
    return tuple(sorted(found, key=lambda one: (one.at, one.rank is not None)))


WINDOWS = tuple(
    timedelta(minutes=minutes)
    for minutes in (5, 10, 30, 60, 180, 360, 720, 1440, 2880, 10080, 20160, 43200, 129600, 525600)
)


def first_cursor(known: Timeline) -> Cursor:
    """Just before the suspected change of the database, else at the first suspect; all of it in sight."""
    suspect = next(iter(known.suspects), None)
    schema = next((one for one in known.suspects if one.change.layer == "schema"), None)
    chosen = schema or suspect
    moment = (chosen.change.earliest or chosen.change.at) if chosen else None
    at = moment - BEFORE if moment and schema else moment or known.began or known.now
    lane = chosen.change.layer if chosen else "code"
    lane = lane if any(one.name == lane for one in known.lanes) else "code"
    early = [one.change.earliest or one.change.at for one in known.suspects[:5]]
    first = min([moment for moment in (*early, known.began, at) if moment is not None], default=known.now)
    wanted = (known.now - first) * 1.3
    window = next((one for one in WINDOWS if one >= wanted), WINDOWS[-1])
    return judged(known, Cursor(at, lane, window, known.now))


def zoomed(known: Timeline, cursor: Cursor, by: int) -> Cursor:
    """The next window, nearer (-1) or wider (+1); the cursor's moment stays where it was on the screen."""
    place = max(min(next((i for i, one in enumerate(WINDOWS) if one >= cursor.window), 0) + by, len(WINDOWS) - 1), 0)
    window = WINDOWS[place]
    share = (cursor.until - cursor.at) / cursor.window
    until = min(cursor.at + window * share, known.now)
    return judged(known, Cursor(cursor.at, cursor.lane, window, until))


def moved(known: Timeline, cursor: Cursor, at: datetime) -> Cursor:
    """The cursor at another moment, and the window after it."""
    at = min(at, known.now)
    until = cursor.until
    if at > until:
        until = at
    if at < until - cursor.window:
        until = at + cursor.window
    return judged(known, Cursor(at, cursor.lane, cursor.window, until))


def in_lane(known: Timeline, cursor: Cursor, by: int) -> Cursor:
    """The lane below or above."""
    names = [lane.name for lane in known.lanes]
    place = names.index(cursor.lane) if cursor.lane in names else 0
    chosen = names[max(min(place + by, len(names) - 1), 0)]
    return judged(known, Cursor(cursor.at, chosen, cursor.window, cursor.until))


def next_event(known: Timeline, cursor: Cursor, by: int) -> Cursor:
    """At what happened next, or before, in this lane; where nothing did, as it is."""
    lane = next((one for one in known.lanes if one.name == cursor.lane), None)
    times = [one.at for one in lane.happened] if lane else []
    found = [at for at in times if at > cursor.at] if by > 0 else [at for at in reversed(times) if at < cursor.at]
    return moved(known, cursor, found[0]) if found else cursor


def judged(known: Timeline, cursor: Cursor) -> Cursor:
    """The cursor with the reason why no restore begins there, or none."""
    said = ""
    if cursor.lane != "schema":
        said = "only in the schema's lane (j, k)"
    elif known.restorable:
        said = known.restorable
    elif known.earliest is not None and cursor.at < known.earliest:
        said = f"what can be restored begins {known.earliest:%d %b %H:%M}Z"
    elif cursor.at >= known.now:
        said = "a moment before now (←)"
    return Cursor(cursor.at, cursor.lane, cursor.window, cursor.until, said)
