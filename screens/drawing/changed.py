"""What changed since it was good: the baseline, one mark per layer, and the best-ranked suspect with its reason."""

from __future__ import annotations

from collections.abc import Iterable

from console.domain.bundle import APP_WIDE
from console.domain.change import Changes, Suspect
from console.domain.code import CodeState
from console.domain.good import Good
from console.domain.snapshot import LayerStatus, Snapshot
from screens.drawing.text import BLANK, Line, Span, Tone, apart, fit, line, short, width_of
from screens.drawing.view import View
from screens.drawing.words import age, span

SAME_IMAGE = "same image; "
CONFIG = "config: "
LAYERS = ("prompt", "model", "embedding", "schema")
_LINES = 2
_MARKS = (48, 30, 16, 8)


def changed(view: View, width: int) -> list[Line]:
    """Two lines or three: the baseline, and one mark per layer."""
    snapshot, code = view.snapshot, view.code
    if snapshot is None or (code is None and not snapshot.layers):
        nothing = fit(line(" ", Span("? nothing read yet", Tone.DIM)), width)
        return [nothing, *(_flowed([(Span("code ?", Tone.DIM),), *_marks(view, _MARKS[0])], width) or [])]
    mark, baseline, evidence = _baseline(view, snapshot)
    incident = _incident(view)
    room = width - width_of(incident) - 4
    head = line(" ", mark, " ", Span(_shorter(baseline, room), Tone.STRONG))
    room = width - width_of(head) - width_of(incident) - 5
    doubts = _doubts(snapshot.changes)
    both = "; ".join(said for said in (evidence, doubts) if said)
    beside = len(both) <= room
    said = both if beside else evidence
    if said and room >= 12:
        head = line(head, Span(f"  ({short(said, room)})", Tone.DIM))
    doubted = [line(Span(doubts, Tone.DIM))] if doubts and not beside else []
    first = apart(head, incident, width)
    for most in _MARKS:
        rows = _flowed([_code(view, snapshot, most), *_marks(view, most), *doubted], width)
        if rows is not None:
            return [first, *rows]
    return [first, *(_flowed([_code(view, snapshot, _MARKS[-1]), *_marks(view, _MARKS[-1])], width) or [])]


def _shorter(baseline: str, room: int) -> str:
    """Who marked it gives way before its name and its age do."""
    if width_of((Span(baseline),)) <= room or not baseline.endswith(")"):
        return short(baseline, room)
    head, _, inside = baseline[:-1].rpartition(" (")
    said = f"{head}, {inside.rpartition(', ')[2]}" if ", " in inside else head
    return short(said if width_of((Span(said),)) <= room else said.replace("known good ", "good "), room)


def _doubts(changes: Changes) -> str:
    """What the comparison rests on, where that is less than looking all the time."""
    said = ["reconstructed, not observed"] if changes.baseline.reconstructed else []
    unseen = sum((gap.until - gap.since).total_seconds() for gap in changes.gaps)
    return "; ".join([*said, *([f"{span(unseen)} unobserved"] if unseen else [])])


def suspect_lines(view: View, width: int, most: int) -> list[Line]:
    """`1 prompt drug_info v6→v7: 4 min before the errors began`; nothing where nothing is suspected."""
    first = view.changes.first
    if first is None or most < 1:
        return []
    head = line("   ", Span(f"{first.rank} ", Tone.KEY), Span(suspect_words(first, view), Tone.WARN), ": ")
    room = width - width_of(head) - 1
    words = first.reason.split()
    while words and width_of((Span(" ".join(words)),)) > room:
        words.pop()
    rest = first.reason[len(" ".join(words)) :].strip()
    if most < 2 or not rest or not words:
        return [fit(line(head, short(first.reason, max(room, 8))), width)]
    return [fit(line(head, " ".join(words)), width), fit(line("     ", short(rest, width - 6)), width)]


def suspect_words(suspect: Suspect, view: View, width: int = 44) -> str:
    """`prompt drug_info v6→v7`; the code's item is the code itself."""
    change = suspect.change
    before, after = _ends(suspect, view)
    item = "" if change.item == change.layer else f"{short(change.item, width // 2)} "
    moved = f" {short(before, 20)}→{short(after, 20)}" if before else f" {short(after, 40)}" if after else ""
    kind = "config" if change.config else change.layer
    return f"{kind} {item}".rstrip() + moved


def _ends(suspect: Suspect, view: View) -> tuple[str, str]:
    change = suspect.change
    if change.layer == APP_WIDE and not change.before_words and not change.after_words:
        return "", ""
    if change.before is None and change.after is None:
        return "", change.after_words
    words = ((change.before_words, change.before), (change.after_words, change.after))
    before, after = (said or (view.short(version) if version is not None else "nothing") for said, version in words)
    return before, after


