"""A terminal as a person has it: a pty, a screen that pyte draws, and a link that may be slow, stalled or cut."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

PATIENCE_S = 40.0


class Answering(pyte.Screen):
    """A pyte screen that answers queries, as every real terminal does and pyte by itself does not."""

    def __init__(self, columns: int, lines: int, answer: Callable[[bytes], None]) -> None:
        super().__init__(columns, lines)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())


class Terminal:
    """Runs `command` on a pty of its own. `delay_s` holds back everything, each way."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 80,
        lines: int = 24,
        delay_s: float = 0.0,
    ) -> None:
        self._delay_s = delay_s
        self._coming: list[tuple[float, bytes]] = []
        self._going: list[tuple[float, bytes]] = []
        self._screen = Answering(columns, lines, self._queue)
        self._stream = pyte.ByteStream(self._screen)
        self.received = 0
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), dict(environment))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._exit: int | None = None

    @property
    def text(self) -> str:
        """The screen as it stands."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def send(self, data: bytes) -> None:
        """Types; it arrives when the link has carried it."""
        self._queue(data)
        self._deliver()

    def wait_for(self, *wanted: str, patience_s: float = PATIENCE_S) -> str:
        """Reads until the screen shows every one of `wanted`; the screen. Fails with the screen otherwise."""
        self.wait_until(lambda: all(text in self.text for text in wanted), f"{wanted!r}", patience_s)
        return self.text

    def wait_until(self, holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        ends = time.monotonic() + patience_s
        while not holds():
            assert time.monotonic() < ends, f"never saw {what}; the screen shows:\n{self.text}"
            if not self.read(0.2) and self._ended():
                assert holds(), f"ended before {what}; the screen shows:\n{self.text}"
                return

    def read(self, seconds: float) -> bool:
        """Takes what arrives within `seconds`; whether anything did."""
        ends = time.monotonic() + seconds
        got = False
        while (left := ends - time.monotonic()) > 0 and not got:
            ready, _, _ = select.select([self._fd], [], [], min(left, self._next_due()))
            if ready:
                try:
                    data = os.read(self._fd, 65536)
                except OSError:
                    return False
                self._coming.append((time.monotonic() + self._delay_s, data))
            got = self._deliver()
        return got

    def stall(self, keys: bytes, patience_s: float = PATIENCE_S) -> int:
        """Types on and takes nothing, until the program can put no more into the link; the bytes that lie in it."""
        ends = time.monotonic() + patience_s
        lying, unchanged = -1, 0
        while unchanged < 100:
            assert time.monotonic() < ends, f"the link never filled: {lying} bytes lie in it"
            _, writable, _ = select.select([], [self._fd], [], 0.02)
            if writable:
                os.write(self._fd, keys)
            select.select([], [], [], 0.02)
            now = struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, b"\0\0\0\0"))[0]
            lying, unchanged = now, unchanged + 1 if now == lying else 0
        return lying

    def cut(self) -> None:
        """The terminal goes away, as when a window is closed or a link drops."""
        os.close(self._fd)
        self._fd = -1

    def wait_exit(self, patience_s: float = PATIENCE_S) -> int:
        """The exit code, or minus the signal. Reads meanwhile unless the terminal is gone."""
        ends = time.monotonic() + patience_s
        while not self._ended():
            assert time.monotonic() < ends, f"still runs; the screen shows:\n{self.text}"
            if self._fd >= 0:
                self.read(0.1)
            else:
                select.select([], [], [], 0.05)
        return self._exit if self._exit is not None else 0

    def wait_exit_without_reading(self, patience_s: float = PATIENCE_S) -> int:
        """The same of a stalled terminal: nothing is taken from it."""
        ends = time.monotonic() + patience_s
        while not self._ended():
            assert time.monotonic() < ends, "still runs though asked to end"
            select.select([], [], [], 0.05)
        return self._exit if self._exit is not None else 0

    def kill(self, number: int = signal.SIGTERM) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        """Ends what still runs."""
        if not self._ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        if self._fd >= 0:
            os.close(self._fd)

    def _queue(self, data: bytes) -> None:
        self._going.append((time.monotonic() + self._delay_s, data))

    def _ended(self) -> bool:
        if self._exit is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._exit = os.waitstatus_to_exitcode(status)
        return self._exit is not None

    def _next_due(self) -> float:
        due = [at for at, _ in (*self._coming, *self._going)]
        return max(0.0, min(due) - time.monotonic()) if due else 1.0

    def _deliver(self) -> bool:
        """Hands over what the link has carried; whether anything reached the screen."""
        now, shown = time.monotonic(), False
        while self._coming and self._coming[0][0] <= now:
            data = self._coming.pop(0)[1]
            self.received += len(data)
            self._stream.feed(data)
            shown = True
        while self._going and self._going[0][0] <= now and self._fd >= 0:
            with contextlib.suppress(OSError):
                os.write(self._fd, self._going.pop(0)[1])
        return shown
