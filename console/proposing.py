"""From an intent to a plan: what must be read afresh, looked at and asked before anybody is shown it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from console import feature
from console.clock import Clock
from console.config.settings import TargetSettings
from console.domain.code import CodeState
from console.domain.failure import Failure
from console.domain.golden import GoldenResult
from console.domain.good import choose
from console.domain.intent import FEATURE, Intent
from console.domain.plan import Plan
from console.domain.signal import Sample
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from console.layers import kind_of
from console.observe import Observer
from console.plan import Findings, concerned, make
from console.target import Clients

EXAM_S = 4.0
KNOWN_S = 120.0


class Unreachable(Exception):
    """The outside gave no fresh state; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Proposer:
    """Makes plans from the latest snapshot, or from a fresh reading."""

    def __init__(self, settings: TargetSettings, clients: Clients, observer: Observer, clock: Clock) -> None:
        self._settings, self._clients, self._observer, self._clock = settings, clients, observer, clock

    def draft(self, intent: Intent, known: Findings) -> Plan:
        """The plan that the latest snapshot gives, without any reading. Raises NothingToDo."""
        snapshot = self._observer.snapshot
        return make(self._settings, snapshot, intent, self._with_memory(known, snapshot))

    async def propose(self, intent: Intent, known: Findings) -> Plan:
        """The plan from a fresh reading of the layers it concerns. Raises Unreachable or NothingToDo."""
        if intent.layer == FEATURE:
            return await self._of_the_feature(intent, known)
        snapshot = await self._fresh(intent)
        known = self._with_memory(known, snapshot)
        drafted = make(self._settings, snapshot, intent, known)
        state = snapshot.code.state
        looked, answer, may_write, golden = await asyncio.gather(
            self._looked(snapshot, intent),
            self._answer(state, drafted),
            self._clients.reader.allows("Microsoft.App/containerApps/write"),
            self._examined(state, drafted),
        )
        findings = replace(
            known,
            answer=answer,
            path=self._clients.prober.path,
            may_write=may_write,
            looked=looked,
            golden={**known.golden, **golden},
        )
        fixed = intent if intent.layer != "code" else replace(intent, to=intent.to or drafted.goal)
        return make(self._settings, snapshot, fixed, findings)

    async def _of_the_feature(self, intent: Intent, known: Findings) -> Plan:
        """Switching off wants nothing of Azure: it must be had where Azure does not answer."""
        looked = {FEATURE: await feature.look(self._settings)}
        snapshot = replace(self._observer.snapshot, at=self._clock.now())
        return make(self._settings, snapshot, intent, replace(known, looked=looked))

    async def _fresh(self, intent: Intent) -> Snapshot:
        """The latest snapshot, with the code and the concerned layers read anew."""
        latest = self._observer.snapshot
        wanted = concerned(self._settings, latest, intent)
        try:
            state, *others = await asyncio.gather(
                self._clients.reader.code_state(),
                *(self._clients.doors[name].observe(latest.code.state) for name in wanted),
            )
        except Failure as failure:
            raise Unreachable(failure.sentence) from failure
        now = self._clock.now()
        read = {name: _layer(name, one, state, now) for name, one in zip(wanted, others, strict=True)}
        return replace(
            latest,
            at=now,
            code=Layer(LayerStatus.OK, state, now),
            layers={**latest.layers, **read},
            choice=choose(state, latest.history),
        )

    async def _looked(self, snapshot: Snapshot, intent: Intent) -> Mapping[str, Any]:
        """What each concerned layer's door looks at for this plan alone."""
        wanted = concerned(self._settings, snapshot, intent)
        try:
            found = await asyncio.gather(
                *(self._clients.doors[name].look(snapshot, replace(intent, layer=name)) for name in wanted)
            )
        except Failure as failure:
            raise Unreachable(failure.sentence) from failure
        return dict(zip(wanted, found, strict=True))

    async def _answer(self, state: CodeState | None, plan: Plan) -> Sample | None:
        """What the revision that the plan goes to answers on its own address."""
        revision = _goal(state, plan)
        if revision is None or not revision.active:
            return None
        with contextlib.suppress(asyncio.TimeoutError):
            return await self._clients.prober.ask_revision(revision)
        return None

    async def _examined(self, state: CodeState | None, plan: Plan) -> dict[str, GoldenResult]:
        """The golden questions put to the revision that the plan goes to, for a few seconds at most."""
        revision, examiner = _goal(state, plan), self._clients.examiner
        if examiner is None or revision is None or not revision.active:
            return {}
        found: GoldenResult | None = None
        with contextlib.suppress(TimeoutError, Failure):
            async with asyncio.timeout(EXAM_S):
                found = await examiner.examine(state, revision)
        return {revision.name: found} if found is not None else {}

    def _with_memory(self, known: Findings, snapshot: Snapshot) -> Findings:
        return replace(known, golden=self._remembered(snapshot), spans=self._observer.changed.spans())

    def _remembered(self, snapshot: Snapshot) -> dict[str, GoldenResult]:
        """What was asked lately: the service under the empty name, and each side of a comparison."""
        found = {"": snapshot.golden} if snapshot.golden is not None else {}
        compared = self._observer.comparison
        for side in (compared.now, compared.then) if compared is not None else ():
            if side.golden is not None:
                found[side.revision] = side.golden
        now = self._clock.now()
        return {name: one for name, one in found.items() if (now - one.at).total_seconds() <= KNOWN_S}


def _layer(name: str, state: Any, code: CodeState, now: Any) -> Layer[Any]:
    return Layer(LayerStatus.OK, kind_of(name).beside(state, code), now)


def _goal(state: CodeState | None, plan: Plan) -> Any:
    """The revision that some step of the plan gives the traffic to; None where none does."""
    if state is None:
        return None
    targets: Iterable[str] = (str(step.body.get("target", "")) for step in plan.steps if step.kind == "shift_traffic")
    return next((revision for name in targets if (revision := state.find(name)) is not None), state.find(plan.goal))
