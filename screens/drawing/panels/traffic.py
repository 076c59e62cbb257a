"""The traffic panel: who serves how much, in which state, and what it could go back to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from console.domain.code import CodeState, Revision
from console.domain.snapshot import Snapshot
from screens.drawing.header import stale_sentence
from screens.drawing.panels import Panel, Place
from screens.drawing.panels.signals import summary
from screens.drawing.text import Line, Span, Tone, fit, line, pad, right, short, width_of, wrap
from screens.drawing.view import View
from screens.drawing.words import age, bar, condition, image_name


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0 leaves a column out."""

    name: int
    tags: int
    bar: int
    state: int
    replicas: int
    image: int
    age: int = 7


def columns(width: int, longest: int) -> Columns:
    """The table's widths at a screen's width, for a longest revision name of `longest` cells.

    Blanks, percent signs and the age take 25 cells of a whole row, and 23 without replicas and image.
    """
    if width >= 110:
        spare = width - 25 - (24 + 14 + 18 + 8)
        name = min(max(longest, 10), spare - 10)
        return Columns(name, 24, 14, 18, 8, spare - name)
    if width >= 78:
        spare = width - 25 - (16 + 7 + 11 + 4)
        name = min(max(longest, 8), max(spare - 6, 8))
        return Columns(name, 16, 7, 11, 4, spare - name)
    return Columns(10, 9, 6, max(width - 23 - 25, 8), 0, 0)


def names(view: View, filter_text: str) -> tuple[str, ...]:
    """The revisions shown under this filter, newest first."""
    code = view.code
    if code is None:
        return ()
    wanted = filter_text.lower()
    return tuple(revision.name for revision in code.revisions if wanted in code.short(revision.name).lower())


def title(view: View, place: Place) -> tuple[Line, Line]:
    """`Traffic ── multiple revisions`, and at the right the first signal."""
    width = place.width
    mode = _mode(view.code.mode, width >= 110) if view.code else ""
    readings = view.snapshot.signals if view.snapshot else ()
    return line(Span("Traffic", Tone.TITLE), Span(f"  {mode}" if mode else "", Tone.DIM)), (
        summary(readings[0], max(width - 34, 20)) if readings else ()
    )


def _mode(mode: str, wide: bool) -> str:
    """Azure's mode in words, with what it means where there is room."""
    match mode.lower():
        case "multiple":
            return "multiple revisions"
        case "single":
            return "single revision mode" + (": a new revision replaces the old one" if wide else "")
        case "labels":
            return "labels mode" + (": weights belong to labels" if wide else "")
        case other:
            return f"{other} mode"


def needs(view: View, place: Place) -> int:
    """The head, and who serves, with one to go back to."""
    return min(wants(view, place), 3 if place.width >= 78 else 2)


def wants(view: View, place: Place) -> int:
    """Rows that would show everything."""
    above = len(_notes(view, place.width)) + len(_dead(view, place.width))
    return above + 1 + max(len(names(view, place.filter)), 1)


def body(view: View, place: Place) -> list[Line]:
    """The layer's error where there is one, then the table, scrolled so that the chosen row is seen."""
    rows = [*_notes(view, place.width), *_dead(view, place.width)][: max(place.rows - 2, 1)]
    if view.code is None or view.snapshot is None:
        return rows or [line("   ", Span("reading…", Tone.DIM))]
    shown = names(view, place.filter)
    table = columns(place.width, max((width_of((Span(view.short(name)),)) for name in shown), default=6))
    rows.append(_head(table, place))
    room = max(place.rows - len(rows), 1)
    first = min(max(place.cursor - room + 1, 0), max(len(shown) - room, 0))
    for index, name in enumerate(shown[first : first + room], first):
        revision = view.code.find(name)
        if revision is not None:
            chosen = place.focused and index == place.cursor
            rows.append(_row(view, view.snapshot, view.code, revision, table, chosen))
    if not shown:
        rows.append(line("   ", Span("no revision matches the filter" if place.filter else "no revisions", Tone.DIM)))
    return rows


