"""The draft of a postmortem: what the record knows, in Markdown; what only people know is left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from console.domain.incident import Answered, Care, Incident, of
from console.domain.intent import Deed
from console.domain.run import Outcome, Run
from console.report.as_text import ending

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#"})


def draft(
    target: str,
    incident: Incident | None,
    runs: Sequence[Run],
    now: datetime,
    answers: Sequence[Answered] = (),
    aftercare: Sequence[Care] = (),
) -> Iterator[str]:
    """Lines of Markdown for one incident, or for all runs where there is none."""
    own = of(incident, runs) if incident else tuple(sorted(runs, key=lambda run: run.id))
    yield f"# {_plain(target)}: {'incident ' + str(incident.id) if incident else 'runs'}"
    yield ""
    yield f"Draft from the run log, {_at(now)}. Times are UTC."
    yield ""
    if incident is not None:
        yield f"- Began: {_at(incident.began)} ({_plain(incident.source)}, by {_plain(incident.by)})"
        if incident.note:
            yield f"- Note: {_plain(incident.note)}"
        yield f"- Service restored: {_restored(incident, own)}"
        yield ""
    yield from _decided(answers)
    yield "## What was done"
    yield ""
    yield "| time | run | what | by | outcome | accepted | configured | serving | recovered |"
    yield "|---|---|---|---|---|---|---|---|---|"
    yield from (_row(run) for run in own)
    for run in own:
        yield ""
        yield from _run(run)
    yield ""
    yield from (
        "## What it was",
        "",
        "- Cause:",
        "- How it got there:",
        "- Who was affected, how many, since when:",
        "",
    )
    yield from ("## What follows", "")
    yield from (_care(one) for one in aftercare)
    yield "- [ ] "


def _decided(answers: Sequence[Answered]) -> Iterator[str]:
    """The questions of the decision tree as they were answered, in their order."""
    if not answers:
        return
    yield from ("## What was decided", "")
    for one in answers:
        note = f" ({_plain(one.note)})" if one.note else ""
        told = f"led to: {_plain(one.answer)}" if one.arrived else f"{_plain(one.question)} {_plain(one.answer)}"
        yield f"- {_at(one.at)}, {_plain(one.by)}: {told}{note}"
    yield ""


def _care(care: Care) -> str:
    done = f" (by {_plain(care.by)}, {_at(care.at)})" if care.done else ""
    return f"- [{'x' if care.done else ' '}] {_plain(care.text)}{done}"


def _run(run: Run) -> Iterator[str]:
    yield f"### Run {run.id}: {_plain(run.plan.title) if run.plan else 'no plan'}"
    yield ""
    if run.plan is not None:
        yield f"Why: {_plain(run.plan.reason)}"
        yield ""
    for step in run.steps:
        at = f" ({step.ended_s:.1f} s)" if step.ended_s is not None else ""
        yield f"- {step.state}: {_plain(step.title)}{': ' + _plain(step.detail) if step.detail else ''}{at}"
    yield ""
    yield f"Outcome: {_plain(ending(run))}"


def _row(run: Run) -> str:
    who = _plain(f"{run.by} as {run.principal}" if run.principal else run.by)
    times = (run.accepted_s, run.configured_s, run.serving_s, run.recovered_s)
    cells = [
        _at(run.confirmed_at),
        str(run.id),
        _plain(run.plan.title) if run.plan else "?",
        who,
        str(run.outcome or "open"),
    ]
    return "| " + " | ".join([*cells, *(_seconds(value) for value in times)]) + " |"


def _restored(incident: Incident, runs: Sequence[Run]) -> str:
    rolled = (run for run in runs if run.plan is not None and run.plan.deed == Deed.ROLL_BACK and run.confirmed_at)
    verified = next((run for run in rolled if run.outcome is Outcome.VERIFIED), None)
    if verified is None or verified.confirmed_at is None or verified.ended_s is None:
        return "not verified by any run"
    minutes = ((verified.confirmed_at - incident.began).total_seconds() + verified.ended_s) / 60
    return f"{minutes:.1f} min after it began, by run {verified.id}"


def _plain(text: str) -> str:
    return text.translate(_SPECIAL)


def _at(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at else "-"


def _seconds(value: float | None) -> str:
    return f"{value:.1f} s" if value is not None else "-"
