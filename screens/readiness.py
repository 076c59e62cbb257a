"""The conditions on `y`, as a pure function: what the dialog waits for, and whether a key may go through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from console.domain.plan import Plan, Risk

STILL_S = 0.6
AZURE_S = 8.0
TERMINAL_S = 3.0


class Sight(StrEnum):
    """Whether the outermost terminal has shown the dialog as it now stands."""

    ASKING = "asking"
    SEEN = "seen"
    SILENT = "silent"


class Runner(StrEnum):
    """The runner's process, as far as the dialog knows."""

    STARTING = "starting"
    ALIVE = "alive"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known while the dialog stands. Times are seconds of one monotonic clock.

    `over` is a sentence that ends the matter: nothing can be sent any more. `offered` says that the plan shown is on
    record. `typing` is why the name is typed, once there was a reason; `unread` counts lines not yet scrolled to.
    """

    plan: Plan
    now: float
    opened_at: float
    last_key_at: float
    fresh: bool = False
    unreachable: str = ""
    runner: Runner = Runner.STARTING
    waiting: str = ""
    offered: bool = False
    sight: Sight = Sight.ASKING
    over: str = ""
    typing: str = ""
    typed: str = ""
    unread: int = 0

    @property
    def silent(self) -> bool:
        """Neither a fresh plan nor a ready runner within the time that Azure is given."""
        unready = not self.fresh or self.runner is not Runner.READY
        return bool(self.unreachable) or (unready and self.now - self.opened_at >= AZURE_S)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`live`: the confirming key goes through now. `hint` says what is waited for, `sentence` what must be known."""

    live: bool
    hint: str
    typing: bool = False
    sentence: str = ""
    dead: bool = False


def why_typing(facts: Facts) -> str:
    """Why the target's name has to be typed, or nothing. Once said it stays said until the dialog leaves."""
    if facts.typing:
        return facts.typing
    if facts.plan.needs_typing:
        return (
            "what stands under Against is overridden by typing"
            if facts.plan.refusals
            else "this cannot be taken back"
        )
    if facts.sight is Sight.SILENT:
        return "your terminal did not say that it has shown this"
    if facts.silent:
        return facts.unreachable or _silence(facts)
    return ""


def _silence(facts: Facts) -> str:
    if not facts.fresh:
        return f"Azure has not answered for {AZURE_S:.0f} s"
    return (
        f"the runner has not proved its credentials for {AZURE_S:.0f} s{': ' if facts.waiting else ''}{facts.waiting}"
    )


def judge(facts: Facts) -> Verdict:
    """Whether the confirming key is live: `y`, or `enter` where the name is typed."""
    if facts.over:
        return Verdict(False, "y: not possible", sentence=facts.over, dead=True)
    if facts.plan.refused is not None:
        return Verdict(False, "y: refused, as said above", dead=True)
    why = why_typing(facts)
    if why and not why_typing(replace(facts, typing="")):
        why = f"{why}. That has passed; the name is still wanted"
    return _typed(facts, why) if why else _pressed(facts)


def _pressed(facts: Facts) -> Verdict:
    waits = _azure(facts) or _unread(facts)
    if waits:
        return Verdict(False, f"y: {waits}")
    if facts.sight is not Sight.SEEN:
        return Verdict(False, "y: waiting for your terminal")
    left = STILL_S - (facts.now - facts.last_key_at)
    if left > 0:
        return Verdict(False, f"y in {max(left, 0.1):.1f} s")
    return Verdict(True, "y  go")


def _azure(facts: Facts) -> str:
    if not facts.fresh:
        return "reading the state afresh"
    if facts.runner is not Runner.READY:
        return f"the runner is starting{': ' if facts.waiting else ''}{facts.waiting}"
    return "" if facts.offered else "recording what is shown"


def _unread(facts: Facts) -> str:
    return _below(facts, "space") if facts.unread > 0 else ""


def _below(facts: Facts, key: str) -> str:
    return f"{facts.unread} more line{'s' if facts.unread > 1 else ''} below ({key})"


def _typed(facts: Facts, why: str) -> Verdict:
    name = facts.plan.target
    blind = facts.silent and not (facts.fresh and facts.runner is Runner.READY)
    if blind and not _reversible(facts.plan):
        sentence = f"{why}; what cannot be taken back is not sent blind"
        return Verdict(False, "not possible yet", True, sentence)
    sentence = _blind_sentence(why) if blind else why
    if blind and facts.runner is Runner.STARTING:
        return Verdict(False, "the runner is starting", True, sentence)
    waits = "" if blind else _azure(facts)
    if waits:
        return Verdict(False, waits, True, sentence)
    if facts.unread > 0:
        return Verdict(False, _below(facts, "pgdn, ↓"), True, sentence)
    return Verdict(facts.typed == name, "enter  go" if facts.typed == name else "", True, sentence)


def _blind_sentence(why: str) -> str:
    return f"{why}. Confirmed now, the runner keeps trying for 60 s and writes only after it has read the state"


def _reversible(plan: Plan) -> bool:
    return all(step.risk is Risk.REVERSIBLE for step in plan.steps)
