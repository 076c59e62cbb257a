"""The first lines of the dashboard: where you are, how fresh it is, and what changed since it was good."""

from __future__ import annotations

from console.domain.code import CodeState
from console.domain.good import Good
from console.domain.snapshot import LayerStatus, Snapshot
from screens.drawing.run import title
from screens.drawing.text import BLANK, Line, Span, Tone, apart, fit, line, short, width_of, wrap
from screens.drawing.view import View, freshness
from screens.drawing.words import ENVIRONMENT_TONES, age, span

SAME_IMAGE = "same image; "
CONFIG = "config: "
_LATER = ("prompt", "model", "embedding", "schema")


def header(view: View, width: int) -> Line:
    """Target, environment in words, freshness, who you are to Azure, coordination. What must stay, stays whole."""
    who = view.snapshot.identity if view.snapshot else None
    least = line(_environment(view), "  ", _fresh(view), *_read_only(view))
    target = Span(short(view.target or "…", max(width - width_of(least) - 4, 8)), Tone.TITLE)
    text = line(" ", target, "  ", least)
    room = width - width_of(text) - 1
    together = view.coordination if len(view.coordination) + 2 <= room else short(view.coordination, max(room - 2, 0))
    left = room - len(together) - 2
    you = short(f"you: {who}", left - 2) if who and left >= 14 else ""
    for part in (you, together if room >= 10 else ""):
        text = line(text, "  ", Span(part, Tone.DIM)) if part else text
    return fit(text, width)


def _environment(view: View) -> Span:
    if view.environment is None:
        return Span("environment unknown", Tone.WARN)
    return Span(view.environment.value.upper(), ENVIRONMENT_TONES[view.environment])


def _read_only(view: View) -> tuple[str | Span, ...]:
    return ("  ", Span("READ-ONLY", Tone.WARN)) if view.read_only else ()


def _fresh(view: View) -> Span:
    if view.snapshot is None:
        return Span("reading…", Tone.DIM)
    fresh = freshness(view.snapshot.code, view.now)
    old = span(max(fresh.age_s, 0.0)) if fresh.age_s is not None else ""
    match fresh.word:
        case "live":
            return Span(f"live {old} ago", Tone.GOOD)
        case "stale":
            return Span(f"stale {old}", Tone.WARN)
        case "error":
            return Span("error, nothing read", Tone.BAD)
        case _:
            return Span("reading…", Tone.DIM)


def changed(view: View, width: int) -> list[Line]:
    """Two lines: the baseline, and one mark per layer."""
    snapshot, code = view.snapshot, view.code
    if snapshot is None or code is None:
        return [fit(line(" ", Span("? nothing read yet", Tone.DIM)), width), fit(_layers(BLANK, width), width)]
    mark, baseline, evidence = _baseline(view, snapshot, code)
    incident = _incident(view)
    room = width - width_of(incident) - 4
    head = line(" ", mark, " ", Span(short(baseline, room), Tone.STRONG))
    room = width - width_of(head) - width_of(incident) - 5
    if evidence and room >= 12:
        head = line(head, Span(f"  ({short(evidence, room)})", Tone.DIM))
    return [apart(head, incident, width), fit(_layers(_code(view, snapshot, code), width), width)]


def _incident(view: View) -> Line:
    """`incident 3 since 03:02Z`, with the day where it was another one."""
    if view.incident is None:
        return BLANK
    began = view.incident.began
    at = f"{began:%H:%M}Z" if began.date() == view.now.date() else f"{began:%d %b %H:%M}Z"
    return line(Span(f" incident {view.incident.id} since {at}", Tone.WARN), " ")


def _baseline(view: View, snapshot: Snapshot, code: CodeState) -> tuple[Span, str, str]:
    """A mark, what the comparison says, and the evidence for it."""
    serving = code.serving[0].name if code.serving else None
    mark = snapshot.history.marks.get(serving) if serving else None
    if serving and mark is not None and mark.good:
        ago = f", {age(mark.at, view.now)} ago"
        return (
            Span("=", Tone.GOOD),
            f"nothing changed: {code.short(serving)} serves, known good",
            f"marked by {mark.by}{ago}",
        )
    good = snapshot.choice.good
    if good is None:
        return Span("?", Tone.WARN), f"no good version known: {snapshot.choice.why}", ""
    said, evidence = _since(good, code, view)
    return Span("△", Tone.WARN), f"changed since {said}", evidence


def _since(good: Good, code: CodeState, view: View) -> tuple[str, str]:
    name = short(code.short(good.revision), 30)
    ago = f", {age(good.at, view.now)} ago" if good.at else ""
    if good.grade.known_good:
        return f"known good {name}", f"{good.reason}{ago}"
    return f"{name}: {good.grade.value}, not known good", good.reason


def _code(view: View, snapshot: Snapshot, code: CodeState) -> Line:
    serving = code.serving
    if not serving:
        return line("code ", Span("? nothing serves", Tone.WARN))
    newest, good = serving[0], snapshot.choice.good
    mark = snapshot.history.marks.get(newest.name)
    if good is None or (mark is not None and mark.good):
        return line("code ", Span("=", Tone.GOOD), f" {short(code.short(newest.name), 20)}")
    share = code.weight(newest.name)
    percent = f" {share} %" if share != 100 else ""
    step = f"{short(code.short(good.revision), 16)}→{short(code.short(newest.name), 16)}"
    kind, said = _kind(view, good)
    return line(f"{kind} ", Span(f"△ {step}{percent}", Tone.WARN), Span(said, Tone.DIM))


def _kind(view: View, good: Good) -> tuple[str, str]:
    """`config` where the image is the same and only the env differs, with the names; else `code`."""
    plan = view.draft
    said = next(iter(plan.differences), "") if plan is not None and plan.goal == good.revision else ""
    if not said.startswith(SAME_IMAGE):
        return "code", ""
    rest = said.removeprefix(SAME_IMAGE)
    return (
        ("config", f" {short(rest[len(CONFIG) :], 28)}") if rest.startswith(CONFIG) else ("code", " same image name")
    )


def _layers(code: Line, width: int) -> Line:
    left = line("   ", code or Span("code ?", Tone.DIM), "   ")
    for words in ("   ".join(f"{name} –" for name in _LATER), "  ".join(f"{name} –" for name in _LATER), "others"):
        whole = line(left, Span(f"{words}  not configured", Tone.DIM))
        if width_of(whole) <= width:
            return whole
    return left


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
