"""A desk that follows a script, and the things it shows: for tests of the screens, and to look at them alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.domain.code import CodeState, Revision
from console.domain.decision import Leaf
from console.domain.good import Choice, History, Mark, choose
from console.domain.incident import Incident
from console.domain.intent import Deed, Intent, Way
from console.domain.plan import Breach, Note, Plan, Refusal, Risk, Shift, StepRecord
from console.domain.run import Outcome, Run, StepState, StepView
from console.domain.signal import SignalReading, SignalState, Trigger
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot
from console.domain.traffic import TrafficEntry
from console.emergency import Option
from console.offers import Offer
from tests.screens.guided import OPTIONS, Filled, ScriptedGuide

NOW = datetime(2025, 11, 21, 3, 12, 7, tzinfo=UTC)
TARGET = "pharmabot"
BY_HAND = (
    "az containerapp ingress traffic set -n pharmabot -g pharmabot-rg \\\n"
    "  --subscription 00000000-0000-0000-0000-000000000000 \\\n"
    "  --revision-weight pharmabot--v41=100 pharmabot--v42=0"
)


def revision(name: str, created: timedelta, **changes: object) -> Revision:
    body: dict[str, object] = {
        "name": f"{TARGET}--{name}",
        "active": True,
        "health": "Healthy",
        "running": "Running",
        "provisioning": "Provisioned",
        "replicas": 1,
        "image": f"acr.io/pharmabot:2025.11.{name}",
        "created": NOW - created,
    }
    return Revision(**{**body, **changes})  # type: ignore[arg-type]


def code_state(*revisions: Revision, traffic: tuple[TrafficEntry, ...] = ()) -> CodeState:
    rows = revisions or (
        revision(
            "v42", timedelta(minutes=12), health="Unhealthy", replicas=3, image="acr.io/pharmabot:2025.11.21-bad"
        ),
        revision("v41", timedelta(days=2)),
        revision("v40", timedelta(days=9), active=False, replicas=0, health="None", running="Stopped"),
    )
    shares = traffic or (
        TrafficEntry(100, f"{TARGET}--v42"),
        TrafficEntry(0, f"{TARGET}--v41", label="blue"),
    )
    return CodeState(
        app=TARGET,
        mode="Multiple",
        provisioning="Succeeded",
        running="Running",
        fqdn="pharmabot.example.test",
        external=True,
        traffic=shares,
        revisions=rows,
        latest=rows[0].name,
    )


def breached(value: float = 21.0) -> SignalReading:
    trigger = Trigger("5xx")
    state = SignalState.BREACHED if value > 5 else SignalState.OK
    history = (0.0, 0.0, 1.0, 4.0, 18.0, value)
    return SignalReading("5xx", "probe", "%", value, 48, NOW - timedelta(seconds=2), state, trigger, history)


def snapshot(state: CodeState | None = None, **changes: object) -> Snapshot:
    code = state or code_state()
    mark = Mark(f"{TARGET}--v41", True, "bob", NOW - timedelta(days=2))
    history = History({mark.version: mark})
    made = Snapshot(
        target=TARGET,
        environment=Environment.PRODUCTION,
        at=NOW,
        code=Layer(LayerStatus.OK, code, NOW - timedelta(seconds=3)),
        signals=(breached(),),
        history=history,
        choice=choose(code, history),
        identity="alice@contoso.com",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def plan(**changes: object) -> Plan:
    body: dict[str, object] = {
        "target": TARGET,
        "environment": "production",
        "layer": "code",
        "app": TARGET,
        "origin": (f"{TARGET}--v42",),
        "goal": f"{TARGET}--v41",
        "grade": "marked",
        "reason": "marked good by bob",
        "title": "Roll back code → v41",
        "differences": ("image 2025.11.21-bad → 2025.11.v41",),
        "steps": (
            StepRecord("ready_revision", "v41 answers on its own address", "", Risk.REVERSIBLE, False, {}),
            StepRecord("shift_traffic", "traffic → v41 100 %", BY_HAND, Risk.REVERSIBLE, True, {}, turns=True),
            StepRecord("prove_serving", "serving: 66 answers in a row from v41", "", Risk.REVERSIBLE, False, {}),
            StepRecord("see_recovery", "recovered: 5xx under 5 %", "", Risk.REVERSIBLE, False, {}),
        ),
        "shifts": (
            Shift(f"{TARGET}--v41", 0, 100, "ready"),
            Shift(f"{TARGET}--v42", 100, 0, "Running"),
        ),
        "checked": (Note("v41 is active with 1 replica"),),
        "unknown": ("the answers' quality: not measured (no golden questions)",),
        "stays": ("v42 keeps running at 0 % and consumes servicebus:ingest",),
        "afterwards": ("new revisions get 0 % of the traffic until it is unpinned",),
        "breaches": (Breach("5xx", 21.0, "%", Trigger("5xx")),),
        "by_hand": BY_HAND,
    }
    return Plan(**{**body, **changes})  # type: ignore[arg-type]


def fresh_plan(**changes: object) -> Plan:
    """What a fresh reading adds: the target was asked."""
    notes = (Note("v41 answers /health/ready in 0.2 s"), Note("v41 is active with 1 replica"))
    return plan(**{"checked": notes, **changes})


def run(number: int = 18, **changes: object) -> Run:
    made = Run(
        id=number,
        target=TARGET,
        plan=fresh_plan(),
        confirmed_at=NOW - timedelta(seconds=9),
        by="alice",
        ready=True,
        fence="nothing moved since you confirmed",
        steps=(
            StepView("v41 answers on its own address", "", StepState.DONE, "", 0.1, 0.3),
            StepView("traffic → v41 100 %", BY_HAND, StepState.RUNNING, "accepted after 0.4 s, InProgress", 0.3),
            StepView("serving: 66 answers in a row from v41", ""),
            StepView("recovered: 5xx under 5 %", ""),
        ),
        accepted_s=0.4,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def verified(number: int = 18, **changes: object) -> Run:
    steps = tuple(replace(step, state=StepState.DONE, started_s=1.0, ended_s=3.5) for step in run().steps)
    times = {"accepted_s": 0.4, "configured_s": 2.1, "serving_s": 8.8, "recovered_s": 13.9, "ended_s": 14.0}
    ended = {"steps": steps, "outcome": Outcome.VERIFIED, "confirmed_at": NOW - timedelta(minutes=1), **times}
    return run(number, **{**ended, **changes})


@dataclass
class ScriptedRunner:
    """A runner that does nothing but remember."""

    run_id: int
    desk: ScriptedDesk
    offered: list[Plan] = field(default_factory=list)
    went: bool = False
    dismissed: bool = False
    alive: bool = True

    def offer(self, plan: Plan) -> None:
        self.offered.append(plan)

    def go(self) -> None:
        self.went = True
        self.desk.log[self.run_id] = run(self.run_id, plan=self.offered[-1])

    def dismiss(self) -> None:
        self.dismissed = True
        self.alive = False


GO_BACK = Intent()


def _wanted(plan: Plan, intent: Intent) -> Plan:
    """The layer's plan, to another version where one is wanted."""
    if intent.to is None:
        return plan
    goal = f"{intent.item} {intent.to}" if intent.item else intent.to
    return replace(plan, goal=goal, title=f"Roll back {intent.layer} → {goal}")


