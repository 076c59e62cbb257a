"""The small words of every screen: ages, clocks, bars, sparklines, and a symbol for each state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.domain.code import Condition, Revision
from console.domain.plan import Risk
from console.domain.run import Outcome, StepState
from console.domain.signal import SignalState
from console.domain.snapshot import Environment
from screens.drawing.text import Span, Tone

_EIGHTHS = "▁▂▃▄▅▆▇█"

ENVIRONMENT_TONES = {
    Environment.PRODUCTION: Tone.PRODUCTION,
    Environment.STAGING: Tone.STAGING,
    Environment.REHEARSAL: Tone.REHEARSAL,
}
STEPS = {
    StepState.PENDING: Span(" ", Tone.DIM),
    StepState.RUNNING: Span("●", Tone.LIVE),
    StepState.DONE: Span("✔", Tone.GOOD),
    StepState.FAILED: Span("✗", Tone.BAD),
    StepState.SKIPPED: Span("–", Tone.DIM),
    StepState.UNKNOWN: Span("?", Tone.WARN),
}
SIGNALS = {
    SignalState.OK: Span("✔", Tone.GOOD),
    SignalState.BREACHED: Span("✗", Tone.BAD),
    SignalState.NO_DATA: Span("?", Tone.WARN),
    SignalState.ERROR: Span("✗", Tone.BAD),
}
OUTCOMES = {
    Outcome.VERIFIED: Span("✔", Tone.GOOD),
    Outcome.UNPROVEN: Span("△", Tone.WARN),
    Outcome.REFUSED: Span("✗", Tone.WARN),
    Outcome.FAILED: Span("✗", Tone.BAD),
    Outcome.UNKNOWN: Span("?", Tone.BAD),
    Outcome.UNDONE: Span("–", Tone.DIM),
}
RISKS = {Risk.REVERSIBLE: Tone.PLAIN, Risk.SLOW: Tone.WARN, Risk.LOSSY: Tone.BAD, Risk.IRREVERSIBLE: Tone.BAD}


def age(at: datetime | None, now: datetime) -> str:
    """How long ago, in one unit: `3 s`, `12 min`, `5 h`, `9 d`; `?` where it is not known."""
    return span(max((now - at).total_seconds(), 0.0)) if at else "?"


def span(seconds: float) -> str:
    """A length of time in one unit."""
    if seconds < 60:
        return f"{int(seconds)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h" if seconds < 2 * 86400 else f"{int(seconds // 86400)} d"


def clock(seconds: float) -> str:
    """Minutes and seconds: `00:09`; an hour and more as `1:02:03`."""
    whole = max(int(seconds), 0)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


def tenths(seconds: float | None) -> str:
    """`8.1 s`, or a dash where it is not known."""
    return "–" if seconds is None else f"{seconds:.1f} s"


def moment(at: datetime | None) -> str:
    """A time of day with its date, UTC: `21 Nov 03:12:07Z`."""
    return f"{at:%d %b %H:%M:%S}Z" if at else "?"


def bar(percent: int, width: int) -> str:
    """A share as a bar of full and shaded blocks; only 0 is empty and only 100 is full."""
    share = min(max(percent, 0), 100)
    full = round(share * width / 100)
    if 0 < share < 100:
        full = min(max(full, 1), width - 1)
    return "█" * full + "░" * (width - full)


def sparkline(values: Sequence[float], top: float) -> str:
    """Values as eighths of `top`, the oldest first."""
    scale = max(top, *values) if values else top
    if scale <= 0:
        return _EIGHTHS[0] * len(values)
    return "".join(_EIGHTHS[min(int(max(value, 0.0) / scale * 8), 7)] for value in values)


def condition(revision: Revision, wide: bool = False) -> tuple[str, str, Tone]:
    """Symbol, word and tone of a revision: Azure's own word where something is wrong.

    What Azure calls unhealthy says so; `wide` leaves room for what it is besides.
    """
    symbol, word, tone = _condition(revision)
    if revision.health.lower() != "unhealthy" or revision.condition in (Condition.FAILED, Condition.INACTIVE):
        return symbol, word, tone
    return "✗", f"{revision.running or word}, {revision.health}" if wide else revision.health, Tone.BAD


def _condition(revision: Revision) -> tuple[str, str, Tone]:
    match revision.condition:
        case Condition.FAILED:
            return "✗", revision.running or revision.provisioning or "failed", Tone.BAD
        case Condition.INACTIVE:
            return "○", "inactive", Tone.DIM
        case Condition.SCALED_TO_ZERO:
            return "○", "zero", Tone.PLAIN
        case Condition.STARTING:
            return "●", "starting", Tone.WARN
        case Condition.READY:
            return "✔", "ready", Tone.GOOD


def state_word(word: str) -> tuple[str, Tone]:
    """Symbol and tone for a state that comes as a word."""
    lower = word.lower()
    if lower.startswith(("ready", "healthy", "running")):
        return "✔", Tone.GOOD
    if lower.startswith(("inactive", "scaled", "unknown", "none")) or not lower:
        return "○", Tone.DIM
    if lower.startswith(("starting", "activating", "provisioning", "processing")):
        return "●", Tone.WARN
    return "✗", Tone.BAD


def image_name(image: str, width: int) -> str:
    """What tells two images of a service apart: the digest's head, or the tag."""
    repository, _, digest = image.partition("@sha256:")
    return digest[: max(min(width, 12), 1)] if digest else repository.rsplit("/", 1)[-1].rpartition(":")[2]
