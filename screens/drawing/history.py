"""Earlier runs as a list, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.domain.run import Run
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, too_small
from screens.drawing.run import elapsed_s
from screens.drawing.text import Line, Span, Tone, line, pad, right, short
from screens.drawing.view import plan_short
from screens.drawing.words import OUTCOMES, moment


def history(
    target: str,
    runs: Sequence[Run] | None,
    trouble: str,
    cursor: int,
    now: datetime,
    items: Sequence[Item],
    width: int,
    height: int,
) -> list[Line]:
    """Exactly `height` lines; None where the log has not been read yet."""
    if is_too_small(width, height):
        return too_small(width, height)
    title = rule(line(Span("History", Tone.TITLE), f" {short(target, 40)}"), (), width, False)
    bottom = [rule((), (), width, False), footer(items, width)]
    room = height - 2 - len(bottom)
    if not runs:
        said = "reading the run log…" if runs is None else "no run has been confirmed here yet"
        rows = [line("   ", Span(trouble or said, Tone.BAD if trouble else Tone.DIM))]
    else:
        first = min(max(cursor - room + 1, 0), max(len(runs) - room, 0))
        shown = runs[first : first + room]
        rows = [_row(run, index == cursor, now, width) for index, run in enumerate(shown, first)]
    return filled([title, _head(width), *filled(rows, width, room), *bottom], width, height)


def _widths(width: int) -> tuple[int, int, int]:
    """Cells for from→to, who, and the outcome."""
    spare = width - 40
    return max(spare * 5 // 10, 12), max(spare * 2 // 10, 6), 12


def _head(width: int) -> Line:
    moved, who, outcome = _widths(width)
    text = f"{'run':>5}  {'when':<17}  {pad('from → to', moved)} {pad('by', who)} {pad('outcome', outcome)}"
    return line("  ", Span(f"{text}{'took':>8}", Tone.DIM))


def _row(run: Run, chosen: bool, now: datetime, width: int) -> Line:
    moved, who, outcome = _widths(width)
    mark = OUTCOMES[run.outcome] if run.outcome else Span("●", Tone.LIVE)
    word = run.outcome.value if run.outcome else "under way"
    return line(
        Span("› " if chosen else "  ", Tone.KEY),
        Span(right(str(run.id), 5), Tone.CHOSEN if chosen else Tone.PLAIN),
        f"  {pad(moment(run.confirmed_at), 17)}  {pad(_moved(run, moved), moved)} ",
        Span(f"{pad(run.by or '?', who)} ", Tone.DIM),
        Span(pad(f"{mark.text} {word}", outcome), mark.tone),
        right(f"{elapsed_s(run, now):.0f} s", 8),
    )


def _moved(run: Run, width: int) -> str:
    if run.plan is None:
        return "?"
    half = (width - 3) // 2
    origin = plan_short(run.plan, run.plan.origin[0]) if run.plan.origin else "?"
    return f"{short(origin, half)} → {short(plan_short(run.plan, run.plan.goal), half)}"
