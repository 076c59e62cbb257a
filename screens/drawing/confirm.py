"""The confirming dialog as lines: what is now, what will be, what is checked and what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from console.domain.intent import ALL
from console.domain.plan import Plan, Risk
from screens.drawing.by_hand import by_hand, way_round
from screens.drawing.frame import box, filled, is_too_small, sentence, too_small
from screens.drawing.text import BLANK, Line, Span, Tone, block, line, pad, short, width_of, wrap
from screens.drawing.turns import passages, turns
from screens.drawing.view import plan_short
from screens.drawing.words import ENVIRONMENT_TONES, RISKS, span
from screens.readiness import Verdict

_LABEL = 12
_HELD = 2


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the dialog says besides the plan: how long it usually takes, in seconds, and what a logout does.

    `bypass` is the team's way round Azure.
    """

    usual_s: tuple[float, ...] = ()
    survives_logout: str = "unknown"
    read_words: str = ""
    bypass: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """The drawn dialog. `wanted` lines have to be seen; `shown_to` is how far down the window now reaches.

    `page` is how far one may scroll without missing a line.
    """

    lines: list[Line]
    wanted: int
    shown_to: int
    furthest: int
    page: int = 1


def dialog(
    plan: Plan,
    around: Circumstances,
    verdict: Verdict,
    typed: str,
    message: str,
    offset: int,
    width: int,
    height: int,
) -> Dialog:
    """The dialog with the command under it; a longer one scrolls, and the command scrolls with it where it must."""
    if is_too_small(width, height):
        return Dialog(too_small(width, height), 1, 0, 0)
    outer = min(width, 110)
    inner = outer - 4
    body, foot = sections(plan, around, inner), _hint(verdict, plan, typed, message, inner)
    command = _by_hand(plan, around, width)
    if len(body) + len(foot) + len(command) > height - 2:
        body, foot = [row for row in body if row], [row for row in foot if row]
    texts = passages(plan.passages, inner)
    unread = len(texts) if must_be_read(plan) else 0
    left_out: list[Line] = []
    if len(body) + unread + len(foot) > height - 2:
        body = [row for row in sections(plan, around, inner, terse=True) if row]
        left_out = block("All checks", _checked(plan, inner - _LABEL, False), _LABEL)
    wanted = len(body) + unread
    body = [*body, *texts, *left_out]
    room = height - 2 - len(foot)
    below = command if len(body) + len(command) <= room else []
    scrolled = body if below else [*body, *_by_hand(plan, around, inner)]
    view = min(room - len(below), len(scrolled))
    furthest = max(len(scrolled) - view, 0)
    first = min(offset, furthest)
    inside = [line(" ", row) for row in [*scrolled[first : first + view], *foot]]
    production = plan.environment == "production"
    more = "  (space: more below)" if first < furthest else ""
    drawn = box(_title(plan, outer), inside, line(Span(around.read_words + more, Tone.DIM)), outer, production)
    return Dialog(filled([*drawn, *below], width, height), wanted, first + view, furthest, max(view - 1, 1))


def _by_hand(plan: Plan, around: Circumstances, width: int) -> list[Line]:
    """The complete command, and the team's way round Azure for the day that Azure is what is down."""
    command = [line(Span("By hand:", Tone.DIM)), *by_hand(plan.by_hand, width)] if plan.by_hand else []
    return [*command, *way_round(around.bypass, width)]


