"""What a plan turns from and to, as rows: bars for the traffic, words for every other layer, scores beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from console.domain.plan import Breach, Passage, Plan, Shift, Turn
from screens.drawing.text import BLANK, Line, Span, Tone, block, fold, line, pad, short, width_of, wrap
from screens.drawing.view import plan_short
from screens.drawing.words import bar, state_word

_INDENT = 6
_ROWS = 3


def turns(plan: Plan, width: int) -> list[Line]:
    """The rows `now` and `then`."""
    scores = dict(plan.golden)
    others = [turn for turn in plan.turns if turn.layer != "code" or not plan.shifts]
    name = min(max((width_of((Span(plan_short(plan, one.revision)),)) for one in plan.shifts), default=4), 24)
    layer = max((len(turn.layer) for turn in others), default=0) if len({turn.layer for turn in others}) > 1 else 0
    layer = max(layer, *(len(turn.layer) for turn in others), 4) if others and plan.shifts else layer
    breaches = ", ".join(_breach(breach) for breach in plan.breaches)
    room = width - _INDENT
    before = [
        _shift(plan, one, one.before, name, breaches, _now_score(plan, scores, one.revision), layer, room)
        for one in plan.shifts
        if one.before > 0
    ]
    after = [
        _shift(plan, one, one.after, name, "", _revision_score(plan, scores, one.revision), layer, room)
        for one in plan.shifts
        if one.after > 0
    ]
    alone = not before
    wide = min(max((width_of((Span(turn.item),)) for turn in others), default=4), 28)
    for index, turn in enumerate(others):
        over = f"✗ {breaches}" if breaches and alone and index == 0 else ""
        service = _score(scores, "") if alone and index == 0 else ""
        then = _score(scores, plan.goal) if alone and index == 0 else ""
        before += _turn(
            turn, turn.before, _all((over, turn.now, service)), wide, layer, room, Tone.BAD if over else Tone.DIM
        )
        after += _turn(turn, turn.after, _all((turn.then, then)), wide, layer, room, Tone.GOOD if then else Tone.DIM)
    return [*block("now", before, _INDENT), *block("then", after, _INDENT)]


def _all(words: Sequence[str]) -> str:
    """Each said once: what a layer says of itself may hold the score already."""
    kept: list[str] = []
    for one in words:
        if one and not any(one in said for said in kept):
            kept.append(one)
    return ", ".join(kept)


def _now_score(plan: Plan, scores: Mapping[str, str], revision: str) -> str:
    return _revision_score(plan, scores, revision) or _score(scores, "")


def _revision_score(plan: Plan, scores: Mapping[str, str], revision: str) -> str:
    """By its full name or its short one."""
    return _score(scores, revision) or _score(scores, plan_short(plan, revision))


def _score(scores: Mapping[str, str], whom: str) -> str:
    """`golden 3/8`, however the plan words it."""
    words = scores.get(whom, "")
    return words if not words or words.startswith("golden") else f"golden {words}"


def _turn(turn: Turn, version: str, said: str, wide: int, layer: int, room: int, tone: Tone) -> list[Line]:
    """One item at one version; what is said of it goes under it where it does not fit beside it."""
    head = line(
        Span(f"{pad(turn.layer, layer)}  " if layer else "", Tone.DIM),
        pad("" if layer and turn.item == turn.layer else turn.item, wide),
        "  ",
        Span(short(version or "nothing", max(room - wide - layer - 4, 8)), Tone.STRONG),
    )
    left = room - width_of(head) - 3
    if not said:
        return [head]
    if width_of((Span(said),)) <= left:
        return [line(head, "   ", Span(said, tone))]
    return [head, *(line("  ", Span(row, tone)) for row in wrap(short(said, (room - 2) * _ROWS), room - 2))]


def _breach(breach: Breach) -> str:
    """A signal with its value, as far as it was measured."""
    if breach.value is None:
        return f"{breach.signal} not measured"
    return f"{breach.signal} {breach.value:.0f} {breach.unit}".rstrip()


def _shift(
    plan: Plan, shift: Shift, percent: int, name: int, breaches: str, score: str, layer: int, room: int
) -> Line:
    symbol, tone = ("✗", Tone.BAD) if breaches else state_word(shift.state)
    head = line(
        Span(f"{pad('code', layer)}  " if layer else "", Tone.DIM),
        Span(pad(plan_short(plan, shift.revision), name), Tone.STRONG),
        f"  {bar(percent, 10)} {percent:>3} %",
        Span(f"   {symbol} {short(shift.state, 24)}", tone),
    )
    for said in (short(breaches, 24), score):
        drawn = line(head, Span(f", {said}", tone)) if said else head
        head = drawn if width_of(drawn) <= room else head
    return head


@lru_cache(maxsize=8)
def passages(found: tuple[Passage, ...], width: int) -> tuple[Line, ...]:
    """Texts to be read whole, every character of them, under their titles."""
    rows: list[Line] = []
    for passage in found:
        rows += [BLANK, line(Span(f"┄ {short(passage.title, width - 4)} ", Tone.TITLE), Span("┄" * 6, Tone.RULE))]
        for text in passage.text.replace("\t", "    ").rstrip("\n").split("\n"):
            rows += [line(Span(f"{row or ' '}", _tone(text))) for row in fold(text, width)]
    return tuple(rows)


def _tone(text: str) -> Tone:
    """As diffs are written: what goes and what comes."""
    if text.startswith("+") and not text.startswith("+++"):
        return Tone.GOOD
    if text.startswith("-") and not text.startswith("--"):
        return Tone.BAD
    return Tone.DIM if text.startswith("@@") else Tone.PLAIN
