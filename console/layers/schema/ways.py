"""The ways back of the schema, and what a plan of it is made from: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.config.layer_settings import SchemaSettings
from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.intent import Intent, Way
from console.domain.plan import Breach
from console.domain.schema import SchemaState
from console.domain.snapshot import Snapshot
from console.domain.sql_script import Script
from console.domain.sql_script import read as read_script
from console.layers.planning import Findings
from console.layers.schema import goals
from console.layers.schema.looked import Looked
from console.layers.schema.names import version_table

CODE_FIRST = Way("code-first", "the code goes back, the schema stays", "a revision fits the head that is there")
DOWN = Way("down", "run the down script", "in one transaction, with bounded waits")
DOWN_ALONE = Way(
    "down-alone", "run the down script alone", "the code does not go back with it: something else turns that"
)
RESTORE = Way("restore", "restore to a new server", "loses what was written since; then the service is repointed")
SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a plan of the schema is made from. `target` is None where no head is known to go to."""

    settings: TargetSettings
    schema: SchemaSettings
    snapshot: Snapshot
    state: SchemaState
    intent: Intent
    findings: Findings
    target: str | None
    at: datetime | None
    seen: tuple[Breach, ...]

    @property
    def looked(self) -> Looked | None:
        found = self.findings.looked.get("schema")
        return found if isinstance(found, Looked) else None

    @property
    def code(self) -> CodeState | None:
        return self.snapshot.code.state

    @property
    def script(self) -> Script | None:
        """The down script as it was read; None while a plan is only drafted."""
        if self.looked is None or not self.looked.script:
            return None
        return read_script(self.looked.script, version_table(self.schema.current))

    @property
    def partner(self) -> Revision | None:
        """The revision that the code goes back to before the schema does; None where the code may stay."""
        if self.target is None or goals.needs_other(self.snapshot, self.target) is not True:
            return None
        return goals.fitting(self.snapshot, self.target)

    @property
    def new_server(self) -> str:
        name = self.state.server.name if self.state.server is not None else "server"
        return f"{name[:46]}-r{self.at:%Y%m%d%H%M%S}" if self.at is not None else f"{name[:46]}-r"


def possible(asked: Asked) -> tuple[Way, ...]:
    """The ways that there are, in the order of proposal: the cheapest first."""
    found = [CODE_FIRST] if code_goal(asked) is not None else []
    if asked.schema.url and asked.schema.down_sql and asked.target is not None:
        found += [DOWN, DOWN_ALONE] if asked.partner is not None else [DOWN]
    found += [RESTORE] if asked.state.server is not None else []
    return tuple(found)


def code_goal(asked: Asked) -> Revision | None:
    """An older revision that needs the present head, or that answered all golden questions with it."""
    head = asked.state.head
    if asked.intent.to is not None or head is None:
        return None
    changed = bool(asked.snapshot.changes.of("code"))
    fits = goals.fitting(asked.snapshot, head)
    if fits is not None and (changed or goals.needs_other(asked.snapshot, head)):
        return fits
    proven = goals.older(asked.snapshot)
    answered = asked.findings.golden
    return next((one for one in proven if one.name in answered and answered[one.name].perfect), None)
