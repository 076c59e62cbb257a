"""Random troubles at random times, in virtual time: whatever happens, a runner keeps its promises.

A failing seed replays alone: `pytest tests/engine/test_fault_schedules.py -k "seed-17"`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from console.clock import LoopClock
from console.domain.run import Event, Kind, Outcome
from console.exits import Exit, exit_for
from console.record.lease import Leases
from console.simulator.world import Fault
from tests.engine.played import START, V40, V41, V42, Played, play

ORDINARY = 70
MANY = 3000
LONGEST_S = 900
SCENARIOS = ("bad-image", "bad-image", "slow-start", "crash-loop", "stuck-operation", "healthy", "purged-target")


@dataclass
class Schedule:
    """What will go wrong, and what of it makes the end differ from what was proven in between."""

    seed: int
    scenario: str
    story: list[str] = field(default_factory=list)
    acts: list[tuple[float, Callable[[Played], None]]] = field(default_factory=list)
    meddled: bool = False
    blurred: bool = False

    @property
    def goal(self) -> str:
        return V40 if self.scenario == "purged-target" else V41

    def at(self, when: float, what: str, act: Callable[[Played], None]) -> None:
        self.story.append(f"{when:.1f} s: {what}")
        self.acts.append((when, act))

    def begin(self, played: Played) -> None:
        """What has gone wrong by the time the run begins."""
        for when, act in self.acts:
            if when <= 0:
                act(played)

    async def go_on(self, played: Played) -> None:
        started = asyncio.get_running_loop().time()
        for when, act in sorted((one for one in self.acts if one[0] > 0), key=lambda one: one[0]):
            await asyncio.sleep(max(0.0, started + when - asyncio.get_running_loop().time()))
            act(played)


def schedule(seed: int) -> Schedule:
    """A scenario and up to five troubles; each lasts a while, or hits a few requests."""
    source = random.Random(seed)
    made = Schedule(seed, source.choice(SCENARIOS))
    for _ in range(source.randint(0, 5)):
        source.choice(TROUBLES)(made, source)
    return made


def _when(source: random.Random) -> float:
    return source.choice([0.0, 0.0, source.uniform(0.01, 3), source.uniform(3, 15), source.uniform(15, 90)])


def _fault(made: Schedule, source: random.Random, name: str, **params: Any) -> None:
    when, lasts = (
        _when(source),
        source.choice([source.uniform(0.1, 5), source.uniform(5, 40), source.uniform(40, 400)]),
    )
    count = source.choice([None, None, 1, 2, 5])
    where = {key: params.pop(key) for key in ("method", "contains", "door") if key in params}
    fault = Fault(name, count=count, params=params, **where)

    def begin(played: Played) -> None:
        played.change(replace(played.stage.world, faults=(*played.stage.world.faults, fault)))

    def end(played: Played) -> None:
        kept = tuple(one for one in played.stage.world.faults if (one.name, one.params) != (name, params))
        played.change(replace(played.stage.world, faults=kept))

    made.at(when, f"{name} {where} {params} x{count}", begin)
    made.at(when + lasts, f"{name} ends", end)


def _azure_refuses(made: Schedule, source: random.Random) -> None:
    name, params = source.choice(
        [
            ("throttle", {}),
            ("throttle", {"retry_after": source.choice([1, 30, 3600])}),
            ("conflict", {}),
            ("unauthorized", {"claims": "e30="}),
            ("error", {"status": source.choice([400, 403, 404, 408, 409, 412, 500, 501, 502, 503, 504, 307])}),
            ("forbidden", {"action": source.choice(["*/write", "*/activate/action", "*/read"])}),
        ]
    )
    method = {} if name in ("conflict", "forbidden") else {"method": source.choice(["GET", "PATCH", "POST"])}
    _fault(made, source, name, **params, **method)


def _answers_get_lost(made: Schedule, source: random.Random) -> None:
    name = source.choice(["cut-before", "cut-after", "refused", "error"])
    params: dict[str, Any] = {"method": source.choice(["PATCH", "POST", "GET"])} if name != "cut-after" else {}
    if name == "error":
        params |= {"status": source.choice([500, 502, 503, 504]), "took_effect": True}
    _fault(made, source, name, **params)


def _azure_is_slow(made: Schedule, source: random.Random) -> None:
    _fault(made, source, "latency", seconds=source.choice([0.2, 2, 12, 70, 600]))


def _operation_hangs(made: Schedule, source: random.Random) -> None:
    _fault(made, source, "hang-operation", effect=source.random() < 0.5)


def _health_flaps(made: Schedule, source: random.Random) -> None:
    _fault(made, source, "flap-health")


def _service_suffers(made: Schedule, source: random.Random) -> None:
    made.blurred = True
    name, params = source.choice(
        [("refused", {}), ("error", {"status": 500}), ("error", {"status": 403}), ("latency", {"seconds": 3})]
    )
    _fault(made, source, name, door="service", **params)


def _somebody_moves_traffic(made: Schedule, source: random.Random) -> None:
    made.meddled = True
    target = source.choice([V40, V41, V42])

    def act(played: Played) -> None:
        if played.app.revision(target) is not None:
            played.fault("move", 1, traffic=[{"weight": 100, "revisionName": target}], by="bob")

    made.at(_when(source), f"bob moves all to {target}", act)


def _revision_changes(made: Schedule, source: random.Random) -> None:
    made.meddled = True
    name = source.choice([V40, V41, V42])
    change = source.choice(
        [
            {"active": False, "answers": False, "running": "Stopped", "replicas": 0},
            {"answers": False, "running": "Failed", "provisioning": "Failed", "problem": "crashing"},
            {"running": "Deprovisioning"},
            {"replicas": 0},
        ]
    )

    def act(played: Played) -> None:
        if played.app.revision(name) is not None:
            played.change_revision(name, **change)

    made.at(_when(source), f"{name} becomes {change}", act)


def _revision_is_purged(made: Schedule, source: random.Random) -> None:
    made.meddled = True
    name = source.choice([V40, V41, V42])

    def act(played: Played) -> None:
        played.change_app(revisions=tuple(one for one in played.app.revisions if one.name != name))

    made.at(_when(source), f"{name} is purged", act)


def _mode_changes(made: Schedule, source: random.Random) -> None:
    made.meddled = True

    def act(played: Played) -> None:
        played.change_app(mode="Single", configuration={**played.app.configuration, "activeRevisionsMode": "Single"})

    made.at(_when(source), "single mode", act)


def _lease_is_taken_over(made: Schedule, source: random.Random) -> None:
    def act(played: Played) -> None:
        """Another console takes over, as it may once a lease has run out."""
        log = played.log
        log.transact(lambda execute: execute("UPDATE lease SET expires = ''"))
        other = log.prepare("pharmabot")
        Leases(log, LoopClock(START)).take(other, "bob", Event(other, Kind.CONFIRMED, LoopClock(START).now()))

    made.at(max(0.5, _when(source)), "the lease is taken over", act)


def _ingress_lags(made: Schedule, source: random.Random) -> None:
    lag_s = source.choice([13, 30, 60, 500])

    def act(played: Played) -> None:
        settings = played.stage.world.settings
        slower = replace(settings, timings=replace(settings.timings, traffic_reaches_s=lag_s))
        played.change(replace(played.stage.world, settings=slower))

    made.at(0.0, f"the ingress obeys after {lag_s} s", act)


TROUBLES: tuple[Callable[[Schedule, random.Random], None], ...] = (
    _azure_refuses,
    _azure_refuses,
    _answers_get_lost,
    _answers_get_lost,
    _azure_is_slow,
    _operation_hangs,
    _ingress_lags,
    _ingress_lags,
    _health_flaps,
    _service_suffers,
    _somebody_moves_traffic,
    _revision_changes,
    _revision_is_purged,
    _mode_changes,
    _lease_is_taken_over,
)


def check(made: Schedule) -> None:
    """Plays a schedule and holds every promise of design section 6 against it."""
    mark = None if made.scenario == "purged-target" else V41
    played = play(made.scenario, before=made.begin, meanwhile=made.go_on, mark=mark)
    told = "\n".join([f"seed {made.seed}, {made.scenario}", *made.story, f"-> {played.outcome}: {played.note}"])
    assert played.took_s <= LONGEST_S, told
    _writes_are_few_and_recorded_first(played, told)
    _traffic_goes_where_somebody_is(made, played, told)
    _claims_are_true(made, played, told)
    _the_log_is_whole(played, told)


def _writes_are_few_and_recorded_first(played: Played, told: str) -> None:
    assert {one.method for one in played.sent} <= {"PATCH", "POST"}, told
    assert len(played.patches) <= 1, told
    assert len(played.sent) <= 2, told
    intents = played.kinds.count(Kind.INTENT)
    assert len(played.sent) <= intents, told
    for number, one in enumerate(played.sent, intents - len(played.sent) + 1):
        assert one.intents == number, told
        assert one.epochs[0] == one.epochs[1], told


def _traffic_goes_where_somebody_is(made: Schedule, played: Played, told: str) -> None:
    for one in played.patches:
        entries = one.body["properties"]["configuration"]["ingress"]["traffic"]
        assert set(one.body) == {"properties"}, told
        assert set(one.body["properties"]) == {"configuration"}, told
        assert sum(entry["weight"] for entry in entries) == 100, told
        assert [entry["revisionName"] for entry in entries if entry["weight"]] == [made.goal], told
        assert one.revisions.get(made.goal, {}).get("active"), told


def _claims_are_true(made: Schedule, played: Played, told: str) -> None:
    claimed = dict(played.claims)
    if Kind.SERVING in claimed and not made.blurred:
        assert claimed[Kind.SERVING] == (made.goal,), told
    if played.outcome is Outcome.VERIFIED:
        assert Kind.SERVING in claimed, told
        assert not played.plan or not played.plan.breaches or Kind.RECOVERED in claimed, told
        if not made.meddled:
            assert played.who_serves() == (made.goal,), told
    if played.outcome is Outcome.REFUSED:
        assert played.patches == [], told
    if "nothing was sent" in played.note:
        assert not [one for one in played.patches if one.arrived], told
    expected = {
        Outcome.VERIFIED: Exit.DONE,
        Outcome.UNPROVEN: Exit.DONE,
        Outcome.REFUSED: Exit.REFUSED,
        Outcome.FAILED: Exit.FAILED,
        Outcome.UNKNOWN: Exit.UNKNOWN,
    }
    assert exit_for(played.outcome) is expected[played.outcome], told
    assert played.outcome is not Outcome.UNKNOWN or played.sent, told


def _the_log_is_whole(played: Played, told: str) -> None:
    events = played.events
    assert [event.seq for event in events] == sorted({event.seq for event in events}), told
    assert [event.at for event in events] == sorted(event.at for event in events), told
    assert played.kinds.count(Kind.OUTCOME) == 1, told
    assert played.kinds[-1] is Kind.OUTCOME, told
    assert played.run.outcome is played.outcome, told
    if Kind.STEP_UNKNOWN in played.kinds:
        after = played.kinds[played.kinds.index(Kind.STEP_UNKNOWN) :]
        assert Kind.INTENT not in after, told


@pytest.mark.parametrize("seed", range(ORDINARY), ids=lambda seed: f"seed-{seed}")
def test_a_runner_keeps_its_promises_under_random_troubles(seed: int) -> None:
    check(schedule(seed))


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(ORDINARY, MANY, 60), ids=lambda first: f"from-{first}")
def test_a_runner_keeps_its_promises_under_thousands_of_random_troubles(hundred: int) -> None:
    for seed in range(hundred, hundred + 60):
        check(schedule(seed))