def _to(plan: Plan, goal: str) -> Plan:
    return replace(plan, goal=goal, title=f"Roll back code → {goal.removeprefix(f'{TARGET}--')}")


class ScriptedDesk:
    """A desk whose answers come when the test says so: `fresh` is what a proposal returns, or raises."""

    def __init__(self, shown: Snapshot | None = None) -> None:
        self.shown = shown or snapshot()
        self.target = self.shown.target
        self.environment = self.shown.environment
        self.read_only = False
        self.coordination = "only you, this machine"
        self.survives_logout = "yes"
        self.state_note = ""
        self.drafted: Plan | None = plan()
        self.fresh: Plan | Exception = fresh_plan()
        self.proposal_may_come = asyncio.Event()
        self.runner_is_ready = True
        self.refusal: Exception | None = None
        self.runners: list[ScriptedRunner] = []
        self.log: dict[int, Run] = {}
        self.usual: tuple[float, ...] = ()
        self.stopped: list[int] = []
        self.bypass = ""
        self.script: Path | None = None
        self.began: list[Incident] = []
        self.marked: list[tuple[str, bool, str]] = []
        self.record_refuses: Exception | None = None
        self.ways_drafted: dict[str, Plan] = {}
        self.deeds: dict[str, Plan | str] = {}
        self.layered: dict[str, Plan | str] = {}
        self.intents: list[Intent] = []
        self.texts: dict[str, str | Exception] = {}
        self.asked_texts: list[str] = []
        self.text_may_come = asyncio.Event()
        self.text_may_come.set()
        self.spans: tuple[object, ...] = ()
        self.exported: list[tuple[str, str, Path]] = []
        self.export_refuses: Exception | None = None
        self.offered_after: tuple[Offer, ...] = ()
        self.guide = ScriptedGuide(lambda: self.began)
        self.book: Filled | Exception = Filled()
        self.ways_out: tuple[Option, ...] | Exception = OPTIONS
        self.lost: set[int] = set()
        self.taken: list[int] = []
        self.show_code: Callable[[object], None] = lambda code: None
        self.closed = False
        self._news: asyncio.Queue[Snapshot] = asyncio.Queue()
        self.proposal_may_come.set()

    @property
    def snapshot(self) -> Snapshot:
        return self.shown

    def publish(self, snapshot: Snapshot) -> None:
        self.shown = snapshot
        self._news.put_nowait(snapshot)

    async def watch(self) -> AsyncIterator[Snapshot]:
        yield self.shown
        while True:
            yield await self._news.get()

    def refresh(self) -> None:
        return None

    def draft(self, intent: Intent = GO_BACK) -> Plan | None:
        if intent.deed != Deed.ROLL_BACK:
            planned = self.deeds.get(intent.deed)
            return planned if isinstance(planned, Plan) else None
        if intent.layer != "code":
            planned = self.layered.get(intent.layer)
            return _wanted(planned, intent) if isinstance(planned, Plan) else None
        if intent.way is not None:
            return self.ways_drafted.get(intent.way)
        to = intent.to
        if to is None or self.drafted is None:
            return self.drafted if self.shown.choice.good else None
        return _to(self.drafted, to) if self.shown.code.state.weight(to) < 100 else None

    def why_not(self, intent: Intent = GO_BACK) -> str:
        planned = self.deeds.get(intent.deed, "") if intent.deed != Deed.ROLL_BACK else ""
        if isinstance(planned, str) and intent.deed != Deed.ROLL_BACK:
            return planned or "nothing can be planned"
        if intent.layer != "code" and intent.deed == Deed.ROLL_BACK:
            known = self.layered.get(
                intent.layer, "nothing changed" if intent.layer == "all" else "it serves already"
            )
            return known if isinstance(known, str) else ""
        plan = self.draft(intent)
        if plan is None:
            return f"{(intent.to or '').removeprefix(f'{TARGET}--')} has all the traffic already"
        return plan.refused.sentence if plan.refused else ""

    async def propose(self, intent: Intent = GO_BACK) -> Plan:
        to = intent.to
        self.intents.append(intent)
        await self.proposal_may_come.wait()
        if intent.deed != Deed.ROLL_BACK or intent.way is not None or intent.layer != "code":
            planned = self.draft(intent)
            assert planned is not None
            return planned
        if isinstance(self.fresh, Exception):
            raise self.fresh
        return _to(self.fresh, to) if to else self.fresh

    def prepare(self) -> ScriptedRunner:
        if self.refusal is not None:
            raise self.refusal
        runner = ScriptedRunner(18 + len(self.runners), self)
        self.runners.append(runner)
        return runner

    def run(self, run_id: int) -> Run | None:
        if run_id in self.log:
            return self.log[run_id]
        known = any(runner.run_id == run_id for runner in self.runners)
        return Run(run_id, self.target, ready=self.runner_is_ready) if known else None

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        return tuple(sorted(self.log.values(), key=lambda run: -run.id))[:limit]

    def usual_s(self, layer: str = "code") -> tuple[float, ...]:
        return self.usual

    @property
    def incident(self) -> Incident | None:
        return self.began[-1] if self.began else None

    def incidents(self) -> tuple[Incident, ...]:
        return tuple(reversed(self.began))

    def begin_incident(self, began: datetime, note: str = "") -> Incident:
        if self.record_refuses is not None:
            raise self.record_refuses
        self.began.append(Incident(len(self.began) + 1, NOW, began, "alice", "said by the operator", note))
        return self.began[-1]

    def mark(self, version: str, good: bool, reason: str = "") -> None:
        if self.record_refuses is not None:
            raise self.record_refuses
        self.marked.append((version, good, reason))

    def offers(self, run: Run) -> tuple[Offer, ...]:
        return self.offered_after

    def emergency(self) -> tuple[Option, ...]:
        if isinstance(self.ways_out, Exception):
            raise self.ways_out
        return self.ways_out

    def runbook(self, leaf: Leaf, by_hand: str = "") -> Filled:
        if isinstance(self.book, Exception):
            raise self.book
        return self.book

    def observed(self) -> tuple[object, ...]:
        return self.spans

    async def passage(self, layer: str, item: str, version: str) -> str:
        self.asked_texts.append(version)
        await self.text_may_come.wait()
        found = self.texts.get(version, f"the text of {item} {version}")
        if isinstance(found, Exception):
            raise found
        return found

    async def export_calls(self, item: str, version: str, path: Path) -> int:
        if self.export_refuses is not None:
            raise self.export_refuses
        self.exported.append((item, version, path))
        return 2113

    def reconcile(self) -> tuple[int, ...]:
        return tuple(number for number in sorted(self.lost) if self.take_up(number))

    def take_up(self, run_id: int) -> bool:
        self.taken.append(run_id)
        self.lost.discard(run_id)
        return True

    def taken_up(self, run_id: int) -> Run | None:
        return self.run(run_id)

    def attended(self, run_id: int) -> bool:
        return run_id not in self.lost

    def stop(self, run_id: int) -> None:
        self.stopped.append(run_id)
        self.log[run_id] = replace(self.log[run_id], stopping=True)

    async def close(self) -> None:
        self.closed = True


