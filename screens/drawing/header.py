"""The first line of the dashboard: where you are and how fresh it is; and sentences about the console itself."""

from __future__ import annotations

from console.domain.snapshot import LayerStatus, Snapshot
from screens.drawing.run import title
from screens.drawing.text import Line, Span, Tone, apart, fit, line, short, width_of, wrap
from screens.drawing.view import View, freshness
from screens.drawing.words import ENVIRONMENT_TONES, span


def header(view: View, width: int) -> Line:
    """Target, environment in words, freshness, who you are to Azure, coordination. What must stay, stays whole."""
    who = view.snapshot.identity if view.snapshot else None
    least = line(environment(view), "  ", fresh(view), *_read_only(view))
    target = Span(short(view.target or "…", max(width - width_of(least) - 4, 8)), Tone.TITLE)
    text = line(" ", target, "  ", least)
    room = width - width_of(text) - 1
    together = view.coordination if len(view.coordination) + 2 <= room else short(view.coordination, max(room - 2, 0))
    left = room - len(together) - 2
    you = short(f"you: {who}", left - 2) if who and left >= 14 else ""
    for part in (you, together if room >= 10 else ""):
        text = line(text, "  ", Span(part, Tone.DIM)) if part else text
    return fit(text, width)


def environment(view: View) -> Span:
    """The environment in words."""
    if view.environment is None:
        return Span("environment unknown", Tone.WARN)
    return Span(view.environment.value.upper(), ENVIRONMENT_TONES[view.environment])


def _read_only(view: View) -> tuple[str | Span, ...]:
    return ("  ", Span("READ-ONLY", Tone.WARN)) if view.read_only else ()


def fresh(view: View) -> Span:
    """How old what is shown is."""
    if view.snapshot is None:
        return Span("reading…", Tone.DIM)
    found = freshness(view.snapshot.code, view.now)
    old = span(max(found.age_s, 0.0)) if found.age_s is not None else ""
    match found.word:
        case "live":
            return Span(f"live {old} ago", Tone.GOOD)
        case "stale":
            return Span(f"stale {old}", Tone.WARN)
        case "error":
            return Span("error, nothing read", Tone.BAD)
        case _:
            return Span("reading…", Tone.DIM)


def trouble(view: View, width: int) -> list[Line]:
    """Sentences about the console itself: the engine, the run log."""
    rows = []
    signing = f"To sign in to Azure, {view.sign_in}." if view.sign_in else ""
    for sentence, tone in ((view.trouble, Tone.BAD), (signing, Tone.WARN), (view.state_note, Tone.WARN)):
        rows += [fit(line(" ", Span(row, tone)), width) for row in wrap(sentence, width - 2)[:3] if sentence]
    return rows


def run_line(view: View, width: int) -> list[Line]:
    """The run that is under way, if one is."""
    run = view.open_run
    if run is None:
        return []
    since = (view.now - run.confirmed_at).total_seconds() if run.confirmed_at else 0.0
    text = f"run {run.id}: {title(run, 60)}"
    who = f", confirmed {span(max(since, 0.0))} ago by {run.by or '?'}"
    watch = line(Span("enter", Tone.KEY), " to watch ")
    return [apart(line(" ", Span("●", Tone.LIVE), " ", Span(short(text + who, width - 20), Tone.LIVE)), watch, width)]


def stale_sentence(snapshot: Snapshot) -> str:
    """What the code layer says of its own failure, or nothing."""
    layer = snapshot.code
    failing = layer.status in (LayerStatus.STALE, LayerStatus.ERROR)
    return (layer.error or "the state could not be read") if failing else ""
