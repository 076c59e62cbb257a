"""Incidents with their runs beneath, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.incident import Incident
from console.domain.intent import Deed
from console.domain.run import Run
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, too_small
from screens.drawing.run import elapsed_s
from screens.drawing.text import Line, Span, Tone, fit, line, pad, right, short
from screens.drawing.view import plan_short
from screens.drawing.words import OUTCOMES, moment, tenths

_VERBS = {
    Deed.UNDO: "undo",
    Deed.DEACTIVATE: "deactivate",
    Deed.UNPIN: "unpin",
    Deed.BACK_UP: "back up",
    Deed.SHADOW: "shadow",
    Deed.REMOVE_SHADOW: "remove shadow",
    Deed.DROP_INDEX: "drop index",
}


@dataclass(frozen=True, slots=True)
class Past:
    """What the run log tells: runs and incidents, newest first. `read` is False before it has told anything."""

    runs: tuple[Run, ...] = ()
    incidents: tuple[Incident, ...] = ()
    read: bool = False


def ordered(past: Past) -> tuple[Run, ...]:
    """The runs in the order in which they stand: by incident, those without one where their time is."""
    return tuple(row for row in _rows(past) if isinstance(row, Run))


def _rows(past: Past) -> list[Incident | Run]:
    """Each incident and beneath it its runs; a run of no incident stands alone."""
    known = {incident.id for incident in past.incidents}
    groups: list[tuple[datetime | None, list[Incident | Run]]] = []
    for incident in past.incidents:
        groups.append((incident.opened_at, [incident, *(run for run in past.runs if run.incident == incident.id)]))
    groups += [(run.confirmed_at, [run]) for run in past.runs if run.incident not in known]
    groups.sort(key=lambda group: group[0].timestamp() if group[0] else 0.0, reverse=True)
    return [row for _, rows in groups for row in rows]


def history(
    target: str,
    past: Past,
    trouble: str,
    cursor: int,
    now: datetime,
    items: Sequence[Item],
    message: str,
    width: int,
    height: int,
) -> list[Line]:
    """Exactly `height` lines."""
    if is_too_small(width, height):
        return too_small(width, height)
    title = rule(line(Span("History", Tone.TITLE), f" {short(target, 40)}"), (), width, False)
    runs = ordered(past)
    chosen = runs[cursor] if cursor < len(runs) else None
    told = () if message else _times(chosen)
    bottom = [rule(told, _said(message, width), width, False), footer(items, width)]
    room = height - 2 - len(bottom)
    rows = _table(past, chosen, now, room, width)
    if trouble or not rows:
        said = "no run has been confirmed here yet" if past.read else "reading the run log…"
        rows = [line("   ", Span(trouble or said, Tone.BAD if trouble else Tone.DIM)), *rows]
    return filled([title, _head(width), *filled(rows, width, room), *bottom], width, height)


def _said(message: str, width: int) -> Line:
    return line(Span(short(message, max(width - 8, 8)), Tone.STRONG)) if message else ()


def _times(run: Run | None) -> Line:
    """The four times of the chosen run."""
    if run is None or run.plan is None:
        return ()
    four = (
        ("accepted", run.accepted_s),
        ("configured", run.configured_s),
        ("serving", run.serving_s),
        ("recovered", run.recovered_s),
    )
    return line(Span("  ".join(f"{word} {tenths(seconds)}" for word, seconds in four), Tone.DIM))


def _table(past: Past, chosen: Run | None, now: datetime, room: int, width: int) -> list[Line]:
    """As many rows as fit, with the chosen one among them."""
    rows = _rows(past)
    at = next((index for index, row in enumerate(rows) if row is chosen), 0)
    first = min(max(at - room + 1, 0), max(len(rows) - room, 0))
    return [
        _row(row, row is chosen, now, width) if isinstance(row, Run) else _incident(row, width)
        for row in rows[first : first + room]
    ]


def _incident(incident: Incident, width: int) -> Line:
    note = f": {incident.note}" if incident.note else ""
    said = f"incident {incident.id}, began {moment(incident.began)}{note} ({incident.source}, {incident.by})"
    return fit(line(" ", Span(short(said, width - 2), Tone.STRONG)), width)


def _widths(width: int) -> tuple[int, int, int]:
    """Cells for from→to, who, and the outcome."""
    spare = width - 41
    return max(spare * 4 // 10, 11), max(spare - spare * 4 // 10 - 11, 6), 11


def _head(width: int) -> Line:
    moved, who, outcome = _widths(width)
    text = f"{'run':>5}  {'when':<17}  {pad('from → to', moved)} {pad('by', who)} {pad('outcome', outcome)}"
    return line("  ", Span(f"{text}{'took':>8}", Tone.DIM))


def _row(run: Run, chosen: bool, now: datetime, width: int) -> Line:
    moved, who, outcome = _widths(width)
    mark = OUTCOMES[run.outcome] if run.outcome else Span("●", Tone.LIVE)
    word = run.outcome.value if run.outcome else "under way"
    by = f"{run.by or '?'} as {run.principal}" if run.principal else run.by or "?"
    return line(
        Span("› " if chosen else "  ", Tone.KEY),
        Span(right(str(run.id), 5), Tone.CHOSEN if chosen else Tone.PLAIN),
        f"  {pad(moment(run.confirmed_at), 17)}  {pad(_moved(run, moved), moved)} ",
        Span(f"{pad(by, who)} ", Tone.DIM),
        Span(pad(f"{mark.text} {word}", outcome), mark.tone),
        right(f"{elapsed_s(run, now):.0f} s", 8),
    )


def _moved(run: Run, width: int) -> str:
    if run.plan is None:
        return "?"
    goal = plan_short(run.plan, run.plan.goal)
    verb = next((word for deed, word in _VERBS.items() if deed == run.plan.deed), "")
    if verb:
        return short(f"{verb} → {goal}" if run.plan.deed != Deed.DEACTIVATE else f"{verb} {goal}", width)
    half = (width - 3) // 2
    origin = plan_short(run.plan, run.plan.origin[0]) if run.plan.origin else "?"
    return f"{short(origin, half)} → {short(goal, half)}"
