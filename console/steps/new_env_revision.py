"""Makes a revision that is the serving one but for its env, such as which model deployment it calls.

In multiple revision mode with named weights it gets no traffic: a shift of its own follows.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.code import CodeState, Condition, Revision
from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.following import accept, by
from console.steps.ready_revision import right, unreachable
from console.steps.step import End, Finding, Ground, Result, World

DEADLINE_S = 300.0
PACE_S = 0.5
SECRET = "secretref:"


@dataclass(frozen=True, slots=True)
class NewEnvRevision:
    """Expects `source` with this template, `latest` as the newest and this mode; leaves `target`, ready.

    `env` are (name, value expected, value left); a value `secretref:NAME` stands for a secret of the app's. `share`
    is the traffic that Azure gives `target` by itself, in percent: with 100 this step turns the layer.
    """

    kind: ClassVar[str] = "new_env_revision"
    app: str
    source: str
    source_short: str
    template: str
    image: str
    latest: str
    mode: str
    target: str
    short: str
    env: tuple[tuple[str, str, str], ...]
    share: int
    layer: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> NewEnvRevision:
        return cls(**{**body, "env": tuple((str(a), str(b), str(c)) for a, b, c in body["env"])})

    @property
    def turns(self) -> bool:
        return self.share == 100

    def record(self) -> StepRecord:
        changes = ", ".join(f"{name} {before or 'unset'} → {after}" for name, before, after in self.env)
        traffic = "" if self.turns else f", {self.share} % of the traffic"
        title = f"new revision {self.short}: {self.source_short} with {changes}{traffic}"
        risk = Risk.REVERSIBLE if self.share == 0 else Risk.SLOW
        makes = ("ready", "turned", "code turned", f"{self.layer} turned") if self.turns else ("ready",)
        body = asdict(self)
        return StepRecord(self.kind, title, self.command, risk, True, body, self.turns, makes, needs=("deployed",))

    async def check(self, world: World) -> Finding:
        state = await world.reader.code_state()
        source = state.find(self.source)
        if state.find(self.target) is not None:
            return Finding(Ground.REACHED, f"{self.short} exists already{by(state)}")
        if source is None:
            return Finding(Ground.MOVED, f"{self.source_short} no longer exists")
        if source.template != self.template:
            return Finding(Ground.MOVED, f"{self.source_short} is not the revision that was shown")
        if state.latest != self.latest:
            return Finding(Ground.MOVED, f"{state.short(state.latest or '?')} was deployed meanwhile{by(state)}")
        if state.mode != self.mode:
            return Finding(Ground.MOVED, f"the app is in {state.mode} revision mode now{by(state)}")
        if share_of_new(state) != self.share:
            return Finding(
                Ground.MOVED, f"a new revision would get {share_of_new(state)} % of the traffic{by(state)}"
            )
        if state.provisioning.lower() == "inprogress":
            return Finding(Ground.UNFIT, f"Azure is still carrying out another change of {self.app}{by(state)}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        template = await world.reader.template(self.source)
        if template is None:
            raise Failure(FailureKind.NOT_FOUND, f"{self.source_short} no longer exists; nothing was sent")
        changed = with_env(template, self.env)
        suffix = self.target.removeprefix(f"{self.app}--")
        if world.actions is not None:
            accept(world, await world.actions.new_revision({**changed, "revisionSuffix": suffix}))

    async def verify(self, world: World) -> Result:
        """Waits until the revision is ready and answers; one that was to carry all the traffic must carry it."""
        ends, told = world.clock.now() + timedelta(seconds=DEADLINE_S), ""
        while world.clock.now() < ends:
            result, detail = await self._look(world)
            if result is not None:
                return result
            if detail and detail != told:
                told = detail
                world.progress(detail)
            await world.clock.sleep(PACE_S)
        end = End.FAILED if self.share == 0 and told else End.UNKNOWN
        return Result(end, f"{self.short} was not ready within {DEADLINE_S:.0f} s: {told or 'Azure says nothing'}")

    async def _look(self, world: World) -> tuple[Result | None, str]:
        try:
            state = await world.reader.code_state()
        except Failure as failure:
            return None, f"cannot read Azure: {failure.sentence}"
        made = state.find(self.target)
        if made is None:
            return None, f"{self.short} does not exist yet"
        env = dict(made.env)
        wrong = [name for name, _, after in self.env if env.get(name, "") != after]
        if wrong or made.image != self.image:
            return Result(End.FAILED, f"{self.short} is not as asked: {', '.join(wrong) or made.image}"), ""
        return await self._answering(world, state, made)

    async def _answering(self, world: World, state: CodeState, made: Revision) -> tuple[Result | None, str]:
        if made.condition is Condition.FAILED:
            return Result(End.FAILED, f"{self.short} fails to start: {made.error or made.running}"), ""
        if made.condition not in (Condition.READY, Condition.SCALED_TO_ZERO):
            return None, f"{self.short} is {made.condition}"
        if state.weight(made.name) < self.share:
            return None, f"{self.short} has {state.weight(made.name)} % of the traffic"
        sample = await world.prober.ask_revision(made)
        if not right(sample) and not (unreachable(sample) and made.replicas > 0):
            return None, f"{self.short} answers {sample.status or sample.error or 'nothing'}"
        world.seen = state
        answer = "answers" if right(sample) else "runs; it cannot be asked from here"
        detail = f"{self.short} {answer}, with {state.weight(made.name)} % of the traffic"
        if self.turns:
            world.tell(Kind.CONFIGURED, detail=detail)
        return Result(End.DONE, detail), ""

    def invert(self) -> None:
        """A revision is left behind by moving the traffic; there is nothing to take back."""
        return None


def share_of_new(state: CodeState) -> int:
    """What Azure gives a new revision by itself, in percent."""
    if state.mode.lower() == "single":
        return 100
    return sum(entry.weight for entry in state.traffic if entry.latest)


def with_env(template: Mapping[str, Any], env: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    """The template with other values in its env, wherever the expected one stands. Raises Failure where it does not.

    A variable that is expected to be unset is added to the first container.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(template))
    containers = [one for one in changed.get("containers") or () if isinstance(one, dict)]
    for name, before, after in env:
        found = [one for part in containers for one in part.get("env") or () if one.get("name") == name]
        if before == "" and not found and containers:
            containers[0]["env"] = [*(containers[0].get("env") or ()), _variable(name, after)]
            continue
        meant = [one for one in found if _value(one) == before]
        if not meant:
            raise Failure(FailureKind.CONFLICT, f"no container has {name} = {before}; nothing was sent")
        for one in meant:
            for key in ("value", "secretRef"):
                one.pop(key, None)
            one.update(_variable(name, after))
    return changed


def _value(variable: Mapping[str, Any]) -> str:
    return f"{SECRET}{variable['secretRef']}" if variable.get("secretRef") else str(variable.get("value") or "")


def _variable(name: str, value: str) -> dict[str, str]:
    if value.startswith(SECRET):
        return {"name": name, "secretRef": value.removeprefix(SECRET)}
    return {"name": name, "value": value}


STEP = NewEnvRevision
