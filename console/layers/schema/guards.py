"""What stands against each way back of the schema: what is refused outright, and what a typed name overrides."""

from __future__ import annotations

from console.domain.clean import clean_block
from console.domain.intent import Way
from console.domain.plan import Refusal
from console.domain.restore import window
from console.layers.code import guards as code_guards
from console.layers.code import ways as code_ways
from console.layers.schema import goals
from console.layers.schema.ways import DOWN, DOWN_ALONE, RESTORE, SHOWN, Asked


def refusals(asked: Asked, way: Way) -> tuple[Refusal, ...]:
    """Everything that speaks against one way, hard refusals first."""
    against = {DOWN: _against_down, DOWN_ALONE: _against_down_alone, RESTORE: _against_restore}
    found = against.get(way, _nothing)(asked)
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))


def _nothing(asked: Asked) -> list[Refusal]:
    return []


def _against_down(asked: Asked) -> list[Refusal]:
    return [*_against_down_alone(asked), *_against_partner(asked)]


def _against_down_alone(asked: Asked) -> list[Refusal]:
    state, target, found = asked.state, asked.target or "", list[Refusal]()
    if state.blind:
        return [Refusal(state.unread or "the head could not be read")]
    if state.head is None:
        shown = ", ".join(state.heads) or "none"
        found.append(Refusal(f"there is no one head to go down from: {shown}"))
    way_down = state.above(target)
    if way_down is None and state.find(target) is not None:
        found.append(Refusal(f"{target} is not below {state.head}, as the history says"))
    for one in way_down or ():
        if one.drops:
            titled = f" ({one.title})" if one.title else ""
            sentence = f"{one.revision}{titled} dropped data on its way up: a script down brings no data back"
            found.append(Refusal(sentence))
    if asked.snapshot.history.known_bad(f"{goals.ITEM} {target}"):
        found.append(Refusal(f"head {target} is known bad", True))
    found += _against_script(asked)
    if goals.needs_other(asked.snapshot, target) and asked.partner is None:
        short = asked.code.short(asked.code.serving[0].name) if asked.code and asked.code.serving else "what serves"
        found.append(Refusal(f"{short} was made for another head than {target}, and no older revision fits it", True))
    return found


def _against_partner(asked: Asked) -> list[Refusal]:
    code, partner = asked.code, asked.partner
    if code is None or partner is None:
        return []
    way, findings = code_ways.ways(code, partner)[0], asked.findings
    history = asked.snapshot.history
    return list(code_guards.refusals(code, partner, way, history, findings.answer, findings.may_write))


def _against_script(asked: Asked) -> list[Refusal]:
    looked = asked.looked
    if looked is None:
        return []
    if (looked.current, looked.target) != (asked.state.head or "", asked.target or ""):
        return [Refusal("the head moved while the script was printed: ask again")]
    if looked.no_script:
        return [Refusal(f"there is no down script: {looked.no_script}")]
    if len(looked.script) > SHOWN:
        return [Refusal(f"the down script has {len(looked.script)} characters: too long to be read whole here")]
    if clean_block(looked.script, SHOWN) != looked.script:
        return [
            Refusal("the down script holds control or invisible characters: what would run is not what one reads")
        ]
    script = asked.script
    if script is None or not script.statements:
        why = f": {script.barred[0]}" if script is not None and script.barred else " holds no statement"
        return [Refusal(f"the down script{why}")]
    return [Refusal(f"the down script cannot be run: {why}") for why in script.barred[:3]]


def _against_restore(asked: Asked) -> list[Refusal]:
    server, found = asked.state.server, list[Refusal]()
    if server is None:
        return [Refusal("no server is configured")]
    if asked.at is None:
        reach = window(server, asked.snapshot.at)
        when = "when the schema changed is not known: choose the moment to restore"
        return [Refusal(reach.why or when)]
    against = window(server, asked.snapshot.at).against(asked.at)
    if against:
        found.append(Refusal(against))
    if asked.looked is not None and asked.looked.may_restore is False:
        action = "Microsoft.DBforPostgreSQL/flexibleServers/write"
        found.append(Refusal(f"Azure's list of your permissions lacks {action} in this group", True))
    return found
