"""A run as lines: each step with its state and clock, the four times, the outcome in words, what remains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from console.domain.intent import Deed
from console.domain.plan import Plan
from console.domain.run import Outcome, Run, StepState, StepView
from console.report import as_text
from screens.drawing.by_hand import by_hand, way_round
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, sentence, too_small
from screens.drawing.text import BLANK, Line, Span, Tone, apart, fit, line, short, width_of
from screens.drawing.view import plan_short
from screens.drawing.words import ENVIRONMENT_TONES, OUTCOMES, STEPS, clock, moment, tenths

_SAID = {
    Outcome.VERIFIED: "verified: the intended version serves, no signal is still breached",
    Outcome.UNPROVEN: "unproven: done, but nothing here can show that it helped",
    Outcome.FAILED: "failed",
    Outcome.UNKNOWN: "unknown: sent, but what became of it is not known. Do not retry; look at the traffic first",
    Outcome.UNDONE: "undone",
}
_GERUNDS = {
    Deed.ROLL_BACK: ("Roll back", "Rolling back"),
    Deed.UNDO: ("Undo", "Undoing"),
    Deed.DEACTIVATE: ("Deactivate", "Deactivating"),
    Deed.UNPIN: ("Unpin", "Unpinning"),
    Deed.BACK_UP: ("Back up", "Backing up"),
    Deed.SHADOW: ("Deploy", "Deploying"),
    Deed.REMOVE_SHADOW: ("Remove", "Removing"),
    Deed.DROP_INDEX: ("Drop", "Dropping"),
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a run: what is offered next, that its runner was lost, and the way round Azure."""

    offers: tuple[str, ...] = ()
    lost: str = ""
    bypass: str = ""


NOTHING_BESIDE = Beside()


def run_screen(
    run: Run | None,
    now: datetime,
    usual_s: Sequence[float],
    items: Sequence[Item],
    message: str,
    offset: int,
    width: int,
    height: int,
    beside: Beside = NOTHING_BESIDE,
) -> list[Line]:
    """Exactly `height` lines; what is longer than the terminal scrolls between the title and the command."""
    if is_too_small(width, height):
        return too_small(width, height)
    if run is None or run.plan is None:
        why = "this run is not in the run log" if run is None else f"run {run.id}: its plan cannot be read here"
        return filled([line(" ", Span(why, Tone.WARN)), BLANK, footer(items, width)], width, height)
    production = run.plan.environment == "production"
    top = [_title(run, now, usual_s, width), rule((), (), width, production)]
    command = [*_command(run, run.plan, width), *way_round(beside.bypass, width)]
    said = line(Span(short(message, width - 8), Tone.STRONG)) if message else ()
    bottom = [*command, rule((), said, width, production), footer(items, width)]
    body = [
        *_steps(run, now, width),
        BLANK,
        *_times(run, width),
        *_lost(beside.lost, width),
        *_outcome(run, width),
        *_next(run, beside.offers, width),
        *_remains(run, run.plan, width),
    ]
    room = max(height - len(top) - len(bottom), 1)
    if len(body) > room:
        body = [row for row in body if row]
    if room < 6 or (len(body) > room and not under_way(run)):
        bottom, room = bottom[len(command) :], height - len(top) - 2
    first = min(offset, max(len(body) - room, 0))
    return filled([*top, *filled(body[first : first + room], width, room), *bottom], width, height)


def under_way(run: Run) -> bool:
    """Handed over and not ended; its confirmation may not have reached the log yet."""
    return run.outcome is None and not run.dismissed


def elapsed_s(run: Run, now: datetime) -> float:
    """Seconds since the confirmation, or until the end."""
    if run.ended_s is not None:
        return run.ended_s
    return max((now - run.confirmed_at).total_seconds(), 0.0) if run.confirmed_at else 0.0