def _incident(view: View) -> Line:
    """`incident 3 since 03:02Z`, with the day where it was another one."""
    if view.incident is None:
        return BLANK
    began = view.incident.began
    at = f"{began:%H:%M}Z" if began.date() == view.now.date() else f"{began:%d %b %H:%M}Z"
    return line(Span(f" incident {view.incident.id} since {at}", Tone.WARN), " ")


def _baseline(view: View, snapshot: Snapshot) -> tuple[Span, str, str]:
    """A mark, what the comparison says, and the evidence for it."""
    changes = snapshot.changes
    if changes.baseline.why or changes.suspects:
        return _compared(view, changes)
    code = snapshot.code.state
    if code is None:
        return Span("?", Tone.WARN), "nothing to compare with yet", ""
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


def _compared(view: View, changes: Changes) -> tuple[Span, str, str]:
    """As the record has it; what could not be read is said."""
    baseline = changes.baseline
    why = baseline.why or "the last known good"
    ago = f"{age(baseline.at, view.now)} ago" if baseline.at else ""
    if ago:
        why = f"{why[:-1]}, {ago})" if why.endswith(")") else f"{why}, {ago}"
    unread = f"not read: {', '.join(changes.unread)}" if changes.unread else ""
    if not changes.suspects:
        doubt = Span("?", Tone.WARN) if changes.unread else Span("=", Tone.GOOD)
        return doubt, f"nothing {'known to have ' if changes.unread else ''}changed since {why}", unread
    return Span("△", Tone.WARN), f"changed since {why}", unread


def _since(good: Good, code: CodeState, view: View) -> tuple[str, str]:
    name = short(code.short(good.revision), 30)
    ago = f", {age(good.at, view.now)} ago" if good.at else ""
    if good.grade.known_good:
        return f"known good {name}", f"{good.reason}{ago}"
    return f"{name}: {good.grade.value}, not known good", good.reason


def _code(view: View, snapshot: Snapshot, most: int) -> Line:
    """The code's mark: from the record where it compares, else from the chosen good version."""
    code, changes = snapshot.code.state, snapshot.changes
    if changes.baseline.why or changes.suspects:
        return _mark("code", view, most)
    if code is None or not code.serving:
        return line("code ", Span("? nothing serves", Tone.WARN))
    newest, good = code.serving[0], snapshot.choice.good
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


def _marks(view: View, most: int) -> list[Line]:
    """One mark per layer beside the code; settings above all revisions only where they changed."""
    absent = [name for name in LAYERS if _status(view, name) is LayerStatus.ABSENT]
    if len(absent) == len(LAYERS):
        marks = [line(Span(f"{name} –", Tone.DIM)) for name in LAYERS]
        marks[-1] = line(*marks[-1], Span("  not configured", Tone.DIM))
        return [*marks, *_above(view, most)]
    found = (_mark(name, view, most) for name in LAYERS if name not in absent)
    return [*found, *_above(view, most), *_unconfigured(absent)]


def _unconfigured(absent: list[str]) -> list[Line]:
    return [line(Span(f"{name} –", Tone.DIM)) for name in absent]


def _above(view: View, most: int) -> list[Line]:
    return [_mark(APP_WIDE, view, most)] if view.suspect(APP_WIDE) else []


def _status(view: View, name: str) -> LayerStatus:
    return view.snapshot.layer(name).status if view.snapshot else LayerStatus.ABSENT


def _mark(name: str, view: View, most: int) -> Line:
    """`prompt △ drug_info v6→v7 +2`, `model =`, `schema ?`; what changed in at most `most` cells."""
    found = sorted(view.changes.of(name), key=lambda one: one.rank)
    unread = name in view.changes.unread or _status(view, name) in (LayerStatus.ERROR, LayerStatus.STALE)
    if not found:
        if unread:
            return line(f"{name} ", Span("?", Tone.WARN))
        known = view.changes.baseline.why or view.changes.suspects
        return line(f"{name} ", Span("=" if known else "·", Tone.GOOD if known else Tone.DIM))
    words = suspect_words(found[0], view, 32)
    kind, _, rest = words.partition(" ")
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return line(f"{kind} ", Span(f"△ {short(rest, most)}{more}", Tone.WARN), Span(" ?" if unread else "", Tone.WARN))


def _flowed(marks: Iterable[Line], width: int) -> list[Line] | None:
    """The marks side by side, on one line where they fit and on two where they do not; None where that is too few."""
    found = [fit(mark, width - 4) if width_of(mark) > width - 4 else mark for mark in marks]
    for gap in ("   ", "  "):
        whole = line("   ", *[part for mark in found for part in (gap, *mark)][1:])
        if width_of(whole) <= width:
            return [fit(whole, width)]
    rows: list[Line] = []
    for mark in found:
        joined = line(rows[-1], "   ", mark) if rows else line("   ", mark)
        if rows and width_of(joined) <= width:
            rows[-1] = joined
        elif len(rows) < _LINES:
            rows.append(line("   ", mark))
        else:
            return None
    return [fit(row, width) for row in rows]
