"""The model layer's way to Azure: reads for everybody, writes where they are allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.domain.code import CodeState
from console.domain.intent import Deed, Intent
from console.domain.model import ModelState
from console.domain.snapshot import Snapshot
from console.layers.layer import Tools

if TYPE_CHECKING:
    from console.azure.cognitive import CognitiveReader
    from console.azure.cognitive_actions import CognitiveActions

PACE_S = 15.0
WRITE = "Microsoft.CognitiveServices/accounts/deployments/write"
DELETE = "Microsoft.CognitiveServices/accounts/deployments/delete"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at for one plan: whether we may do it, and what is left of the quotas, by their names."""

    may_write: bool | None = None
    may_delete: bool | None = None
    free: tuple[tuple[str, int], ...] = ()


class ModelDoor:
    """One account. `actions` is None where nothing may be written; `took` are the writes that Azure has taken."""

    every_s = PACE_S

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._reader: CognitiveReader | None = None
        self.took: set[str] = set()
        self.actions: CognitiveActions | None = _actions(tools) if tools.writing else None

    @property
    def reader(self) -> CognitiveReader:
        if self._reader is None:
            self._reader = _reader(self._tools)
        return self._reader

    async def observe(self, code: CodeState | None) -> ModelState:
        """The account as Azure tells it now. Raises Failure."""
        return replace(await self.reader.state(), env=self._tools.settings.code.expects_env.get("model", ""))

    async def look(self, snapshot: Snapshot, intent: Intent) -> Looked:
        """Our permissions on the account; for a shadow also what is left of the quota that it would take from."""
        state = snapshot.model.state
        if intent.deed is Deed.REMOVE_SHADOW:
            return Looked(may_delete=await self.reader.allows(DELETE))
        may_write = await self.reader.allows(WRITE)
        free = await self._free(state) if intent.deed is Deed.SHADOW and state is not None else ()
        return Looked(may_write=may_write, free=free)

    async def _free(self, state: ModelState) -> tuple[tuple[str, int], ...]:
        names = {
            offer.usage.get(one.sku, "")
            for one in state.serving
            for offer in state.offers
            if offer.model == one.model
        }
        found = [await self.reader.quota(state.location, name) for name in sorted(names - {""})]
        return tuple((quota.name, quota.free) for quota in found if quota is not None)

    async def close(self) -> None:
        """The HTTP client is closed by whoever opened it."""


def _reader(tools: Tools) -> CognitiveReader:
    from console.azure.cognitive import CognitiveReader

    settings, model = tools.settings.azure, tools.settings.model
    assert model is not None
    group = model.resource_group or settings.resource_group
    watched = model.deployments
    return CognitiveReader(settings, group, model.account, watched, tools.credential, tools.arm, tools.clock)


def _actions(tools: Tools) -> CognitiveActions:
    from console.azure.cognitive_actions import CognitiveActions

    settings, model = tools.settings.azure, tools.settings.model
    assert model is not None
    group = model.resource_group or settings.resource_group
    return CognitiveActions(settings, group, model.account, tools.credential, tools.arm, tools.clock)
