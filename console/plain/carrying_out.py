"""One intent from its fresh reading to its outcome, with the guards that the screen has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from console.clock import SystemClock
from console.commands.perform import Teller, carry_out, tell_end
from console.desk import Desk, Prepared, Refused, Unreachable
from console.domain.intent import Intent
from console.domain.plan import Plan, Risk
from console.domain.run import Run
from console.follow import follow
from console.plain import lines
from console.plain.asking import answer_to, say, wanted_word

AZURE_S = 8.0
SETTLES_S = 3.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be done. `why` is why Azure gave no fresh reading, or nothing where it did."""

    plan: Plan
    why: str = ""


def attempt(desk: Desk, loop: asyncio.Runner, intent: Intent) -> None:
    """Plans, asks, hands over and follows. Raises what the desk raises, and KeyboardInterrupt after having told."""
    prepared = desk.prepare()
    try:
        plan = _agreed(desk, loop, prepared, intent)
        if plan is None:
            say("Not confirmed; nothing was sent.")
            return
        tell_end(loop.run(carry_out(desk, prepared, plan, Teller(quiet=False))), as_json_output=False)
    except KeyboardInterrupt:
        prepared.dismiss()
        say(f"\n{loop.run(_what_became(desk, prepared.run_id))}")
        raise
    finally:
        prepared.dismiss()


def _agreed(desk: Desk, loop: asyncio.Runner, prepared: Prepared, intent: Intent) -> Plan | None:
    """The plan that a person has confirmed; another way begins anew. None where it was not confirmed."""
    while True:
        say("Reading the state afresh…")
        proposal = loop.run(_propose(desk, intent))
        plan = proposal.plan
        for line in lines.plan(desk, plan, fresh=not proposal.why):
            say(line)
        if plan.refused is not None:
            raise Refused(plan.refused.sentence)
        why = proposal.why or loop.run(_not_ready(desk, prepared))
        typed = wanted_word(plan.target if plan.needs_typing or why else "")
        said = answer_to(_question(plan, typed, why))
        if said == typed:
            return plan
        way = next((way for number, way in enumerate(plan.ways, 1) if said == f"w{number}"), None)
        if way is None:
            return None
        intent = replace(intent, to=plan.goal, way=way.name)


def _question(plan: Plan, word: str, why: str) -> str:
    if why:
        say(f"{why}. Confirmed now, the runner keeps trying for 60 s and writes only after it has read the state.")
    other = ", w1 or w2 for that way" if len(plan.ways) > 1 else ""
    where = f"{plan.target}, {plan.environment.upper()}"
    return f"Type {word} to go ({plan.title}, {where}){other}, or only enter to leave"


async def _propose(desk: Desk, intent: Intent) -> Proposal:
    """The plan from a fresh reading, or where Azure is silent for 8 s the one from the last. Raises Unreachable."""
    try:
        return Proposal(await asyncio.wait_for(desk.propose(intent), AZURE_S))
    except TimeoutError:
        why = f"Azure has not answered for {AZURE_S:.0f} s"
    except Unreachable as unreachable:
        why = unreachable.sentence
    draft = desk.draft(intent)
    if draft is None or any(step.risk is not Risk.REVERSIBLE for step in draft.steps):
        raise Unreachable(f"{why}; nothing was sent")
    return Proposal(draft, why)


async def _not_ready(desk: Desk, prepared: Prepared) -> str:
    """Waits for the runner to prove its credentials; why it has not after 8 s, or nothing. Raises Refused."""
    ends = SystemClock().now() + timedelta(seconds=AZURE_S)

    def enough(run: Run) -> bool:
        return run.ready or not prepared.alive or SystemClock().now() > ends

    last: Run | None = None
    async for run in follow(lambda: desk.run(prepared.run_id), SystemClock(), enough):
        last = run
    if not prepared.alive:
        raise Refused("the runner ended before it was told to go; nothing was sent")
    if last is not None and last.ready:
        return ""
    waiting = f": {last.waiting}" if last is not None and last.waiting else ""
    return f"the runner has not proved its credentials for {AZURE_S:.0f} s{waiting}"


async def _what_became(desk: Desk, number: int) -> str:
    """After an interruption: whether the runner had been told to go, as the run log has it."""
    ends = SystemClock().now() + timedelta(seconds=SETTLES_S)

    def settled(run: Run) -> bool:
        return run.dismissed or run.confirmed_at is not None or SystemClock().now() > ends

    last: Run | None = None
    async for run in follow(lambda: desk.run(number), SystemClock(), settled):
        last = run
    if last is not None and last.outcome is not None:
        return f"Run {number} has ended: rollback-console history tells how."
    if last is not None and last.confirmed_at is not None:
        return f"Run {number} goes on without this console: rollback-console rollback --resume {number} follows it."
    if last is not None and last.dismissed:
        return "Nothing was sent."
    return f"Whether run {number} was told to go is not known: rollback-console history tells."
