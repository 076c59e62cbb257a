"""The exams of one target: held on demand and on a pace, and the newest result of the service's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.failure import Failure
from console.domain.golden import GoldenResult
from console.signals.golden import Examiner

KNOWN_FOR = timedelta(minutes=5)

Where = Callable[[], Awaitable[CodeState]]


class Exams:
    """Never raises: an exam that cannot be held is a result without an answer, whose `silence` says why.

    `where` reads the app, whose address is asked where none is configured.
    """

    def __init__(self, settings: TargetSettings, examiner: Examiner, where: Where, clock: Clock) -> None:
        self._settings, self._examiner, self._where, self._clock = settings, examiner, where, clock
        self._state: tuple[datetime, CodeState] | None = None
        self.newest: GoldenResult | None = None

    async def examine(self, revision: Revision | None) -> GoldenResult | None:
        """How `revision`, or the service, does now; None where there are no golden questions."""
        if not self._examiner.configured:
            return None
        whom = revision.name if revision is not None else ""
        try:
            state = await self._app() if revision is None and self._settings.probe.url is None else None
            result = await self._examiner.examine(state, revision)
        except Failure as failure:
            silence = clean(failure.sentence.replace("\n", "; "), 500)
            result = GoldenResult(0, 0, self._clock.now(), whom, silence=silence)
        if result is not None and not whom:
            self.newest = result
        return result

    async def _app(self) -> CodeState:
        now = self._clock.now()
        if self._state is None or now - self._state[0] > KNOWN_FOR:
            self._state = (now, await self._where())
        return self._state[1]
