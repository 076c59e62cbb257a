"""The plans of the schema: to go back, in three ways, and to make a backup now."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from console.config.layer_settings import SchemaSettings
from console.config.settings import TargetSettings
from console.domain.clean import clean, clean_block
from console.domain.intent import Deed, Intent, Way
from console.domain.plan import Note, Passage, Plan, Refusal, Turn
from console.domain.restore import shown
from console.domain.schema import SchemaState
from console.domain.snapshot import Snapshot
from console.layers.code import notes as code_notes
from console.layers.code import plans as code_plans
from console.layers.planning import Findings, NothingToDo, answers, breaches, over, unmeasured
from console.layers.schema import by_hand, chains, goals, guards, notes, ways
from console.layers.schema.looked import Looked
from console.layers.schema.ways import CODE_FIRST, DOWN, DOWN_ALONE, RESTORE, SHOWN, Asked
from console.steps.back_up import BackUp


def make(settings: TargetSettings, snapshot: Snapshot, intent: Intent, findings: Findings) -> Plan:
    """The plan for what is wanted of the schema. Raises NothingToDo."""
    state = snapshot.schema.state
    if state is None:
        raise NothingToDo(snapshot.schema.error or "the schema has not been read yet")
    match intent.deed:
        case Deed.ROLL_BACK:
            return _roll_back(settings, snapshot, state, intent, findings)
        case Deed.BACK_UP:
            return _back_up(settings, snapshot, state, findings)
        case Deed.UNDO:
            raise NothingToDo("a schema is not taken back by an undo: migrate up again with your own tool")
        case _:
            raise NothingToDo(f"there is nothing to {intent.deed} in the schema")


def _roll_back(
    settings: TargetSettings, snapshot: Snapshot, state: SchemaState, intent: Intent, findings: Findings
) -> Plan:
    asked, why = _asked(settings, snapshot, state, intent, findings)
    if asked.target is not None and asked.target == state.head and intent.at is None:
        raise NothingToDo(f"the head is {state.head} already")
    possible = ways.possible(asked)
    if not possible or (asked.target is None and intent.at is None and CODE_FIRST not in possible):
        raise NothingToDo(why if asked.target is None else "no down_sql and no server are configured for the schema")
    if intent.at is not None and RESTORE not in possible:
        raise NothingToDo("no server is configured for the schema: no moment of it can be restored from here")
    way = _chosen(asked, possible)
    made = {CODE_FIRST: _code_first, DOWN: _down, DOWN_ALONE: _down_alone, RESTORE: _restore}
    plan = made[way](asked, why)
    return replace(plan, way=way.name, ways=possible)


def _asked(
    settings: TargetSettings, snapshot: Snapshot, state: SchemaState, intent: Intent, findings: Findings
) -> tuple[Asked, str]:
    try:
        at, _ = goals.moment(snapshot, intent)
    except ValueError:
        raise NothingToDo(f"“{clean(intent.at or '', 60)}” is no moment: write 2026-11-21T03:05:00Z") from None
    target = goals.target(snapshot, intent)
    schema = cast(SchemaSettings, settings.schema_)
    seen = breaches(snapshot)
    return Asked(settings, schema, snapshot, state, intent, findings, target.head, at, seen), target.reason


def _chosen(asked: Asked, possible: tuple[Way, ...]) -> Way:
    """The way that was asked for; a moment asks for a restore; else the cheapest that nothing forbids."""
    wanted = asked.intent.way or (RESTORE.name if asked.intent.at is not None else None)
    named = next((one for one in possible if one.name == wanted), None)
    if named is not None:
        return named
    allowed = (one for one in possible if all(no.overridable for no in guards.refusals(asked, one)))
    return next(allowed, possible[0])


def _code_first(asked: Asked, why: str) -> Plan:
    """The code layer's own plan, to a revision that fits the head that is there."""
    revision = ways.code_goal(asked)
    if revision is None or asked.code is None:
        raise NothingToDo("no older revision fits the head that is there")
    intent = Intent(Deed.ROLL_BACK, "code", to=revision.name)
    plan = code_plans.make(asked.settings, asked.snapshot, intent, asked.findings)
    short, head = asked.code.short(revision.name), asked.state.head
    needs = asked.state.needs.get(revision.name)
    fits = (
        f"{short} was made for head {head}" if needs == head else f"{short} answers all golden questions with {head}"
    )
    return replace(
        plan,
        layer="schema",
        title=f"Roll back code → {short}; schema stays at {head}",
        reason=f"{fits}; {plan.reason}",
        turns=(Turn("code", "code", _serving(asked), short, "carries the traffic", "the schema is not touched"),),
        stays=(f"the head stays {head}", *plan.stays),
    )


def _down(asked: Asked, why: str) -> Plan:
    """The script; and where what serves was made for the head that is left, the code before it."""
    plan = _down_alone(asked, why)
    code, partner = asked.code, asked.partner
    if code is None or partner is None:
        return plan
    against = guards.refusals(asked, DOWN)
    steps = chains.down(asked) if all(one.overridable for one in against) else ()
    serving = tuple(one.name for one in code.serving if one.active and one.name != partner.name)
    turn = Turn("code", "code", _serving(asked), code.short(partner.name), "carries the traffic", "goes first")
    return replace(
        plan,
        steps=steps,
        origin=(*serving, *plan.origin),
        turns=(turn, *plan.turns),
        checked=(*plan.checked, *notes.checked_partner(asked)),
        refusals=against,
        by_hand=by_hand.lines([step.command for step in steps]),
        shifts=code_notes.shifts(code, partner),
    )


