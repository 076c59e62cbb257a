"""A migration history as tools tell it: `alembic history`'s lines, or Alembic's scripts, read and never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from console.domain.clean import clean
from console.domain.schema import Migration

_LINE = re.compile(r"^(?P<down>\S+(?:, \S+)*) -> (?P<revision>[^\s,(]+)(?:\s*\([^)]*\))*\s*,?\s*(?P<title>.*)$")
_TAKES = re.compile(r"\b(DROP (TABLE|COLUMN|VIEW|SCHEMA|TYPE)|DELETE|TRUNCATE)\b|\bDROP\b(?! (INDEX|CONSTRAINT))")
_ADDS = frozenset({"add_column", "rename_table", "drop_index", "drop_constraint", "batch_alter_table", "f"})
_RENAMES = frozenset({"new_column_name", "schema", "comment", "existing_comment", "existing_autoincrement"})


def from_lines(text: str) -> tuple[Migration, ...]:
    """`8c1d02 -> 4f2a91 (head), rename dosage`, one per line, newest first; other lines are passed over."""
    found = (_LINE.match(line.strip()) for line in text.splitlines())
    return tuple(
        Migration(clean(one["revision"], 100), _below(one["down"]), clean(one["title"], 200)) for one in found if one
    )


def _below(text: str) -> str | None:
    return None if text == "<base>" or ", " in text else clean(text, 100)


def from_script(text: str) -> Migration | None:
    """One of Alembic's scripts: its revision, the one below, its title, and whether going up drops something."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    values = dict(_assigned(module))
    revision = values.get("revision")
    if not isinstance(revision, str):
        return None
    down = values.get("down_revision")
    title = (ast.get_docstring(module) or "").partition("\n")[0]
    below = clean(down, 100) if isinstance(down, str) else None
    return Migration(clean(revision, 100), below, clean(title, 200), None, _drops(module))


def _assigned(module: ast.Module) -> Iterable[tuple[str, object]]:
    for node in module.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                yield target.id, value.value


def _drops(module: ast.Module) -> bool | None:
    """True where `upgrade` takes away data, False where all it does is known to keep everything, else None."""
    upgrade = next((one for one in module.body if isinstance(one, ast.FunctionDef) and one.name == "upgrade"), None)
    if upgrade is None:
        return None
    found = [_call_drops(call) for call in ast.walk(upgrade) if isinstance(call, ast.Call) and _on_op(call)]
    if any(one is True for one in found):
        return True
    return None if any(one is None for one in found) else False


def _on_op(call: ast.Call) -> bool:
    """`op.…` and `batch_op.…`; what is called on anything else, such as sa.Column, makes no change by itself."""
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and "op" in function.value.id


def _call_drops(call: ast.Call) -> bool | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name in ("drop_column", "drop_table"):
        return True
    if name in _ADDS or name.startswith("create_"):
        return False
    if name == "alter_column":
        given = {word.arg or "" for word in call.keywords}
        return False if all(one in _RENAMES or one.startswith("existing_") for one in given) else None
    texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return True if any(_TAKES.search(text.upper()) for text in texts) else None
