"""What the plain console tells beyond the lines that every command prints."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from console.desk import Desk
from console.domain.plan import Plan
from console.domain.run import Run
from console.domain.snapshot import Snapshot
from console.report import as_text

_WAYS = ("  way: ", "  or: ")


def status(desk: Desk) -> Iterator[str]:
    """What serves, what is wrong, and what there is for the day this console is not to be had."""
    snapshot = desk.snapshot
    yield from as_text.status(snapshot, desk.state_note)
    yield from _dead(snapshot)
    state = snapshot.code.state
    if state is not None and not state.external:
        yield "signals: internal ingress: only its own environment can call it, from here nothing can be measured"
    incident = desk.incident
    if incident is not None:
        yield f"incident {incident.id} since {incident.began:%Y-%m-%d %H:%M}Z ({incident.source})"
    if desk.read_only:
        yield "read-only: nothing can be written from here"
    if desk.script is not None:
        yield f"by hand: {desk.script}"
    if desk.bypass:
        yield f"way round Azure: {desk.bypass}"


def _dead(snapshot: Snapshot) -> Iterator[str]:
    state = snapshot.code.state
    for entry in state.dead_entries if state else ():
        if state is not None and entry.weight:
            name = entry.resolved(state.latest) or "?"
            word = "gone" if state.find(name) is None else "not active"
            yield f"{state.short(name)} is {word}: {entry.weight} % of the traffic reaches nobody"


def plan(desk: Desk, value: Plan, fresh: bool) -> Iterator[str]:
    """Everything that the confirming dialog of a screen would show."""
    yield "" if fresh else "From the last reading: Azure has not answered since."
    yield from (line for line in as_text.plan(value) if not line.startswith(_WAYS))
    if desk.bypass:
        yield f"Way round Azure: {desk.bypass}"
    usual = desk.usual_s()
    taken = f"about {median(usual):.0f} s here" if usual else "not measured here yet"
    yield f"Takes: {taken}; survives logout: {desk.survives_logout}"
    if len(value.ways) > 1:
        for number, way in enumerate(value.ways, 1):
            chosen = " (chosen)" if way.name == value.way else ""
            yield f"Way w{number}: {way.title}{chosen}: {way.reason}"


def history(desk: Desk, runs: tuple[Run, ...]) -> Iterator[str]:
    """Incidents, then runs, newest first."""
    for incident in desk.incidents():
        note = f": {incident.note}" if incident.note else ""
        yield f"incident {incident.id}, began {incident.began:%Y-%m-%d %H:%M:%S}Z ({incident.source}){note}"
    for run in runs:
        who = f" as {run.principal}" if run.principal else ""
        within = f", incident {run.incident}" if run.incident else ""
        yield f"{as_text.history_line(run)}{who}{within}"
    if not runs:
        yield f"No runs of {desk.target} are recorded here."


def one_run(run: Run) -> Iterator[str]:
    """A run with its steps."""
    yield f"run {run.id}: {run.plan.title if run.plan else '?'}"
    yield from (as_text.step(step) for step in run.steps)
    yield as_text.ending(run)
