"""Asks two revisions side by side, each on its own address: an older one that fails alike clears the newer one."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from console.domain.code import CodeState, Condition, Revision
from console.domain.comparison import Comparison, Side
from console.domain.failure import Failure
from console.domain.golden import GoldenResult
from console.domain.snapshot import Snapshot
from console.signals.golden import Examiner
from console.steps.step import Prober

ASKED = 10


@dataclass(frozen=True, slots=True)
class Comparer:
    """Never raises; a revision that cannot be asked from here compares to nothing."""

    prober: Prober
    examiner: Examiner | None = None

    async def compare(self, snapshot: Snapshot) -> Comparison | None:
        """The newest revision that serves and the one to go back to; None where no two may be asked."""
        state = snapshot.code.state
        pair = _pair(state, snapshot) if state is not None else None
        if pair is None:
            return None
        now, then = await asyncio.gather(*(self._side(revision) for revision in pair))
        return Comparison(now, then)

    async def _side(self, revision: Revision) -> Side:
        examining = asyncio.create_task(self._examined(revision))
        samples = await asyncio.gather(*(self.prober.ask_revision(revision) for _ in range(ASKED)))
        golden = await examining
        answered = [sample for sample in samples if sample.answered]
        failed = sum(sample.failed for sample in answered)
        return Side(revision.name, len(answered), failed, golden)

    async def _examined(self, revision: Revision) -> GoldenResult | None:
        with contextlib.suppress(Failure):
            return await self.examiner.examine(None, revision) if self.examiner is not None else None
        return None


def _pair(state: CodeState, snapshot: Snapshot) -> tuple[Revision, Revision] | None:
    """Nothing is woken for a comparison: the older one must be ready."""
    good = snapshot.choice.good
    then = state.find(good.revision) if good is not None else None
    if not state.serving or then is None or then.condition is not Condition.READY:
        return None
    return state.serving[0], then
