"""`rollback-console decide`: the decision tree, walked by prompts or by a file of answers, to a leaf and its plan."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from console.commands import deciding
from console.commands.desk_command import here, json_option, target_option, wanted, with_desk
from console.config import ConfigError, find
from console.desk import Desk, NothingToDo, Refused, Unreachable
from console.domain.decision import Astray, Leaf, Tree, Walk, walk
from console.domain.failure import Failure
from console.domain.plan import Plan
from console.domain.snapshot import LayerStatus
from console.exits import Exit
from console.guidance.leaves import meant
from console.guidance.tree import TreeError, folder_of, load
from console.open_desk import chosen
from console.record.database import RecordError
from console.report import as_text, guidance_json, guidance_text
from console.wanted import Wanted

UNCONFIGURED = "there is no configuration here: rollback.toml, or -n APP -g GROUP, says what a plan is for"
NOTE = "note"
MOST_BYTES = 100_000
MEASURE_S = 12.0


@dataclass(frozen=True, slots=True)
class Given:
    """The answers of a file, by node or by the question that it asks, and its note."""

    answers: Mapping[str, str]
    note: str = ""


@click.command(
    "decide", help="Walk the decision tree to the right way out, its runbook and its plan. Writes nothing."
)
@click.option("--answers", metavar="FILE", help="JSON: node id to answer, and note; - is standard input.")
@click.option("--tree", "show_tree", is_flag=True, help="Print the tree itself; no target is needed.")
@click.option("--record", is_flag=True, help="With --answers: keep them in the incident, opened if there is none.")
@target_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    answers: str | None,
    show_tree: bool,
    record: bool,
    target: str | None,
    as_json_output: bool,
) -> int:
    what = wanted(ctx, target)
    if show_tree and answers is not None:
        raise click.UsageError("--tree prints the tree, --answers walks it: give either.")
    if as_json_output and not show_tree and answers is None:
        raise click.UsageError("--json wants --answers FILE, or --tree.")
    if record and answers is None:
        raise click.UsageError("--record wants --answers FILE; a walk by prompts is kept anyway.")
    try:
        configured = _configured(what)
        if show_tree:
            return _show(_tree(what, configured), as_json_output)
        if answers is None:
            return _by_prompts(what, configured)
        return _by_file(what, configured, answers, record, as_json_output)
    except TreeError as error:
        return _say(error.sentence, Exit.USAGE)
    except ConfigError as error:
        return _say(error.sentence, Exit.USAGE)


def _configured(what: Wanted) -> bool:
    """Whether there is a target at all; a file that is named and wrong is told of later, and never passed over."""
    if what.without_file or what.config is not None:
        return True
    try:
        find(None, os.environ, here())
    except ConfigError:
        return what.target is not None
    return True


def _tree(what: Wanted, configured: bool) -> Tree:
    """The team's tree where the wanted target has one, else ours. Raises TreeError.

    Which of several targets is meant is asked of nobody who only wants to read the tree.
    """
    if configured:
        with contextlib.suppress(ConfigError):
            return load(folder_of(chosen(what, os.environ, here()).settings))
    return load()


def _show(tree: Tree, as_json_output: bool) -> int:
    if as_json_output:
        click.echo(json.dumps(guidance_json.tree(tree), ensure_ascii=False, indent=2))
    else:
        for line in guidance_text.tree(tree):
            click.echo(line)
    return Exit.DONE


# ---- by prompts ----


def _by_prompts(what: Wanted, configured: bool) -> int:
    if not configured:
        return _ended(deciding.Deciding(load(), None).talk(), None)

    async def talk(desk: Desk) -> Exit:
        tree = desk.guide.tree()
        click.echo("reading what serves…", err=True)
        await _look(desk)
        found = deciding.Deciding(tree, desk).talk()
        if found is None:
            return _ended(None, None)
        plan, why = await _plan(desk, found)
        return _ended(found, Made(plan, why))

    return with_desk(what, talk)


async def _look(desk: Desk) -> None:
    """Everything once; and what the signals and the older revision say, for as long as a person waits."""
    await desk.once()
    with contextlib.suppress(TimeoutError, Failure):
        async with asyncio.timeout(MEASURE_S):
            await desk.sample()
            await desk.compare()


@dataclass(frozen=True, slots=True)
class Made:
    """The plan of a leaf, or why there is none."""

    plan: Plan | None
    why_not: str


def _ended(found: Walk | None, made: Made | None) -> Exit:
    """Tells where it ended; a walk that was left ends nowhere."""
    if found is None or found.leaf is None:
        return _say("Left before a leaf: nothing was decided.", Exit.REFUSED)
    for line in _leaf_lines(found, made or Made(None, _unconfigured(found.leaf))):
        click.echo(line)
    return Exit.DONE


# ---- by a file ----


def _by_file(what: Wanted, configured: bool, path: str, record: bool, as_json_output: bool) -> int:
    given = _read(path)
    if isinstance(given, str):
        return _say(given, Exit.USAGE)
    if not configured:
        found = _walked(load(), given)
        if isinstance(found, int):
            return found
        assert found.leaf is not None
        return _tell(found, Made(None, _unconfigured(found.leaf)), given.note, as_json_output)

    async def go(desk: Desk) -> Exit:
        found = _walked(desk.guide.tree(), given)
        if isinstance(found, int):
            return Exit(found)
        await desk.once()
        plan, why = await _plan(desk, found)
        if record:
            _keep(desk, found, given.note)
        return _tell(found, Made(plan, why), given.note, as_json_output)

    return with_desk(what, go)


def _read(path: str) -> Given | str:
    """The answers of a file; a sentence where there are none in it."""
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES) if path == "-" else _bytes(path)
        data = json.loads(raw, object_pairs_hook=_once)
    except OSError as error:
        return f"{path}: {error.strerror or error}."
    except (ValueError, RecursionError) as error:
        return f"{path} is no JSON with answers: {error}."
    if not isinstance(data, dict):
        return f'{path}: an object is wanted: {{"emergency": "yes", …}}.'
    wrong = [key for key, value in data.items() if not isinstance(value, str)]
    if wrong:
        return f"{path}: {', '.join(wrong)}: an answer is a text in quotes."
    return Given({key: value for key, value in data.items() if key != NOTE}, data.get(NOTE, ""))


def _bytes(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(MOST_BYTES)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)} stands there twice")
    return found


def _walked(tree: Tree, given: Given) -> Walk | Exit:
    """The walk to a leaf; else says why there is none, and the exit code."""
    strange = [name for name in given.answers if name not in tree.asked]
    if strange:
        known = ", ".join(sorted({node.asks for node in tree.nodes}))
        return _say(f"The tree asks no {', no '.join(map(repr, strange))}: it asks {known}.", Exit.USAGE)
    try:
        found = walk(tree, given.answers)
    except Astray as astray:
        return _say(f"{astray.sentence}.", Exit.USAGE)
    if found.node is not None:
        words = " | ".join(answer.answer for answer in found.node.answers)
        told = f"Refused: no answer to {found.node.id}: {found.node.question} {words}"
        return _say(told, Exit.REFUSED)
    return found


def _keep(desk: Desk, found: Walk, note: str) -> None:
    assert found.leaf is not None
    try:
        desk.guide.arrive(found.leaf, found.path, note)
    except RecordError as error:
        click.echo(f"note: {error.sentence}; the answers are not kept", err=True)


async def _plan(desk: Desk, found: Walk) -> tuple[Plan | None, str]:
    """The leaf's plan from a fresh reading; None and why not where there is none."""
    assert found.leaf is not None
    wants = desk.guide.meant(found.leaf)
    if wants.intent is None:
        return None, wants.why_not
    if desk.snapshot.code.status is not LayerStatus.OK and desk.snapshot.code.error:
        return None, desk.snapshot.code.error
    try:
        return await desk.propose(wants.intent), ""
    except NothingToDo as nothing:
        return None, nothing.sentence
    except (Unreachable, Failure, Refused) as error:
        return None, error.sentence


def _unconfigured(leaf: Leaf) -> str:
    """Why there is no plan where there is no target."""
    return meant(leaf).why_not if leaf.manual else UNCONFIGURED


def _tell(found: Walk, made: Made, note: str, as_json_output: bool) -> Exit:
    if as_json_output:
        body = guidance_json.walk(found, made.plan, made.why_not, note)
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        for line in _leaf_lines(found, made):
            click.echo(line)
    return Exit.DONE


def _leaf_lines(found: Walk, made: Made) -> list[str]:
    assert found.leaf is not None
    lines = list(guidance_text.leaf(found))
    if made.plan is not None:
        lines += ["", *as_text.plan(made.plan)]
    elif made.why_not:
        lines.append(f"  no plan: {made.why_not}")
    return [*lines, *guidance_text.afterwards(found.leaf)]


def _say(sentence: str, code: Exit) -> Exit:
    click.echo(sentence, err=True)
    return code
