"""The signals panel: each number with its limit, source, age and what it could not measure."""

from __future__ import annotations

from console.domain.signal import SignalReading, SignalState
from console.domain.snapshot import Snapshot
from screens.drawing.panels import Panel, Place
from screens.drawing.text import Line, Span, Tone, line, pad, short, width_of, wrap
from screens.drawing.view import View
from screens.drawing.words import SIGNALS, age, sparkline

_MEASURED = (SignalState.OK, SignalState.BREACHED)


def value(reading: SignalReading) -> str:
    """The number, whole, with its unit; never one that was not measured."""
    if reading.value is None or reading.state not in _MEASURED:
        return reading.state.value
    return f"{reading.value:.0f} {reading.unit}".rstrip()


def limit(reading: SignalReading) -> str:
    """`limit 5 %`, or that there is none."""
    trigger = reading.trigger
    return f"{trigger.limit} {reading.unit}".rstrip() if trigger and trigger.judges else "no limit"


def spark(reading: SignalReading) -> str:
    """The last values, at the scale of twice the limit at least."""
    top = 2 * (reading.trigger.above if reading.trigger and reading.trigger.above else 1.0)
    return sparkline(reading.history, top)


def summary(reading: SignalReading, width: int) -> Line:
    """A signal in one breath: `✗ 5xx 21 % ▁▁▁▂▇█ probe, limit 5 %`."""
    mark = SIGNALS[reading.state]
    head = Span(f"{mark.text} {short(reading.name, 20)} {value(reading)}", mark.tone)
    rest = f" {short(reading.source, 14)}, {limit(reading)}"
    drawn = f" {spark(reading)}" if reading.history and reading.state in _MEASURED else ""
    whole = line(head, Span(drawn, mark.tone), Span(rest, Tone.DIM))
    return whole if sum(len(span.text) for span in whole) <= width else line(head)


def title(view: View, place: Place) -> tuple[Line, Line]:
    """The panel's name, how many signals are over their limit, and what the golden questions scored."""
    head, golden = line(Span("Signals", Tone.TITLE)), _golden(view)
    readings = view.snapshot.signals if view.snapshot else ()
    breached = len(view.snapshot.breached) if view.snapshot else 0
    over = line(Span(f"{breached} breached", Tone.BAD)) if breached else ()
    if 0 < place.rows < len(readings) and place.rows < 2:
        over = line(over, Span(f"{', ' if over else ''}{len(readings) - 1} more below", Tone.DIM))
    if not place.rows and readings:
        over = line(over, "  " if over else "", *_brief(readings[1:3] if len(readings) > 1 else readings))
    return head, line(over, "   " if over and golden else "", golden)


def _brief(readings: tuple[SignalReading, ...]) -> list[Span]:
    found = []
    for reading in readings:
        mark = SIGNALS[reading.state]
        found.append(Span(f"{mark.text} {short(reading.name, 16)} {short(value(reading), 12)} ", mark.tone))
    return found


def _golden(view: View) -> Line:
    """`golden 3/8, 2 min ago`: the newest result of the questions put to the service."""
    result = view.snapshot.golden if view.snapshot else None
    if result is None:
        return ()
    tone = Tone.GOOD if result.perfect else Tone.WARN if not result.measured else Tone.BAD
    mark = "✔" if result.perfect else "?" if not result.measured else "✗"
    return line(
        Span(f"{mark} golden {short(result.words, 30)}", tone), Span(f", {age(result.at, view.now)} ago", Tone.DIM)
    )


def needs(view: View, place: Place) -> int:
    """What is breached or could not be measured; an app that nobody can call from here says so."""
    readings = view.snapshot.signals if view.snapshot else ()
    loud = sum(reading.state is not SignalState.OK for reading in readings)
    return min(loud, 2) + len(_blind(view, place.width)) + (1 if place.focused and not loud else 0)


def wants(view: View, place: Place) -> int:
    rows = len(view.snapshot.signals) if view.snapshot else 0
    return max(rows + len(_failures(view)) + len(_blind(view, place.width)), 1)


def body(view: View, place: Place) -> list[Line]:
    """One line a signal; what does not fit is counted, and breached signals come first."""
    blind = _blind(view, place.width)
    if view.snapshot is None or not view.snapshot.signals:
        return blind or [line("   ", Span("no signal measured yet" if view.connected else "reading…", Tone.DIM))]
    return [*_readings(view, view.snapshot, place), *blind]


def _failures(view: View) -> list[tuple[str, str]]:
    """The golden questions that were answered wrong, with why."""
    result = view.snapshot.golden if view.snapshot else None
    return list(result.failures[:3]) if result else []


def _blind(view: View, width: int) -> list[Line]:
    """Why nothing can be measured from here, where the app can only be called from within its environment."""
    if view.code is None or view.code.external or view.snapshot is None:
        return []
    if any(reading.state in _MEASURED for reading in view.snapshot.signals):
        return []
    said = "internal ingress: only its own environment can call it, so from here nothing can be measured"
    return [line("   ", Span(row, Tone.WARN)) for row in wrap(said, width - 4)]


def _readings(view: View, snapshot: Snapshot, place: Place) -> list[Line]:
    ordered = sorted(snapshot.signals, key=lambda reading: reading.state is not SignalState.BREACHED)
    rows = [_row(view, reading, place.width) for reading in ordered]
    if len(rows) < place.rows:
        said = (f"✗ golden {short(name, 24)}: {why}" for name, why in _failures(view))
        rows += [line("     ", Span(short(one, place.width - 6), Tone.DIM)) for one in said][: place.rows - len(rows)]
    if len(rows) > place.rows > 1:
        hidden = len(rows) - place.rows + 1
        rows = [*rows[: place.rows - 1], line("   ", Span(f"and {hidden} more", Tone.DIM))]
    return rows


def _row(view: View, reading: SignalReading, width: int) -> Line:
    mark, wide = SIGNALS[reading.state], width >= 100
    for_s = f" for {reading.trigger.for_s:g} s" if reading.trigger and reading.trigger.judges else ""
    said = Span(f"{mark.text} {short(_said(reading), 60 if wide else 34)}".ljust(18), mark.tone)
    drawn = line("   ", pad(reading.name, 18 if wide else 6), " ", said)
    for piece in (
        Span(f" {spark(reading)}" if reading.history and reading.state in _MEASURED else "", mark.tone),
        Span(f"  {limit(reading)}{for_s}", Tone.DIM),
        Span(f"  {short(reading.source, 20)}{f', {age(reading.at, view.now)} ago' if reading.at else ''}", Tone.DIM),
    ):
        joined = line(drawn, piece)
        drawn = joined if width_of(joined) <= width else drawn
    return drawn


def _said(reading: SignalReading) -> str:
    if reading.state in _MEASURED:
        return f"{value(reading)} {reading.state.value}"
    return f"{reading.state.value}: {reading.detail}" if reading.detail else reading.state.value


PANEL = Panel("signals", 60, None, title, body, wants, needs)
