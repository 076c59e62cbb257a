"""What somebody in front of a terminal waits for."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figure import Figure, of
from tests.bench.stage import Stage
from tests.terminal.terminal import Terminal

EMPTY = "from textual.app import App\nfrom textual.widgets import Static\n" + (
    "class Empty(App):\n    def compose(self):\n        yield Static('x' * 60)\nEmpty().run(mouse=False)\n"
)
PAINTED = 40
IDLE_S = 20.0


def first_paint(stage: Stage, runs: int) -> Iterator[Figure]:
    """From the start of the process to forty printable characters, beside an empty Textual app."""
    empty = [sys.executable, "-c", EMPTY]
    ours, theirs = [], []
    for _ in range(runs + 1):
        theirs.append(_paint(empty, stage))
        ours.append(_paint(stage.script(), stage))
    yield of("first paint of an empty Textual app", "s", theirs[1:])
    ratio = [one / other for one, other in zip(ours[1:], theirs[1:], strict=True)]
    yield of("first paint", "s", ours[1:])
    yield of("first paint, against an empty Textual app", "x", ratio, 1.5, "pair by pair")


def live_data(stage: Stage, runs: int) -> Iterator[Figure]:
    """From the start of the process to a table with Azure's data on the screen."""
    values = []
    for _ in range(runs + 1):
        started = time.monotonic()
        terminal = Terminal(stage.script(), stage.environment)
        terminal.wait_for("v42", "v41", "live")
        values.append(time.monotonic() - started)
        terminal.close()
    yield of("start to live data", "s", values[1:], 1.0)


def idle(stage: Stage, runs: int) -> Iterator[Figure]:
    """Bytes and processor time of a screen on which nothing happens but four probes a second."""
    terminal = Terminal(stage.script(), stage.environment)
    terminal.wait_for("v42", "live")
    _pass(terminal, 8.0)
    bytes_before, cpu_before, began = terminal.received, _cpu_s(terminal.pid), time.monotonic()
    _pass(terminal, IDLE_S)
    spent = time.monotonic() - began
    yield of("idle screen, to the terminal", "B/s", [(terminal.received - bytes_before) / spent], 200.0)
    yield of("idle screen, of a core", "%", [100 * (_cpu_s(terminal.pid) - cpu_before) / spent], 2.0, "0.25 s probes")
    terminal.close()


def memory(stage: Stage, runs: int) -> Iterator[Figure]:
    """Resident memory of the console and its warm runner, shared pages counted once."""
    terminal = Terminal(stage.script(), stage.environment)
    terminal.wait_for("r code→v41")
    terminal.send(b"r")
    terminal.wait_for("y  go")
    family = [terminal.pid, *_children(terminal.pid)]
    yield of("console and runner", "MB", [sum(_pss_mb(pid) for pid in family)], 200.0, f"{len(family)} processes")
    terminal.close()


def first_request(stage: Stage, runs: int) -> Iterator[Figure]:
    """From the y to the first request on the wire, by the embedded Azure's own log."""
    terminal = Terminal(stage.script(), stage.environment)
    terminal.wait_for("r code→v41")
    terminal.send(b"r")
    terminal.wait_for("y  go")
    known = {request["at"] for request in stage.requests()}
    pressed = datetime.now(UTC)
    terminal.send(b"y")
    terminal.wait_for("Rolling back", "accepted")
    requests = stage.requests()
    patch = next(request for request in requests if request["method"] == "PATCH")
    after = [_at(request) for request in requests if request["at"] not in known and _at(request) >= pressed]
    yield of("y to the first request", "ms", [_ms(min(after), pressed)], 100.0)
    yield of("y to the PATCH", "ms", [_ms(_at(patch), pressed)])
    terminal.wait_for("verified")
    terminal.close()


def _paint(command: list[str], stage: Stage) -> float:
    started = time.monotonic()
    terminal = Terminal(command, stage.environment)
    terminal.wait_until(lambda: len("".join(terminal.text.split())) >= PAINTED, "a first paint")
    spent = time.monotonic() - started
    terminal.close()
    return spent


def _pass(terminal: Terminal, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        terminal.read(min(left, 0.5))


def _at(request: dict[str, str]) -> datetime:
    return datetime.fromisoformat(request["at"])


def _ms(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() * 1000


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    """Processes that any of its threads started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for listed in lists for child in listed.read_text().split()]


def _pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
