"""Turns one prompt to another version: one transaction that locks, looks again, deactivates and activates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from console.domain.failure import Failure
from console.domain.plan import Risk, StepRecord
from console.domain.prompt import Prompt
from console.domain.run import Kind
from console.steps.step import End, Finding, Ground, Result, World
from console.stores.prompts import Activation

if TYPE_CHECKING:
    from console.layers.prompt.door import PromptDoor

READ_BACK_S = 30.0
SETTLES_S = 4.0
PACE_S = 0.5


@dataclass(frozen=True, slots=True)
class FlipPrompt:
    """Expects exactly these versions active, and the goal's text as it was shown; leaves the goal alone active.

    The digests are of the texts: the goal's, and, for the way back, the former one's; empty where not looked at.
    """

    kind: ClassVar[str] = "flip_prompt"
    item: str
    name: str
    scope: tuple[tuple[str, str], ...]
    expects: tuple[str, ...]
    goal: str
    digest: str
    former_digest: str
    command: str

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> FlipPrompt:
        scope = tuple((str(column), str(value)) for column, value in body["scope"])
        return cls(**{**body, "scope": scope, "expects": tuple(body["expects"])})

    def record(self) -> StepRecord:
        return StepRecord(
            self.kind,
            f"{self.item} → {_shown(self.goal)}",
            self.command,
            Risk.REVERSIBLE,
            True,
            asdict(self),
            turns=True,
            makes=("turned", "prompt turned"),
        )

    async def check(self, world: World) -> Finding:
        door: PromptDoor = world.door("prompt")
        prompt = (await door.read()).find(self.item)
        if prompt is None:
            return Finding(Ground.MOVED, f"{self.item} does not exist any more")
        if prompt.find(self.goal) is None:
            return Finding(Ground.MOVED, f"{self.item} {_shown(self.goal)} does not exist any more")
        digest = await door.digest(prompt, self.goal)
        if self.digest and digest != self.digest:
            return Finding(Ground.MOVED, f"the text of {self.item} {_shown(self.goal)} is not the one that was shown")
        if prompt.active == (self.goal,):
            return Finding(Ground.REACHED, f"{self.item} {_shown(self.goal)} serves already{_since(prompt)}")
        if sorted(prompt.active) != sorted(self.expects):
            return Finding(Ground.MOVED, f"{self.item} moved meanwhile: {_active(prompt)} now{_since(prompt)}")
        return Finding(Ground.HOLDS, "nothing moved since you confirmed")

    async def apply(self, world: World) -> None:
        door: PromptDoor = world.door("prompt")
        await door.writing().activate(Activation(self.name, self.scope, self.expects, self.goal, self.digest))
        world.tell(Kind.ACCEPTED, detail="committed")

    async def verify(self, world: World) -> Result:
        """Reads the table back. A commit whose answer was lost may still be on its way, for a few seconds."""
        door: PromptDoor = world.door("prompt")
        started, last = world.clock.now(), "the prompts could not be read"
        while (spent := world.clock.now() - started) < timedelta(seconds=READ_BACK_S):
            try:
                prompt = (await door.read()).find(self.item)
            except Failure as failure:
                world.progress(f"cannot read the prompts: {failure.sentence}")
            else:
                last = _active(prompt) if prompt is not None else f"{self.item} does not exist"
                if prompt is not None and prompt.active == (self.goal,):
                    detail = f"read back: {self.item} {_shown(self.goal)} is active"
                    world.tell(Kind.CONFIGURED, detail=detail)
                    return Result(End.DONE, detail)
                if not world.unsure and spent >= timedelta(seconds=SETTLES_S):
                    return Result(End.FAILED, f"read back: {last}, not {_shown(self.goal)}")
            await world.clock.sleep(PACE_S)
        return Result(End.UNKNOWN, f"not read back within {READ_BACK_S:.0f} s: {last}")

    def invert(self) -> FlipPrompt | None:
        """Back to the one version that was active. Undo is an explicit act; nothing calls this by itself."""
        if len(self.expects) != 1:
            return None
        return FlipPrompt(
            self.item, self.name, self.scope, (self.goal,), self.expects[0], self.former_digest, self.digest, ""
        )


def _active(prompt: Prompt) -> str:
    return f"active is {', '.join(map(_shown, prompt.active)) or 'none'}"


def _since(prompt: Prompt) -> str:
    """Since when the active version serves, where the tables say."""
    version = prompt.find(prompt.serves) if prompt.serves else None
    by = f", created by {version.by}" if version is not None and version.by else ""
    return f" (since {prompt.since:%H:%M:%S}Z{by})" if prompt.since is not None else ""


def _shown(version: str) -> str:
    return f"v{version}" if version.isdecimal() else version


STEP = FlipPrompt