def refused(sentence: str, overridable: bool = False) -> Plan:
    return fresh_plan(refusals=(Refusal(sentence, overridable),))


def nothing_good(why: str = "v42 is the only revision that exists") -> Snapshot:
    return snapshot(choice=Choice(None, why), history=History())


def copy_or_switch(way: str = "copy") -> Plan:
    """The plan for an app in single revision mode, which has two ways."""
    ways = (
        Way("copy", "copy the old revision as a new one", "single revision mode: slower, with the current secrets"),
        Way("switch-mode", "switch to multiple revision mode, then move the traffic", "the mode stays changed"),
    )
    return fresh_plan(way=way, ways=ways)


def _play() -> int:
    """Looks at the screens without an engine: python -m tests.screens.scripted_desk."""
    from screens.app import run as run_app

    desk: list[ScriptedDesk] = []

    def build(show_code: Callable[[object], None]) -> ScriptedDesk:
        made = ScriptedDesk()
        made.usual = (14.0, 12.0, 17.0, 14.0, 13.0)
        made.log = {17: verified(17), 16: verified(16, outcome=Outcome.FAILED, note="5xx is still 19 %")}
        if os.environ.get("ROLLBACK_OPEN"):
            made.log[18] = run(18)
        desk.append(made)
        return made

    return run_app(build, first=None)


if __name__ == "__main__":
    raise SystemExit(_play())
