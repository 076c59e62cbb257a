"""A leaf of the decision tree as lines: its plan in one line, its runbook with the names of now, its aftercare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.decision import Leaf, Walk
from console.domain.plan import Plan
from screens.door import Filled
from screens.drawing.decide import Picture, crumbs, digit, said, scrolled, title
from screens.drawing.footer import Item, footer
from screens.drawing.frame import filled, is_too_small, rule, sentence, too_small
from screens.drawing.markdown import markdown
from screens.drawing.text import BLANK, Line, Span, Tone, apart, line, short, wrap
from screens.drawing.view import View, plan_short


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing to do by hand: a step of a leaf without a plan, or its aftercare."""

    text: str
    step: bool = False
    done: bool = False
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a leaf shows. `why_not` says why there is no plan; `unread` why its runbook is not there."""

    walk: Walk
    plan: Plan | None = None
    why_not: str = ""
    runbook: Filled | None = None
    unread: str = ""
    ticks: tuple[Tick, ...] = field(default=())
    message: str = ""
    offset: int = 0

    @property
    def leaf(self) -> Leaf:
        assert self.walk.leaf is not None
        return self.walk.leaf

    @property
    def result(self) -> str:
        return short(moved(self.plan), 28) if self.plan is not None else "the plan"

    @property
    def no_plan(self) -> str | None:
        return None if self.plan is not None and not self.why_not else self.why_not or "there is no plan"

    @property
    def tick_keys(self) -> str:
        count = len(self.ticks)
        return f"1-{min(count, 9)}{' 0' if count > 9 else ''}"

    @property
    def no_ticks(self) -> str | None:
        return None if self.ticks else "there is nothing to tick"


def ticks_of(leaf: Leaf) -> tuple[Tick, ...]:
    """Everything of a leaf that can be ticked: its steps, then its aftercare."""
    return (*(Tick(text, step=True) for text in leaf.steps), *(Tick(text) for text in leaf.aftercare))


def moved(plan: Plan) -> str:
    """What a plan takes from where to where: `drug_info v7→v6`, `v42→v41`."""
    if plan.turns:
        return ", ".join(f"{turn.item} {turn.before}→{turn.after}" for turn in plan.turns)
    origin = plan_short(plan, plan.origin[0]) if plan.origin else "?"
    return f"{plan.layer} {origin}→{plan_short(plan, plan.goal)}"


def leaf_screen(state: Standing, view: View, items: Sequence[Item], width: int, height: int) -> Picture:
    """Exactly `height` lines."""
    if is_too_small(width, height):
        return Picture(too_small(width, height))
    head = [title(view, width), *crumbs(state.walk.path, None, width, 1 if height < 30 else 2), *_goal(state, width)]
    after = _aftercare(state, width, view.production)
    bottom = [*after, rule(BLANK, said(state.message, width), width, view.production), footer(items, width)]
    seen = height - len(head) - len(bottom) - 1
    body = _body(state, width - 2)
    pane, furthest, more = scrolled(body, state.offset, seen)
    name = line(Span("Runbook ", Tone.TITLE), Span(short(f"{state.leaf.runbook}.md", 40), Tone.DIM))
    rows = [rule(name, more, width, view.production), *filled([line(" ", *row) for row in pane], width, seen)]
    return Picture(filled([*head, *rows, *bottom], width, height), furthest, max(seen - 1, 1))


def _goal(state: Standing, width: int) -> list[Line]:
    """Where the answers led, what is to be done before it, and the plan or why there is none."""
    leaf = state.leaf
    ident = line(Span(f"{short(leaf.id, 30)} ", Tone.DIM))
    name = short(leaf.title, max(width - len(leaf.id) - 8, 12))
    rows = [apart(line(" ", Span("→ ", Tone.KEY), Span(name, Tone.STRONG)), ident, width)]
    for first in state.walk.first:
        rows += [line(" ", *row) for row in sentence(f"First: {first}", Tone.WARN, width - 2, 2)]
    return [*rows, *_plan(state, width)]


def _plan(state: Standing, width: int) -> list[Line]:
    plan = state.plan
    if plan is None or state.why_not:
        told = f"No plan: {state.why_not or 'none is known yet'}"
        return [line(" ", *row) for row in sentence(told, Tone.WARN, width - 2, 2)]
    typed = ", wants the target's name typed" if plan.needs_typing else ""
    name = plan.title or plan.deed
    whole = bool(plan.turns) and all(turn.before in name and turn.after in name for turn in plan.turns)
    told = f"{name}{typed}" if whole else f"{name}: {moved(plan)}{typed}"
    rows = sentence(told, Tone.STRONG, width - 6, 2)
    return [line(Span(" r  " if place == 0 else "    ", Tone.KEY), *row) for place, row in enumerate(rows)]


def _body(state: Standing, width: int) -> list[Line]:
    """What scrolls: the steps of a leaf without a plan, and the runbook."""
    rows: list[Line] = []
    steps = [place for place, tick in enumerate(state.ticks) if tick.step]
    if steps:
        done = sum(state.ticks[place].done for place in steps)
        rows += [line(Span(f"By hand, {done} of {len(steps)} done", Tone.TITLE))]
        rows += [row for place in steps for row in _tick(place, state.ticks[place], width, 4)]
        rows += [BLANK]
    if state.unread:
        return [*rows, *sentence(state.unread, Tone.BAD, width, 4)]
    if state.runbook is None:
        return [*rows, line(Span("reading the runbook…", Tone.DIM))]
    missing = state.runbook.missing
    if missing:
        open_names = ", ".join(f"<{name}>" for name, _ in missing)
        told = f"{len(missing)} to fill in yourself: {open_names} (why: at the end)"
        rows += [*sentence(told, Tone.WARN, width, 3), BLANK]
    rows += markdown(_untitled(state.runbook.text), width)
    if missing:
        rows += [line(Span("Not filled in", Tone.TITLE))]
        rows += [line(Span(row, Tone.DIM)) for name, why in missing for row in wrap(f"<{name}>: {why}", width)]
    return rows


def _untitled(text: str) -> str:
    """The text without its title, which stands above already."""
    first, _, rest = text.partition("\n")
    return rest.strip() if first.startswith("# ") else text


def _aftercare(state: Standing, width: int, production: bool) -> list[Line]:
    """What is still to do once it is back, one line each; always seen."""
    places = [place for place, tick in enumerate(state.ticks) if not tick.step]
    if not places:
        return []
    done = sum(state.ticks[place].done for place in places)
    head = line(Span("Afterwards ", Tone.TITLE), Span(f"{done} of {len(places)} done", Tone.DIM))
    rows = [row for place in places[:10] for row in _tick(place, state.ticks[place], width - 1, 1)]
    return [rule(head, BLANK, width, production), *(line(" ", *row) for row in rows)]


def _tick(place: int, tick: Tick, width: int, most: int) -> list[Line]:
    """`2 ✔ Pin it  bob, 03:20Z`."""
    who = f"  {tick.by}, {tick.at:%H:%M}Z" if tick.done and tick.at is not None else ""
    room = width - 4
    if most == 1:
        who = who if len(who) <= room // 3 else ""
        rows = [_cut(tick.text, room - len(who)) + who]
    else:
        rows = wrap(short(tick.text, room * most) + who, room)[:most]
    mark = Span("✔ ", Tone.GOOD) if tick.done else Span("☐ ", Tone.PLAIN)
    tone = Tone.DIM if tick.done else Tone.PLAIN
    first = line(Span(f"{digit(place) or '·'} ", Tone.KEY), mark, Span(rows[0], tone))
    return [first, *(line("    ", Span(row, tone)) for row in rows[1:])]


def _cut(text: str, width: int) -> str:
    """What is to be done stands at the beginning: here it is the end that gives way."""
    rows = wrap(text, max(width - 2, 8))
    return rows[0] if len(rows) == 1 else f"{rows[0]} …"
