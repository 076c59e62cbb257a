"""What the database of the prompts lets us do, and whether the call log can prove a prompt's rollback."""

from __future__ import annotations

from datetime import timedelta

from console.clock import Clock
from console.config.layer_settings import PromptSettings
from console.config.settings import TargetSettings
from console.domain.failure import Failure, FailureKind
from console.layers.prompt.door import PromptDoor
from console.setup.check import Check, State
from console.stores.calls import Which
from console.stores.quoting import name

_READ = ("read-prompts", "read the prompts")
_WRITE = ("write-prompts", "roll a prompt back")
_LOG = ("read-calls", "prove which prompt answers")
DAY = timedelta(days=1)


async def prompt_checks(settings: TargetSettings, door: PromptDoor, clock: Clock) -> tuple[Check, ...]:
    """Reads the prompts and the call log once, and asks for our privileges. Nothing is written."""
    assert settings.prompt is not None
    try:
        state = await door.read()
    except Failure as failure:
        fix = grants(settings.prompt, "LOGIN") if failure.kind is FailureKind.NOT_ALLOWED else ""
        return (Check(*_READ, State.FAIL, failure.sentence, fix), await _log(settings, door, clock))
    wrong = [
        f"{prompt.item}: {prompt.trouble or prompt.odd}" for prompt in state.prompts if prompt.trouble or prompt.odd
    ]
    count = sum(len(prompt.versions) for prompt in state.prompts)
    told = f"{len(state.prompts)} of them, {count:,} versions, in {state.place}"
    read = Check(*_READ, State.WARN if wrong else State.PASS, "; ".join(wrong[:3]) if wrong else told)
    return (read, await _write(settings, settings.prompt, door, state.stamps), await _log(settings, door, clock))


def grants(prompt: PromptSettings, login: str, stamps: str = "") -> str:
    """The statements that give a login what prompts need, and no more; an owner of the tables runs them.

    `stamps` is the column that keeps when a version was made active.
    """
    role, columns = name(login.replace(".", "_")), prompt.columns
    if prompt.mode == "sql":
        return f"-- what prompt.sql reads and writes, to {role}"
    if prompt.mode == "pointer":
        written = ", ".join(map(name, filter(None, (prompt.pointer.version, stamps or prompt.pointer.updated_at))))
        pointer = name(prompt.pointer.table)
        return (
            f"GRANT SELECT ON {name(prompt.table)}, {pointer} TO {role};\n"
            f"GRANT UPDATE ({written}) ON {pointer} TO {role};"
        )
    written = ", ".join(map(name, filter(None, (columns.is_active, stamps or columns.activated_at))))
    return (
        f"GRANT SELECT ON {name(prompt.table)} TO {role};\n"
        f"GRANT UPDATE ({written}) ON {name(prompt.table)} TO {role};"
    )


async def _write(settings: TargetSettings, prompt: PromptSettings, door: PromptDoor, stamps: str) -> Check:
    try:
        access = await door.reader.access()
    except Failure as failure:
        return Check(*_WRITE, State.UNKNOWN, failure.sentence)
    missing = State.WARN if settings.read_only else State.FAIL
    if access.standby:
        return Check(*_WRITE, missing, "this database is a standby: nothing can be written to it")
    if access.may_write is None:
        return Check(*_WRITE, State.UNKNOWN, "the database does not say; not tried")
    if access.may_write:
        return Check(*_WRITE, State.PASS, f"{access.login} may write {access.table}; not tried")
    return Check(
        *_WRITE, missing, f"{access.login} may not write {access.table}", grants(prompt, access.login, stamps)
    )


async def _log(settings: TargetSettings, door: PromptDoor, clock: Clock) -> Check:
    if door.calls is None or settings.calls is None:
        held = f"; a cache may hold an old version for {settings.prompt.cache_ttl_s:g} s" if settings.prompt else ""
        return Check(
            *_LOG, State.WARN, f"the call log is not configured{held}", "[targets.NAME.calls] says where it is"
        )
    try:
        found = await door.calls.counted(Which(since=clock.now() - DAY))
    except Failure as failure:
        return Check(*_LOG, State.FAIL, failure.sentence)
    count = sum(one.count for one in found)
    if not count:
        return Check(*_LOG, State.WARN, f"no calls in {settings.calls.table} within a day")
    named = sum(one.count for one in found if one.version)
    state = State.PASS if named == count else State.WARN
    return Check(*_LOG, state, f"{named:,} of {count:,} calls within a day name a version")