def _title(run: Run, now: datetime, usual_s: Sequence[float], width: int) -> Line:
    plan = run.plan
    assert plan is not None
    tone = next((tone for word, tone in ENVIRONMENT_TONES.items() if word.value == plan.environment), Tone.WARN)
    usual = f", usually {clock(median(usual_s))}" if usual_s and width >= 78 else ""
    timed = line(Span(clock(elapsed_s(run, now)), Tone.STRONG), Span(usual, Tone.DIM))
    recorded = line(Span(f"   run {run.id}{', recorded' if width >= 78 else ''} ", Tone.DIM))
    environment = Span(f" {plan.environment.upper()} ", tone)
    words = title(run, max(width - width_of(timed) - width_of(recorded) - len(environment.text) - 4, 16))
    left = line(" ", Span(words, Tone.TITLE), "  ", environment)
    room = width - width_of(left) - width_of(timed) - width_of(recorded) - 3
    name = Span(f"  {short(plan.target, room)}" if room >= 10 else "")
    return apart(line(left, name), line(timed, recorded), width)


def title(run: Run, width: int) -> str:
    """What is being done, or was to be done."""
    if run.plan is None:
        return "?"
    word, gerund = _GERUNDS.get(Deed(run.plan.deed), ("", ""))
    said = run.plan.title
    if under_way(run) and said.startswith(word):
        said = gerund + said.removeprefix(word)
    return short(said, width)


def _steps(run: Run, now: datetime, width: int) -> list[Line]:
    rows = _fence(run, width)
    for step in run.steps:
        rows += _step(run, step, now, width)
    return rows


def _fence(run: Run, width: int) -> list[Line]:
    if run.fence:
        return [line("  ", STEPS[StepState.DONE], " ", short(run.fence, width - 6))]
    if under_way(run):
        return [line("  ", STEPS[StepState.RUNNING], " checking that nothing moved since you confirmed")]
    return [line("  ", Span("– whether anything moved was not checked", Tone.DIM))]


def _step(run: Run, step: StepView, now: datetime, width: int) -> list[Line]:
    pending = step.state is StepState.PENDING
    word = "" if step.state in (StepState.PENDING, StepState.RUNNING, StepState.DONE) else f"{step.state.value}: "
    taken = _taken(run, step, now)
    title = Span(f"{word}{step.title}", Tone.DIM if pending else Tone.PLAIN)
    right_edge = line(Span(tenths(taken) if taken is not None else "", Tone.DIM), " ")
    head = line("  ", STEPS[step.state], " ", title)
    room = width - width_of(head) - width_of(right_edge) - 3
    if width_of((Span(step.detail),)) <= room:
        return [apart(line(head, "   ", Span(step.detail, Tone.DIM)), right_edge, width)]
    short_title = Span(short(title.text, width - width_of(right_edge) - 6), title.tone)
    first = apart(line("  ", STEPS[step.state], " ", short_title), right_edge, width)
    return [first, *(line("      ", row) for row in sentence(step.detail, Tone.DIM, width - 7))]


def _taken(run: Run, step: StepView, now: datetime) -> float | None:
    if step.started_s is None:
        return None
    if step.ended_s is not None:
        return step.ended_s - step.started_s
    return float(int(elapsed_s(run, now) - step.started_s)) if run.open else None


def _times(run: Run, width: int) -> list[Line]:
    """The four times, in two lines where one is too narrow for them."""
    parts: list[Line] = []
    for word, seconds in (
        ("accepted", run.accepted_s),
        ("configured", run.configured_s),
        ("serving", run.serving_s),
        ("recovered", run.recovered_s),
    ):
        tone = Tone.DIM if seconds is None else Tone.STRONG
        parts.append(line(Span(f"{word} ", Tone.DIM), Span(tenths(seconds), tone), "   "))
    rows = [parts] if width >= 76 else [parts[:2], parts[2:]]
    return [fit(line("    ", *row), width) for row in rows]


