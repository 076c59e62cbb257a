"""The runner: carries out one confirmed plan, records before it acts, and says no more than it saw."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from console.clock import Clock
from console.domain.failure import Failure, FailureKind
from console.domain.intent import Deed
from console.domain.plan import Plan
from console.domain.run import Event, Kind, Outcome
from console.record.database import RecordError
from console.record.incidents import Incidents
from console.record.lease import TERM_S, Lease, LeaseHeld, LeaseLost, Leases
from console.record.run_log import RunLog
from console.steps import revive
from console.steps.step import End, Finding, Ground, Result, Step, World

FENCE_S = 60.0
FENCE_PACE_S = 2.0

_RECORDED = {
    End.DONE: Kind.STEP_DONE,
    End.SKIPPED: Kind.STEP_SKIPPED,
    End.UNPROVEN: Kind.STEP_DONE,
    End.FAILED: Kind.STEP_FAILED,
    End.UNKNOWN: Kind.STEP_UNKNOWN,
}
_PASSING = (FailureKind.UNREACHABLE, FailureKind.THROTTLED)
_OUTCOMES = {End.FAILED: Outcome.FAILED, End.UNKNOWN: Outcome.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run came out, in a word and a sentence; `failure` is the kind of Azure's refusal where that was it."""

    outcome: Outcome
    note: str = ""
    failure: str = ""