def _notes(view: View, width: int) -> list[Line]:
    sentence = stale_sentence(view.snapshot) if view.snapshot else ""
    unread = view.code.unread if view.code else ""
    rows = []
    for mark, said, tone in (("✗", sentence, Tone.BAD), ("?", unread, Tone.WARN)):
        if said:
            rows += [line(" ", Span(row, tone)) for row in wrap(f"{mark} {said}", width - 2)[:4]]
    return rows


def _dead(view: View, width: int) -> list[Line]:
    """The entries of the array that send traffic to nobody."""
    code, lost = view.code, Counter[str]()
    if code is None:
        return []
    for entry in code.dead_entries:
        if entry.weight:
            lost[entry.resolved(code.latest) or "?"] += entry.weight
    rows = []
    for name, weight in lost.items():
        word = "gone" if code.find(name) is None else "not active"
        said = f"✗ {short(code.short(name), 30)} {word}, {weight} % of the traffic reaches nobody"
        rows.append(fit(line("   ", Span(said, Tone.BAD)), width))
    return rows


def _head(table: Columns, place: Place) -> Line:
    replicas = "replicas" if table.replicas > 7 else "repl"
    parts = [
        pad("revision", table.name) if not place.filter else pad(f"/{place.filter}", table.name),
        pad("", table.tags),
        pad("weight", table.bar + 6),
        pad("state", table.state + 2),
        *([pad(replicas, table.replicas)] if table.replicas else []),
        *([pad("image", table.image)] if table.image else []),
        right("age", table.age),
    ]
    return line("   ", Span(" ".join(parts), Tone.DIM))


def _row(view: View, snapshot: Snapshot, code: CodeState, revision: Revision, table: Columns, chosen: bool) -> Line:
    symbol, word, tone = condition(revision, table.state > 16)
    weight = code.weight(revision.name)
    name = Span(pad(code.short(revision.name), table.name), Tone.CHOSEN if chosen else Tone.PLAIN)
    parts: list[str | Span | Line] = [
        Span(" › " if chosen else "   ", Tone.KEY),
        name,
        " ",
        fit(_tags(snapshot, code, revision, table.tags), table.tags),
        " ",
        Span(bar(weight, table.bar), Tone.STRONG if weight else Tone.DIM),
        Span(f"{weight:>4} % ", Tone.STRONG if weight else Tone.DIM),
        Span(pad(f"{symbol} {word}", table.state + 2), tone),
        " ",
    ]
    if table.replicas:
        parts += [pad(str(revision.replicas), table.replicas), " "]
    if table.image:
        parts += [Span(pad(image_name(revision.image, table.image), table.image), Tone.DIM), " "]
    return line(*parts, right(age(revision.created, view.now), table.age))


def _tags(snapshot: Snapshot, code: CodeState, revision: Revision, width: int) -> Line:
    """What is said of a revision: its grade, a bad mark, whether it is the latest, and its labels."""
    spans = _graded(snapshot, revision, width > 20)
    spans += [Span(f"#{label}", Tone.LIVE) for label in code.labels(revision.name)]
    latest = [Span("latest", Tone.DIM)] if revision.name == code.latest else []
    if width_of(_spaced([*latest, *spans])) <= width:
        return _spaced([*latest, *spans])
    kept: list[Span] = []
    for span in [*spans, *latest]:
        room = width - width_of(_spaced(kept)) - (1 if kept else 0)
        if room >= min(width_of((span,)), 6):
            kept.append(Span(short(span.text, room), span.tone))
    return _spaced(kept)


def _spaced(spans: list[Span]) -> Line:
    return tuple(part for span in spans for part in (Span(" "), span))[1:]


def _graded(snapshot: Snapshot, revision: Revision, wide: bool) -> list[Span]:
    mark, good = snapshot.history.marks.get(revision.name), snapshot.choice.good
    if mark is not None and not mark.good:
        return [Span("✗ known bad" if wide else "✗ bad", Tone.BAD)]
    if mark is not None:
        return [Span("★ good: marked" if wide else "★ marked", Tone.GOOD)]
    if good is None or good.revision != revision.name:
        return []
    star = good.grade.known_good
    return [Span(f"★ {good.grade.value}" if star else good.grade.value, Tone.GOOD if star else Tone.PLAIN)]


PANEL = Panel("traffic", 10, "code", title, body, wants, needs, names)