def _title(plan: Plan, width: int) -> Line:
    """What would be done, to what, where: the title gives way before the target's name does."""
    tone = next((tone for word, tone in ENVIRONMENT_TONES.items() if word.value == plan.environment), Tone.WARN)
    environment = Span(f" {plan.environment.upper()} ", tone)
    room = width - 10 - width_of((environment,))
    target = short(plan.target, max(room - min(width_of((Span(plan.title),)), room // 2), 12))
    title = short(plan.title, room - width_of((Span(target),)))
    return line(Span(title, Tone.TITLE), Span("  "), Span(target, Tone.STRONG), Span("  "), environment)


def sections(plan: Plan, around: Circumstances, width: int, terse: bool = False) -> list[Line]:
    """Everything that has to be seen before confirming, in the order in which it matters.

    `terse` names the ways without their reasons, and counts most of the checks that hold, so that what must be read
    fits one screen; what is left out there stands below.
    """
    rows = [*turns(plan, width), BLANK]
    against = tuple(refusal.sentence for refusal in plan.refusals)
    for label, sentences, tone in (
        ("Refused" if plan.refused else "Against", against, Tone.BAD),
        ("What", ("; ".join(plan.differences),), Tone.PLAIN),
        (_why_label(plan), (_why(plan),), Tone.PLAIN),
    ):
        rows += _said(label, sentences, tone, width, 2 if terse and label.startswith("Why") else 4)
    rows += block("Ways", _ways(plan, width - _LABEL, terse), _LABEL)
    rows += block("Checked", _checked(plan, width - _LABEL, terse), _LABEL)
    for label, sentences, tone in (
        ("Unknown", plan.unknown, Tone.WARN),
        ("Stays", plan.stays, Tone.PLAIN),
        ("Afterwards", plan.afterwards, Tone.PLAIN),
        ("Takes", (takes(around),), Tone.PLAIN),
    ):
        rows += _said(label, sentences, tone, width)
    return [*rows, *_steps(plan, width)]


def must_be_read(plan: Plan) -> bool:
    """Whether its texts have to be seen to their ends: what can be taken back needs no more than two keys."""
    return plan.risk is not Risk.REVERSIBLE


def _steps(plan: Plan, width: int) -> list[Line]:
    """For everything at once: each write in its order, with its risk. Else only what cannot simply be taken back."""
    if plan.layer != ALL:
        risky = [f"{step.title}: {step.risk.value}" for step in plan.steps if RISKS[step.risk] is not Tone.PLAIN]
        return _said("Risk", risky, Tone.BAD, width)
    rows: list[Line] = []
    for number, step in enumerate((one for one in plan.steps if one.writes), 1):
        tone = RISKS[step.risk]
        title = short(step.title, width - _LABEL - 18)
        rows.append(
            line(
                Span(f"{number} ", Tone.DIM),
                title,
                Span(f"  {step.risk.value}", Tone.DIM if tone is Tone.PLAIN else tone),
            )
        )
    return block("Steps", rows, _LABEL)


def _why_label(plan: Plan) -> str:
    return f"Why {short(plan_short(plan, plan.goal), 7)}" if plan.layer in ("code", ALL) else "Why"


def _ways(plan: Plan, width: int, terse: bool) -> list[Line]:
    """The ways to the same goal, with the key of each; nothing where there is only one."""
    if len(plan.ways) < 2:
        return []
    found = []
    for number, way in enumerate(plan.ways, 1):
        chosen = way.name == plan.way
        said = f"{way.title}{' (chosen)' if chosen else ''}{'' if terse else f': {way.reason}'}"
        tone = Tone.STRONG if chosen else Tone.PLAIN
        lines = wrap(short(said, width * 3), width - 2)
        first = line(Span(f"{number} ", Tone.KEY), Span(lines[0], tone))
        found.append([first, *(line("  ", Span(row, tone)) for row in lines[1:])])
    return _flow(found, width)


def _why(plan: Plan) -> str:
    star = "known good: " if plan.grade in ("marked", "proved") else ""
    graded = plan.reason if plan.reason.startswith(plan.grade) else f"{plan.grade}: {plan.reason}"
    return f"{star}{graded}"


def _checked(plan: Plan, width: int, terse: bool) -> list[Line]:
    """Every check; in short, those that failed, two that hold, and how many more do."""
    notes = list(plan.checked)
    failed, held = [note for note in notes if not note.ok], [note for note in notes if note.ok]
    if not terse or len(held) <= _HELD + 1:
        return _flow([_note(note.text, note.ok, width) for note in notes], width)
    shown = [_note(note.text, False, width) for note in failed]
    shown += [_note(short(note.text, width - 2), True, width) for note in held[:_HELD]]
    return _flow([*shown, _note(f"and {len(held) - _HELD} more hold, listed below", True, width)], width)


def _note(text: str, ok: bool, width: int) -> list[Line]:
    symbol, tone = ("✔", Tone.GOOD) if ok else ("✗", Tone.BAD)
    rows = wrap(short(text, width * 3), width - 2)
    first = line(Span(f"{symbol} ", tone), rows[0])
    return [first, *(line("  ", row) for row in rows[1:])]


def _flow(notes: Iterable[list[Line]], width: int) -> list[Line]:
    """Short notes side by side, long ones on lines of their own."""
    rows: list[Line] = []
    joins = False
    for note in notes:
        if joins and len(note) == 1 and width_of(rows[-1]) + width_of(note[0]) + 2 <= width:
            rows[-1] = line(rows[-1], "  ", note[0])
        else:
            rows.extend(note)
            joins = len(note) == 1
    return rows


def _said(label: str, sentences: Iterable[str], tone: Tone, width: int, most: int = 4) -> list[Line]:
    rows = [row for text in sentences for row in sentence(text, tone, width - _LABEL, most)]
    return block(label, rows, _LABEL)


def takes(around: Circumstances) -> str:
    """How long this took here before, and whether a logout stops it."""
    logout = f"survives logout: {around.survives_logout}"
    if not around.usual_s:
        return f"not measured here yet; {logout}"
    low, high = min(around.usual_s), max(around.usual_s)
    count = {1: "the last run", 5: "last five"}.get(len(around.usual_s), f"last {len(around.usual_s)}")
    spread = f"{low:.0f} to {high:.0f} s" if len(around.usual_s) > 1 else "one run"
    return f"about {span(median(around.usual_s))} here ({count}: {spread}); {logout}"


def _hint(verdict: Verdict, plan: Plan, typed: str, message: str, width: int) -> list[Line]:
    tone = Tone.BAD if verdict.dead else Tone.WARN
    rows: list[Line] = [BLANK, *sentence(verdict.sentence, tone, width), *sentence(message, Tone.STRONG, width, 2)]
    if verdict.typing:
        field = f"type {short(plan.target, 30)} and enter: "
        rows.append(
            line(field, Span(short(typed, 30), Tone.STRONG), Span("▏", Tone.KEY), Span(f"  {verdict.hint}", Tone.DIM))
        )
        return [*rows, line(Span("esc", Tone.KEY), " leave, nothing is sent")]
    tone = Tone.KEY if verdict.live else Tone.DIM
    keys = line(Span("n, esc", Tone.KEY), " leave    ", Span("w", Tone.KEY), " write the command")
    room = width - width_of(keys) - 1
    if width_of((Span(verdict.hint),)) <= room:
        return [*rows, line(Span(pad(verdict.hint, min(room, 34)), tone), " ", keys)]
    return [*rows, *sentence(verdict.hint, tone, width, 2), keys]