class Runner:
    """Executes runs of one target. `world.tell` is set here, so that steps speak into the run log."""

    def __init__(self, log: RunLog, leases: Leases, world: World, clock: Clock) -> None:
        self._log = log
        self._leases = leases
        self._world = world
        self._clock = clock
        self._notes: list[str] = []

    async def execute(self, run: int, plan: Plan, by: str) -> Verdict:
        """Carries out `plan` as run number `run`, confirmed by `by` now; the verdict is recorded and returned."""
        try:
            steps = [revive(record) for record in plan.steps]
        except (ValueError, TypeError) as error:
            return self._end(run, Verdict(Outcome.REFUSED, f"the plan cannot be read: {error}; nothing was sent"))
        body = {"by": by, "digest": plan.digest, "incident": self._incident(plan, by)}
        confirmed = Event(run, Kind.CONFIRMED, self._clock.now(), body=body)
        try:
            lease = self._leases.take(run, by, confirmed)
        except LeaseHeld as held:
            self._say(run, Kind.CONFIRMED, by=by, digest=plan.digest)
            return self._end(run, Verdict(Outcome.REFUSED, str(held)))
        except RecordError as error:
            return self._end(run, Verdict(Outcome.REFUSED, f"{error.sentence}; nothing was sent"))
        keeper = asyncio.create_task(self._keep(lease))
        try:
            verdict = await self._steps(lease, plan, steps)
        except LeaseLost as lost:
            verdict = Verdict(Outcome.FAILED, str(lost))
        except RecordError as error:
            verdict = Verdict(Outcome.FAILED, f"{error.sentence}; nothing more was sent")
        except Exception as error:
            verdict = self._stumbled(run, error)
        finally:
            keeper.cancel()
        with contextlib.suppress(RecordError):
            self._leases.give_back(lease)
        return self._end(run, verdict)

    def _stumbled(self, run: int, error: Exception) -> Verdict:
        """A fault of the runner's own: unknown where something was sent, so that nobody sends it again."""
        told = f"the runner stumbled over {type(error).__name__}"
        if not self._sent(run):
            return Verdict(Outcome.FAILED, f"{told}; nothing was sent")
        return Verdict(Outcome.UNKNOWN, f"{told} after something was sent: look before you act")

    def _incident(self, plan: Plan, by: str) -> int | None:
        """The incident that this run belongs to; the first run opens one, begun at the first breach seen."""
        incidents, now = Incidents(self._log, self._clock), self._clock.now()
        with contextlib.suppress(RecordError):
            current = incidents.current()
            if current is not None or plan.deed not in (Deed.ROLL_BACK, Deed.SWITCH_OFF):
                return current.id if current else None
            seen = [(datetime.fromisoformat(breach.since), breach.signal) for breach in plan.breaches if breach.since]
            began, source = min(seen, default=(now, ""))
            return incidents.begin(began, by, f"first breach of {source}" if source else "the first rollback").id
        return None

    async def prove(self, run: int, plan: Plan, first: int) -> Verdict:
        """Takes up a run that lost its runner at step `first`: only looks, sends nothing."""
        steps = [revive(record) for record in plan.steps]
        unproven: list[str] = []
        for index, step in enumerate(steps[first:], first):
            self._hear(run, index)
            self._world.unsure = index == first
            if plan.steps[index].writes and index > first:
                return self._end(run, Verdict(Outcome.FAILED, f"“{plan.steps[index].title}” was never sent"))
            result = await self._verify(run, index, step)
            if result.end is End.DONE and _all_turned(plan, index):
                self._mark(run, plan)
            if result.end in _OUTCOMES:
                return self._end(run, Verdict(_OUTCOMES[result.end], result.detail))
            unproven += [result.detail] if result.end is End.UNPROVEN else []
        return self._end(run, self._final(unproven))

    async def _steps(self, lease: Lease, plan: Plan, steps: Sequence[Step]) -> Verdict:
        unproven: list[str] = []
        for index, step in enumerate(steps):
            if self._stopping(lease.run):
                self._skip(lease.run, steps, index)
                return Verdict(Outcome.FAILED, f"stopped before “{plan.steps[index].title}”, as asked")
            self._hear(lease.run, index)
            self._say(lease.run, Kind.STARTED, index)
            verdict, result = await self._step(lease, plan, index, step)
            if verdict is not None:
                self._skip(lease.run, steps, index + 1)
                return _standing(plan, index, verdict)
            unproven += [result.detail] if result.end is End.UNPROVEN else []
        return self._final(unproven)

    async def _step(self, lease: Lease, plan: Plan, index: int, step: Step) -> tuple[Verdict | None, Result]:
        """One step: its ground, its one write, its proof. A verdict ends the run."""
        finding = await self._ground(step)
        if finding.ground in (Ground.MOVED, Ground.UNFIT):
            self._say(lease.run, Kind.STEP_FAILED, index, detail=finding.detail)
            return self._refused(lease.run, finding), Result(End.FAILED)
        if finding.detail:
            self._say(lease.run, Kind.FENCED, index, detail=finding.detail)
        if plan.steps[index].writes and finding.ground is Ground.HOLDS:
            failed = await self._write(lease, index, step)
            if failed is not None:
                self._say(lease.run, Kind.STEP_FAILED, index, detail=failed.sentence)
                return Verdict(Outcome.FAILED, failed.sentence, failed.kind), Result(End.FAILED)
        elif plan.steps[index].turns and finding.ground is Ground.REACHED:
            self._notes.append(f"{finding.detail}; nothing was sent")
        result = await self._verify(lease.run, index, step)
        if result.end is End.DONE and _all_turned(plan, index):
            self._mark(lease.run, plan)
        verdict = Verdict(_OUTCOMES[result.end], result.detail) if result.end in _OUTCOMES else None
        return verdict, result

    async def _ground(self, step: Step) -> Finding:
        """Reads the fence afresh, patiently for 60 s where Azure does not answer; else nothing is written."""
        ends = self._clock.now().timestamp() + FENCE_S
        while True:
            try:
                return await step.check(self._world)
            except Failure as failure:
                if failure.kind not in _PASSING or self._clock.now().timestamp() >= ends:
                    return Finding(Ground.UNFIT, f"{failure.sentence}; nothing was sent")
                self._world.progress(f"waiting for Azure: {failure.sentence}")
            await self._clock.sleep(FENCE_PACE_S)

    async def _write(self, lease: Lease, index: int, step: Step) -> Failure | None:
        """Records the intent, then sends once. It returns a failure only where surely nothing changed."""
        record = step.record()
        self._leases.record_intent(lease, index, request=record.command, kind=record.kind)
        self._world.unsure = False
        try:
            await step.apply(self._world)
        except Failure as failure:
            if failure.nothing_changed:
                return failure
            self._world.unsure = True
            self._world.progress(f"{failure.sentence}; reading what came of it")
        return None

    async def _verify(self, run: int, index: int, step: Step) -> Result:
        try:
            result = await step.verify(self._world)
        except Failure as failure:
            result = Result(End.UNKNOWN if step.record().writes else End.FAILED, failure.sentence)
        self._say(run, _RECORDED[result.end], index, detail=result.detail)
        return result

    def _refused(self, run: int, finding: Finding) -> Verdict:
        """Refused where nothing was sent at all; a run that is stopped half-way has failed."""
        if self._sent(run):
            return Verdict(Outcome.FAILED, f"stopped half-way: {finding.detail}; what was sent before stays")
        return Verdict(Outcome.REFUSED, finding.detail)

    def _sent(self, run: int) -> bool:
        with contextlib.suppress(RecordError):
            return any(event.kind is Kind.INTENT for event in self._log.events(run))
        return True

    def _final(self, unproven: Sequence[str]) -> Verdict:
        outcome = Outcome.UNPROVEN if unproven else Outcome.VERIFIED
        return Verdict(outcome, "; ".join((*unproven, *self._notes)))

    def _mark(self, run: int, plan: Plan) -> None:
        """What a rollback went away from is known bad; the run that an undo took back reads undone."""
        with contextlib.suppress(RecordError):
            if plan.deed == Deed.ROLL_BACK:
                for version in plan.origin:
                    self._log.mark(version, False, f"run {run}", "rolled away from")
            if plan.undoes is not None:
                self._log.append(plan.undoes, Kind.OUTCOME, outcome=str(Outcome.UNDONE), note=f"by run {run}")

    def _skip(self, run: int, steps: Sequence[Step], first: int) -> None:
        for index in range(first, len(steps)):
            self._say(run, Kind.STEP_SKIPPED, index, detail="not reached")

    def _stopping(self, run: int) -> bool:
        with contextlib.suppress(RecordError):
            return any(event.kind is Kind.STOPPING for event in self._log.events(run))
        return False

    def _hear(self, run: int, index: int) -> None:
        def tell(kind: Kind, **body: Any) -> None:
            self._say(run, kind, index, **body)

        self._world.tell = tell

    async def _keep(self, lease: Lease) -> None:
        """Renews the lease while the run lasts; a lost lease shows at the next intent."""
        while True:
            await self._clock.sleep(TERM_S / 4)
            with contextlib.suppress(LeaseLost, RecordError):
                self._leases.renew(lease)

    def _say(self, run: int, kind: Kind, step: int | None = None, **body: Any) -> None:
        """Appends what was seen; a log that takes nothing any more must not end a run that was sent."""
        with contextlib.suppress(RecordError):
            self._log.append(run, kind, step, **body)

    def _end(self, run: int, verdict: Verdict) -> Verdict:
        self._say(run, Kind.OUTCOME, outcome=str(verdict.outcome), note=verdict.note, failure=verdict.failure)
        return verdict


def _all_turned(plan: Plan, index: int) -> bool:
    """Whether with this step the last of the plan's writes that turn a layer is done."""
    return plan.steps[index].turns and not any(step.turns for step in plan.steps[index + 1 :])


def _standing(plan: Plan, index: int, verdict: Verdict) -> Verdict:
    """Where a plan of several layers ended half-way: what is done, and what is not."""
    done = [step.title for step in plan.steps[:index] if step.turns]
    left = [step.title for step in plan.steps[index:] if step.turns]
    if not done or not left:
        return verdict
    return replace(verdict, note=f"{verdict.note}; done: {', '.join(done)}; not done: {', '.join(left)}")
