"""The SQL that does by hand what a plan would do to a prompt: whole, in one transaction, for psql or sqlite3."""

from __future__ import annotations

import re

from console.config.layer_settings import PromptSettings
from console.domain.prompt import Prompt, PromptState
from console.stores.quoting import name, transaction, value
from console.stores.store import LOCK_S

_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)")


def flip(settings: PromptSettings, state: PromptState, prompt: Prompt, goal: str) -> str:
    """Locks, deactivates, activates. Nothing is deactivated where the goal does not exist any more."""
    sqlite = state.dialect == "sqlite"
    match settings.mode:
        case "pointer":
            lines = _pointer(settings, state, prompt, goal, sqlite)
        case "sql":
            lines = _sql(settings, prompt, goal, sqlite)
        case _:
            lines = _flag(settings, state, prompt, goal, sqlite)
    return transaction(settings.url or "", lines, sqlite, LOCK_S)


def _flag(settings: PromptSettings, state: PromptState, prompt: Prompt, goal: str, sqlite: bool) -> list[str]:
    names, table = settings.columns, name(settings.table)
    version, flag = name(names.version), name(names.is_active)
    of_name = _of(names.name, prompt, sqlite)
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {of_name} AND {version} = {value(goal, sqlite)})"
    on, off = state.flags
    stamped = f", {name(state.stamps)} = {_now(sqlite)}" if state.stamps else ""
    lock = "" if sqlite else " FOR UPDATE"
    lines = [f"SELECT {version}, {flag} FROM {table} WHERE {of_name} ORDER BY {version}{lock};"]
    for former in prompt.active:
        if former != goal:
            which = f"{of_name} AND {version} = {value(former, sqlite)}"
            lines.append(f"UPDATE {table} SET {flag} = {off} WHERE {which} AND {there};")
    which = f"{of_name} AND {version} = {value(goal, sqlite)}"
    return [*lines, f"UPDATE {table} SET {flag} = {on}{stamped} WHERE {which};"]


def _pointer(settings: PromptSettings, state: PromptState, prompt: Prompt, goal: str, sqlite: bool) -> list[str]:
    pointer, names = settings.pointer, settings.columns
    table, version = name(pointer.table), name(pointer.version)
    of_name, lock = _of(pointer.name, prompt, sqlite), "" if sqlite else " FOR UPDATE"
    versions = f"{name(names.name)} = {value(prompt.name, sqlite)} AND {name(names.version)} = {value(goal, sqlite)}"
    there = f"EXISTS (SELECT 1 FROM {name(settings.table)} WHERE {versions})"
    stamped = f", {name(state.stamps)} = {_now(sqlite)}" if state.stamps else ""
    lines = [f"SELECT {version} FROM {table} WHERE {of_name}{lock};"]
    for former in prompt.active[:1]:
        which = f"{of_name} AND {version} = {value(former, sqlite)} AND {there}"
        lines.append(f"UPDATE {table} SET {version} = {value(goal, sqlite)}{stamped} WHERE {which};")
    return lines


def _sql(settings: PromptSettings, prompt: Prompt, goal: str, sqlite: bool) -> list[str]:
    """The team's statements with the values in them."""
    assert settings.sql is not None
    activate = settings.sql.activate
    former = prompt.active[0] if prompt.active else None
    values = {"name": prompt.name, "version": goal, "former": former, **dict(prompt.scope)}

    def given(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        known = values[found[1]]
        return value(known, sqlite) if known is not None else "NULL"

    statements = (activate,) if isinstance(activate, str) else activate
    return [f"{_PARAMETER.sub(given, one.strip().rstrip(';'))};" for one in statements]


def _of(column: str, prompt: Prompt, sqlite: bool) -> str:
    pairs = ((column, prompt.name), *prompt.scope)
    return " AND ".join(f"{name(one)} = {value(wanted, sqlite)}" for one, wanted in pairs)


def _now(sqlite: bool) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if sqlite else "now()"