def _outcome(run: Run, width: int) -> list[Line]:
    if run.outcome is None:
        if run.stopping:
            return [BLANK, line("    ", Span("stopping before the next step", Tone.WARN))]
        return sentence(run.waiting, Tone.WARN, width - 6) if run.waiting else []
    mark = OUTCOMES[run.outcome]
    said = _words(run, run.outcome) + (f": {run.note}" if run.note and run.outcome is Outcome.FAILED else "")
    rows = [BLANK, *(line("  ", row) for row in sentence(f"{mark.text} {said}", mark.tone, width - 4))]
    if run.note and run.outcome is not Outcome.FAILED:
        rows += [line("    ", row) for row in sentence(run.note, mark.tone, width - 6)]
    return rows


def _words(run: Run, outcome: Outcome) -> str:
    """The outcome in words: what was proved is another thing for each deed."""
    if outcome is Outcome.REFUSED:
        return "refused: nothing was sent" if run.accepted_s is None else "refused: nothing more was sent"
    if outcome is Outcome.VERIFIED and run.plan is not None and run.plan.deed not in (Deed.ROLL_BACK, Deed.UNDO):
        return as_text.ending(run)
    if outcome is Outcome.VERIFIED and run.recovered_s is None:
        return "verified: the intended version serves; no signal was over its limit before"
    return _SAID[outcome]


def _lost(said: str, width: int) -> list[Line]:
    if not said:
        return []
    return [BLANK, *(line("  ", row) for row in sentence(f"? {said}", Tone.WARN, width - 4))]


def _next(run: Run, offers: Sequence[str], width: int) -> list[Line]:
    """What may be done now, each under its key."""
    keyed = [(str(number), offer) for number, offer in enumerate(offers, 1)]
    if run.outcome is Outcome.UNKNOWN:
        keyed.append(("t", "take it up: look what came of it; this sends nothing"))
    rows: list[Line] = []
    for key, offer in keyed:
        lines = sentence(offer, Tone.PLAIN, width - 21)
        rows += [line(Span(key, Tone.KEY), "  ", row) if i == 0 else line("   ", row) for i, row in enumerate(lines)]
    if not rows:
        return []
    return [
        BLANK,
        *(line("    ", Span("next        " if i == 0 else " " * 12, Tone.DIM), row) for i, row in enumerate(rows)),
    ]


def _remains(run: Run, plan: Plan, width: int) -> list[Line]:
    """What is still so after the run: the bad revision runs on, and what the plan said it would not undo."""
    if run.outcome not in (Outcome.VERIFIED, Outcome.UNPROVEN) and not (
        run.outcome is Outcome.FAILED and _turned(run)
    ):
        return []
    sentences = [*plan.stays, *plan.afterwards]
    for name in (shift.revision for shift in plan.shifts if shift.before > 0 and shift.after == 0):
        bad = plan_short(plan, name)
        if name != plan.goal and not any(bad in said for said in plan.stays):
            sentences.insert(0, f"{bad} still runs at 0 %: queues and timers are still consumed by it")
    rows = [row for text in sentences for row in sentence(text, Tone.PLAIN, width - 18)]
    return [
        BLANK,
        *(line("    ", Span("remains     " if i == 0 else " " * 12, Tone.DIM), row) for i, row in enumerate(rows)),
    ]


def _turned(run: Run) -> bool:
    """Whether the write after which the goal serves was carried out."""
    records = run.plan.steps if run.plan else ()
    return any(
        record.turns and step.state is StepState.DONE for record, step in zip(records, run.steps, strict=False)
    )


def _command(run: Run, plan: Plan, width: int) -> list[Line]:
    if not plan.by_hand:
        return []
    lead = "If this console dies the run goes on. By hand:" if under_way(run) else "By hand:"
    return [line(" ", Span(lead, Tone.DIM)), *by_hand(plan.by_hand, width)]


def ending(run: Run, now: datetime) -> str:
    """The run in one sentence, for the terminal after the console has left."""
    goal = run.plan.title if run.plan else "?"
    if run.outcome is None:
        return f"run {run.id}: {goal}, under way since {moment(run.confirmed_at)}; it goes on by itself"
    note = f": {run.note}" if run.note else ""
    return f"run {run.id}: {goal}, {run.outcome.value} after {elapsed_s(run, now):.0f} s{note}"
