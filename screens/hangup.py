"""A lost terminal or a polite kill ends the console cleanly, even when the terminal no longer takes a byte.

SIGHUP and SIGTERM are blocked before Textual starts its threads and taken in a thread of their own: a stalled
terminal blocks the event loop, and a handler on it would never run. Children inherit the mask; whoever spawns one
resets it.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress

Modes = list[int | list[bytes | int]]
SIGNALS = (signal.SIGHUP, signal.SIGTERM)
PATIENCE_S = 2.0

_LEAVE = b"\x18\x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"


class Hangup:
    """Waits for the end. `number` is the signal that came, or None.

    Once a signal has come the process has `patience_s` seconds to end by itself: the app may leave and its last words
    still block on a terminal that takes nothing.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.number: int | None = None
        self._patience_s = patience_s
        self._modes = _modes()

    def block(self) -> None:
        """Keeps the two signals for the waiting thread; every thread started later inherits this."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)

    def watch(self, ask: Callable[[], None]) -> None:
        """Starts the waiting thread: it asks the app to leave, and does not ask twice."""
        threading.Thread(target=self._wait, args=(ask,), name="hangup", daemon=True).start()

    def _wait(self, ask: Callable[[], None]) -> None:
        self.number = signal.sigwait(SIGNALS)
        with suppress(RuntimeError):
            ask()
        time.sleep(self._patience_s)
        _force_modes(self._modes)
        os._exit(128 + self.number)


def _modes() -> Modes | None:
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    except (termios.error, OSError, ValueError):
        return None


def _force_modes(modes: Modes | None) -> None:
    """Drops what the terminal did not take, and tells it as far as it accepts that the app has left."""
    for stream in (sys.__stdin__, sys.__stderr__, sys.__stdout__):
        with suppress(termios.error, OSError, ValueError):
            descriptor = stream.fileno() if stream else -1
            termios.tcflush(descriptor, termios.TCOFLUSH)
            if modes is not None:
                termios.tcsetattr(descriptor, termios.TCSANOW, modes)
            os.set_blocking(descriptor, False)
            if stream is not sys.__stdin__:
                os.write(descriptor, _LEAVE)
                return
