"""A hundred revisions, and ten thousand versions of five hundred prompts: from a key to its paint, in a terminal.

`python -m tests.bench.many` is the console itself over such a service, without an engine.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from tests.bench.figure import Figure, of
from tests.terminal.terminal import Terminal

REACH_MS = 50.0
KEYS = 40


def figures(runs: int) -> Iterator[Figure]:
    """Keys on the dashboard, among the versions, and along the timeline; every key of every run is a value."""
    print("measuring keys over many versions …", flush=True)
    terminal = Terminal([sys.executable, "-m", "tests.bench.many"], {**os.environ, "TERM": "xterm-256color"}, 120, 40)
    terminal.wait_for("drug_info", "R all→7a90")
    keys = max(KEYS, runs)
    yield of("key to paint, 500 prompts on the dashboard", "ms", _typed(terminal, keys), REACH_MS)
    terminal.send(b"\t\t\t\t\t")
    terminal.wait_for("› Traffic")
    yield of("key to paint, 100 revisions", "ms", _typed(terminal, keys), REACH_MS)
    terminal.send(b"\t")
    terminal.wait_for("› Prompts")
    terminal.send(b"g\r")
    terminal.wait_for("10,000, v10000 serves")
    yield of("key to paint, 10,000 versions", "ms", _typed(terminal, keys), REACH_MS)
    terminal.send(b"\x1b")
    terminal.wait_for("R all→7a90")
    terminal.send(b"t")
    terminal.wait_for("Timeline")
    yield of("key to paint, timeline", "ms", _typed(terminal, keys, b"h", b"l"), REACH_MS)
    terminal.close()


def _typed(terminal: Terminal, keys: int, there: bytes = b"j", back: bytes = b"k") -> list[float]:
    """Each key by itself, after everything before it has been painted."""
    taken = []
    for number in range(keys):
        while terminal.read(0.3):
            pass
        shown, began = terminal.text, time.monotonic()
        terminal.send(there if number % 4 < 2 else back)
        terminal.wait_until(_differs(terminal, shown), "another picture")
        taken.append(1000 * (time.monotonic() - began))
    return taken


def _differs(terminal: Terminal, shown: str) -> Callable[[], bool]:
    return lambda: terminal.text != shown


def _play() -> int:
    """The console over many revisions, prompts and versions."""
    from console.domain.snapshot import Layer, LayerStatus
    from screens.app import run
    from tests.screens.layered import five, layers, ok, prompt, prompts, with_five
    from tests.screens.scripted_desk import NOW, ScriptedDesk, code_state, revision

    many = tuple(prompt(f"prompt_{number:03}", 20) for number in range(499))
    code = code_state(*(revision(f"v{142 - age}", timedelta(days=age, minutes=12)) for age in range(100)))
    known = layers(prompt=ok(prompts(prompts=(prompt("drug_info", 10_000), *many))))
    shown = five(layers=known, code=Layer(LayerStatus.OK, code, NOW))
    return run(lambda show: with_five(ScriptedDesk(), shown), first=None)


if __name__ == "__main__":
    raise SystemExit(_play())
