"""The feature and its kill switch: not a layer, since it has no versions; it can only be switched off."""

from __future__ import annotations

from dataclasses import dataclass

from console.config.settings import KillSwitchSettings, TargetSettings
from console.domain.failure import Failure
from console.domain.intent import FEATURE, Deed, Intent
from console.domain.plan import Note, Plan, Turn
from console.domain.snapshot import Snapshot
from console.layers.planning import Findings, NothingToDo, breaches, over
from console.steps.switch_off import SwitchOff, off_now

UNCONFIGURED = "no way to switch the feature off is configured (kill_switch.command)"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the check said just now: off or not, None where it could not be asked; then `why` says so."""

    off: bool | None = None
    why: str = ""


async def look(settings: TargetSettings) -> Looked:
    """Asks the check, which only reads."""
    switch = settings.kill_switch
    if switch is None or switch.check is None:
        return Looked()
    try:
        return Looked(await off_now(switch.check, settings.home))
    except Failure as failure:
        return Looked(None, failure.sentence)


def plan(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan that switches it off. Raises NothingToDo."""
    switch = settings.kill_switch
    if intent.deed is not Deed.SWITCH_OFF:
        raise NothingToDo("the feature has no versions: it can only be switched off")
    if switch is None:
        raise NothingToDo(UNCONFIGURED)
    found = findings.looked.get(FEATURE)
    looked = found if isinstance(found, Looked) else Looked()
    if looked.off:
        raise NothingToDo(f"{switch.title} is off already: {switch.check} ends with 0")
    step = SwitchOff(switch.title, switch.command, switch.check or "", settings.home, switch.timeout_s)
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer=FEATURE,
        app=switch.title,
        origin=(),
        goal="off",
        grade="",
        reason="it ends the harm without going back; nothing is read from Azure or written to it",
        steps=(step.record(),),
        title=f"Switch {switch.title} off",
        deed=Deed.SWITCH_OFF,
        checked=(Note(f"it is not off yet: {switch.check}"),) if looked.off is False else (),
        unknown=_unknown(switch, looked),
        stays=("every version of every layer stays: what is wrong is still there when it is switched on again",),
        afterwards=("it stays off until somebody switches it on again: this console does not",),
        breaches=over(breaches(snapshot)),
        by_hand=step.by_hand,
        turns=(Turn(FEATURE, switch.title, "on", "off", "", switch.command),),
    )


def _unknown(switch: KillSwitchSettings, looked: Looked) -> tuple[str, ...]:
    lines = ["whether signals recover is not waited for: what is off may count as failing"]
    if switch.check is None:
        lines.append("whether it is off: no kill_switch.check is configured, so this ends unproven at best")
    elif looked.off is None and looked.why:
        lines.append(f"whether it is off already: {looked.why}")
    return tuple(lines)
