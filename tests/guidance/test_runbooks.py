"""The runbooks that come with the console: their form, and every command in them held against what az takes."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from console.guidance.placeholders import MEANINGS
from console.guidance.runbook import OURS, Runbook, shelf
from tests.az.second_client import AZ, WITH_AZ
from tests.guidance.az_table import COMMANDS, kept, table
from tests.guidance.checking import Command, commands, split, wrong

RUNBOOKS = sorted(shelf().runbooks.values(), key=lambda one: one.name)
SECTIONS = ["When", "Before you start", "By the console", "By hand", "Prove it", "Afterwards"]
EVERY = [(one.name, command) for one in RUNBOOKS for command in commands(one.text)]
OURS_TOO = [command for _, command in EVERY if command.tool == "rollback-console"]
TREE = tomllib.loads((OURS / "decision-tree.toml").read_text(encoding="utf-8"))

each = pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda one: one.name)

# What circulates in tutorials and fails as written, or does harm (each is what somebody would paste).
BROKEN = {
    "a flag that update never had": (
        "az containerapp update -n a -g g --subscription s --traffic-weight latest=0 previous=100",
        "az containerapp update does not take --traffic-weight",
    ),
    "its deprecated alias": (
        "az containerapp ingress traffic set -n a -g g --subscription s --traffic-weight latest=100",
        "--traffic-weight is deprecated",
    ),
    "a revision called previous": (
        "az containerapp ingress traffic set -n a -g g --subscription s --revision-weight previous=100",
        "previous=100: no full name of a revision",
    ),
    "a list without the inactive ones": (
        "az containerapp revision list -n a -g g --subscription s -o table",
        "hides inactive revisions",
    ),
    "a deployment created to change its version": (
        "az cognitiveservices account deployment create -n a -g g --subscription s --deployment-name d"
        " --model-name gpt-4o --model-version 2024-08-06 --model-format OpenAI --sku-capacity 10 --sku-name Standard",
        "resets the content filter",
    ),
    "a comment behind a backslash": (
        "az containerapp show -n a -g g \\ # the app\n  --subscription s",
        "nothing may follow the backslash",
    ),
    "two updates without a transaction": (
        "psql \"$URL\" <<'SQL'\nUPDATE p SET is_active = false WHERE name = 'n';\n"
        "UPDATE p SET is_active = true WHERE name = 'n' AND version = 6;\nSQL",
        "outside of one transaction",
    ),
    "whatever commit is the last": ("git revert HEAD", "takes back whatever came last"),
    "no subscription": ("az containerapp show -n a -g g", "which subscription?"),
    "weights of less than everything": (
        "az containerapp ingress traffic set -n a -g g --subscription s --revision-weight a--v1=50 a--v2=0",
        "must give 100",
    ),
    "no source to restore": (
        "az postgres flexible-server restore -n a -g g --subscription s",
        "wants --source-server",
    ),
    "a command that does not exist": ("az containerapp rollback -n a -g g", "no such command"),
}


def test_there_is_one_for_each_leaf_of_the_tree_and_nothing_is_wrong_with_any() -> None:
    assert shelf().mistakes == ()
    assert {one.leaf: one.name for one in RUNBOOKS} == {leaf["id"]: leaf["runbook"] for leaf in TREE["leaves"]}


@each
def test_it_is_planned_or_manual_as_the_tree_has_it(runbook: Runbook) -> None:
    leaf = next(one for one in TREE["leaves"] if one["id"] == runbook.leaf)
    assert (runbook.plan, runbook.manual) == (leaf.get("plan", ""), leaf.get("manual", False))


@each
def test_it_has_every_section_once_and_in_order(runbook: Runbook) -> None:
    assert re.findall(r"^## (.+)$", runbook.text, re.M) == SECTIONS
    assert runbook.text.startswith(f"# {runbook.title}\n")


@each
def test_it_fits_a_screen_or_two(runbook: Runbook) -> None:
    assert len(runbook.text.splitlines()) <= 125


@each
def test_its_placeholders_have_a_meaning_that_is_told(runbook: Runbook) -> None:
    used = set(re.findall(r"\{([a-z][a-z0-9_]*)\}", runbook.text))
    assert used <= set(MEANINGS)


def test_every_placeholder_is_used_and_told_in_the_readme() -> None:
    told = (OURS / "README.md").read_text(encoding="utf-8")
    text = "".join(one.text for one in RUNBOOKS)
    for name, meaning in MEANINGS.items():
        assert f"{{{name}}}" in text
        assert f"| `{{{name}}}` | {meaning} |" in told
    assert all(f"({one.name}.md)" in told for one in RUNBOOKS)


@each
def test_its_links_lead_somewhere(runbook: Runbook) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", runbook.text):
        assert (OURS / target).is_file(), target


@pytest.mark.parametrize(("name", "command"), EVERY, ids=[f"{name}-{place}" for place, (name, _) in enumerate(EVERY)])
def test_every_command_is_one_that_works(name: str, command: Command) -> None:
    assert wrong(command, kept()) == []


@pytest.mark.parametrize("what", BROKEN)
def test_what_fails_as_it_is_often_written_is_caught(what: str) -> None:
    text, expected = BROKEN[what]
    found = [said for command in split(text) for said in wrong(command, kept())]
    assert any(expected in said for said in found), found


@pytest.mark.parametrize("command", OURS_TOO, ids=lambda one: one.line)
def test_what_the_console_is_asked_it_understands(command: Command) -> None:
    name, *words = command.words[1:]
    found = importlib.import_module(f"console.commands.{name}").command
    with found.make_context(name, words, resilient_parsing=False) as parsed:
        assert parsed.params


@each
def test_a_shift_stands_only_where_there_are_several_revisions(runbook: Runbook) -> None:
    # In single revision mode az raises: such a block is for other modes, or the plan's own commands take its place.
    inside: list[str] = []
    for line in runbook.text.splitlines():
        if line.startswith(("<!-- only: ", "<!-- exact")):
            inside.append(line)
        elif line.startswith("<!-- /"):
            inside.pop()
        elif "ingress traffic set" in line:
            assert any("multiple" in mark or "exact" in mark for mark in inside)


def test_the_table_knows_each_command_that_the_list_names() -> None:
    assert set(kept()["commands"]) == set(COMMANDS)
    assert all(kept()["commands"].values())


@WITH_AZ
def test_the_table_is_what_this_az_says() -> None:
    """An older or newer az may take more; what the table has, it must take."""
    real = table(AZ or "az")["commands"]
    for name, arguments in kept()["commands"].items():
        for argument, said in arguments.items():
            assert argument in real[name], f"az {name} does not take {argument} any more"
            assert set(said["names"]) <= set(real[name][argument]["names"])
            assert said["required"] == real[name][argument]["required"]


def test_the_roles_and_the_readme_are_no_runbooks() -> None:
    assert {one.name for one in RUNBOOKS} == {path.stem for path in Path(OURS).glob("*.md")} - {"README"}
