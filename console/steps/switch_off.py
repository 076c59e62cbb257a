"""Switches the feature off: the team's own command, once; proven only where a command of the team's can show it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from console.domain.failure import Failure, FailureKind
from console.domain.plan import Risk, StepRecord
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World
from console.stores.commands import Exited, exited, words

CHECK_S = 10.0
PROOF_S = 60.0
PACE_S = 2.0
ACCEPTED = "exit 0"


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Expects nothing but that `check`, where there is one, does not end with 0; leaves it ending with 0.

    `command` runs in the folder `home` without a shell, for `timeout_s` at most. `title` says what is switched off.
    """

    kind: ClassVar[str] = "switch_off"
    title: str
    command: str
    check_command: str
    home: str
    timeout_s: float

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> SwitchOff:
        return cls(**body)

    @property
    def by_hand(self) -> str:
        return f"cd {shlex.quote(self.home)} && {self.command}" if self.home else self.command

    def record(self) -> StepRecord:
        title, makes = f"switch {self.title} off", ("turned", "feature turned")
        return StepRecord(self.kind, title, self.by_hand, Risk.REVERSIBLE, True, asdict(self), True, makes)

    async def check(self, world: World) -> Finding:
        """A check that cannot be asked keeps nobody from switching off."""
        try:
            off = await off_now(self.check_command, self.home)
        except Failure as failure:
            return Finding(Ground.HOLDS, f"whether it is off already is not known: {failure.sentence}")
        if off:
            return Finding(Ground.REACHED, f"{self.title} is off already: {self.check_command} ends with 0")
        return Finding(Ground.HOLDS, "it is not off yet" if self.check_command else "")

    async def apply(self, world: World) -> None:
        if world.actions is None:
            raise Failure(FailureKind.NOT_ALLOWED, "this console cannot write: nothing was switched off")
        ended = await exited(words(self.command), self.home, self.timeout_s)
        if ended.code != 0:
            raise Failure(FailureKind.UNKNOWN, _badly(self.command, ended, self.timeout_s))
        world.operation = ACCEPTED
        world.tell(Kind.ACCEPTED, detail="the command ended with 0")

    async def verify(self, world: World) -> Result:
        """Asks the check, for a while; without one only the command's own exit is known."""
        if not self.check_command:
            if world.operation != ACCEPTED:
                return Result(
                    End.UNKNOWN, f"whether {self.title} is off is not known: its command did not end with 0"
                )
            return Result(End.UNPROVEN, f"{self.title}: the command ended with 0; no kill_switch.check can show it")
        ends, said = world.clock.now() + timedelta(seconds=PROOF_S), ""
        while True:
            try:
                if await off_now(self.check_command, self.home):
                    world.tell(Kind.CONFIGURED, detail=f"{self.check_command} ends with 0")
                    return Result(End.DONE, f"{self.title} is off: {self.check_command} ends with 0")
                said = ""
            except Failure as failure:
                said = failure.sentence
            if world.clock.now() >= ends:
                return self._not_seen(said)
            world.progress(said or f"{self.check_command} does not end with 0 yet")
            await world.clock.sleep(PACE_S)

    def _not_seen(self, said: str) -> Result:
        if said:
            return Result(End.UNPROVEN, f"whether {self.title} is off is not known: {said}")
        return Result(End.FAILED, f"{self.title} is not off: {self.check_command} does not end with 0")

    def invert(self) -> None:
        """Switching it on again is a command of the team's that nobody has told."""
        return None


async def off_now(check: str, home: str) -> bool:
    """Whether the check says that it is off; never without a check. Raises Failure where it cannot be asked."""
    if not check:
        return False
    ended = await exited(words(check), home, CHECK_S)
    if ended.code is None:
        raise Failure(FailureKind.UNREACHABLE, f"“{check}” did not end within {CHECK_S:.0f} s")
    return ended.code == 0


def _badly(command: str, ended: Exited, timeout_s: float) -> str:
    if ended.code is None:
        return f"“{command}” did not end within {timeout_s:.0f} s"
    return f"“{command}” ended with {ended.code}: {ended.said}"


STEP = SwitchOff
