"""JSON over HTTP: the number at a pointer into whatever an address answers."""

from __future__ import annotations

from console.clock import Clock
from console.config.signal_settings import SignalSettings
from console.domain.pointer import pointed
from console.domain.signal import Trigger
from console.signals.sources.foreign import Foreign
from console.signals.sources.polled import Polled
from console.signals.sources.source import Measured, Tools, Watched, number

EVERY_S = 15.0


class Pointed:
    """A number, or a text that is one. Null, NaN and nothing at the pointer are no data."""

    counted = False
    within_s = 15.0

    def __init__(self, foreign: Foreign, pointer: str, every_s: float, clock: Clock) -> None:
        self._foreign, self._pointer, self._clock = foreign, pointer, clock
        self.every_s = every_s

    async def read(self) -> Measured:
        at = self._clock.now()
        document = self._foreign.document(await self._foreign.asked(more={"accept": "application/json"}))
        try:
            value = number(pointed(document, self._pointer))
        except LookupError:
            return Measured(at, None, 0, f"nothing at {self._pointer}")
        except ValueError:
            raise self._foreign.failure(f"what stands at {self._pointer or 'the top'} is not a number") from None
        return Measured(at, value, 1, "" if value is not None else "it gives no number")

    async def close(self) -> None:
        await self._foreign.close()


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    foreign = Foreign(signal.url or "", signal.headers, tools.environment, signal.name, tools.transport)
    source = Pointed(foreign, signal.pointer or "", signal.every_s or EVERY_S, tools.clock)
    return Polled(signal, trigger, source, tools.clock)