def _down_alone(asked: Asked, why: str) -> Plan:
    state, target = asked.state, asked.target or ""
    against = guards.refusals(asked, DOWN_ALONE)
    steps = chains.down(asked, alone=True) if all(one.overridable for one in against) else ()
    return replace(
        _plan(asked, f"Roll back schema → {target}", f"{goals.ITEM} {target}", why),
        steps=steps,
        turns=(_turn(state, target),),
        checked=notes.checked_down(asked),
        unknown=(*_unmeasured(asked), *notes.unknown_down(asked)),
        stays=notes.stays_down(asked),
        afterwards=notes.afterwards_down(asked),
        refusals=against,
        passages=_passages(asked),
        by_hand=by_hand.lines([step.command for step in steps]),
    )


def _restore(asked: Asked, why: str) -> Plan:
    state, at, server = asked.state, asked.at, asked.state.server
    against = guards.refusals(asked, RESTORE)
    steps = chains.restore(asked) if all(one.overridable for one in against) else ()
    name = server.name if server is not None else "the server"
    point = f"{name} as at {shown(at)}" if at is not None else name
    reason = goals.moment(asked.snapshot, asked.intent)[1] or why
    then = f"{asked.target or 'as at that moment'}"
    return replace(
        _plan(asked, f"Restore {point} to a new server", f"{goals.ITEM} {asked.target or point}", reason),
        steps=steps,
        turns=(_turn(state, then, "read on the new server"),),
        checked=notes.checked_restore(asked),
        unknown=(*_unmeasured(asked), *notes.unknown_restore(asked)),
        stays=notes.stays_restore(asked),
        afterwards=notes.afterwards_restore(asked),
        refusals=against,
        by_hand=by_hand.lines([*(step.command for step in steps), *notes.repointing_by_hand(asked)]),
    )


def _back_up(settings: TargetSettings, snapshot: Snapshot, state: SchemaState, findings: Findings) -> Plan:
    server = state.server
    if server is None:
        raise NothingToDo(state.unread or "no server is configured for the schema: back it up with your own tool")
    name = f"rollback-{snapshot.at:%Y%m%d%H%M%S}"
    schema = cast(SchemaSettings, settings.schema_)
    step = BackUp(server.name, name, by_hand.back_up(settings, schema, server.name, name))
    looked = findings.looked.get("schema")
    may = looked.may_back_up if isinstance(looked, Looked) else None
    action = "Microsoft.DBforPostgreSQL/flexibleServers/backups/write"
    lacks = Refusal(f"Azure's list of your permissions lacks {action} on this server", True)
    newest = server.newest_backup
    last = (
        f"the newest backup is of {shown(newest.completed)}" if newest and newest.completed else "no backup is known"
    )
    return Plan(
        target=snapshot.target,
        environment=snapshot.environment,
        layer="schema",
        app=server.name,
        title=f"Back up {server.name} now",
        deed=Deed.BACK_UP,
        origin=(),
        goal=f"backup {name}",
        grade="",
        reason=last,
        steps=(step.record(),),
        checked=(
            Note(f"{server.name} is {server.state}", ok=server.state.lower() == "ready"),
            *((Note("you may back up this server", ok=may),) if may is not None else ()),
        ),
        unknown=("how long it takes: a minute and a half was recorded for an empty server",),
        stays=("nothing that serves is touched",),
        afterwards=("it goes when the server's retention ends, as every backup does",),
        refusals=(lacks,) if may is False else (),
        by_hand=step.command,
    )


def _plan(asked: Asked, title: str, goal: str, reason: str) -> Plan:
    return Plan(
        target=asked.snapshot.target,
        environment=asked.snapshot.environment,
        layer="schema",
        app=asked.state.place,
        title=title,
        deed=Deed.ROLL_BACK,
        origin=tuple(f"{goals.ITEM} {one}" for one in asked.state.heads),
        goal=goal,
        grade="",
        reason=reason,
        steps=(),
        breaches=over(asked.seen),
    )


def _turn(state: SchemaState, then: str, how: str = "read back") -> Turn:
    return Turn("schema", goals.ITEM, ", ".join(state.heads) or "none", then, "read now", how)


def _serving(asked: Asked) -> str:
    code = asked.code
    return ", ".join(code.short(one.name) for one in code.serving) if code is not None else ""


def _passages(asked: Asked) -> tuple[Passage, ...]:
    looked = asked.looked
    if looked is None or not looked.script:
        return ()
    title = f"down script {looked.current} → {looked.target}, as “{clean(looked.command, 120)}” printed it"
    return (Passage(title, clean_block(looked.script, SHOWN)),)


def _unmeasured(asked: Asked) -> tuple[str, ...]:
    return (*unmeasured(asked.snapshot), *answers(asked.findings, asked.settings.golden is not None))
