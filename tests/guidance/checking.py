"""Takes the commands out of a runbook, and says what is wrong with one without running it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GLOBAL = frozenset({"-g", "-n", "--debug", "--help", "--only-show-errors", "--output", "--query", "--verbose"})
HEREDOC = re.compile(r"<<'(\w+)'$")
NAMED = re.compile(r"(latest|<[a-z_]+>(--<[a-z_]+>)?|\{[a-z_]+\}(--\{[a-z_]+\})?|[a-z][a-z0-9-]*--[a-z0-9-]+)=\d+")
TOOLS = frozenset({"az", "psql", "sqlite3", "git", "curl", "cd", "grep", "PGOPTIONS", "(echo", "rollback-console"})


@dataclass(frozen=True)
class Command:
    """One command as it would be pasted, with its heredoc where it has one. `words` are those of its first line."""

    text: str

    @property
    def line(self) -> str:
        return self.text.replace("\\\n", " ").split("\n")[0]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line)

    @property
    def tool(self) -> str:
        return self.line.split()[0].partition("=")[0]


def blocks(text: str) -> Iterator[str]:
    """Each block of shell code."""
    yield from (found[1] for found in re.finditer(r"^```sh\n(.*?)^```$", text, re.M | re.S))


def commands(text: str) -> list[Command]:
    """Every command of every block, in order."""
    return [command for block in blocks(text) for command in split(block)]


def split(block: str) -> Iterator[Command]:
    """The commands of one block: continued lines and heredocs belong to the line that begins them."""
    lines = iter(block.splitlines())
    for line in lines:
        if not line.strip():
            continue
        whole = line
        while whole.endswith("\\"):
            whole += "\n" + next(lines, "")
        heredoc = HEREDOC.search(whole.replace("\\\n", " "))
        if heredoc is not None:
            for inner in lines:
                whole += "\n" + inner
                if inner == heredoc[1]:
                    break
        yield Command(whole)


def wrong(command: Command, table: Mapping[str, Any]) -> list[str]:
    """What is wrong with it, by what az really takes and by what is known to fail as it is often written."""
    said: list[str] = []
    if re.search(r"\\[ \t]+(#|$)", command.text, re.M):
        said.append("nothing may follow the backslash that continues a line")
    try:
        words = command.words
    except ValueError as error:
        return [*said, f"a shell cannot read it: {error}"]
    if command.tool not in TOOLS and not command.tool.startswith("{"):
        said.append(f"{command.tool} is no tool that a runbook may count on")
    if command.tool == "az":
        said += _of_az(words[1:], table)
    if command.tool == "git" and "revert" in words and "HEAD" in words:
        said.append("git revert HEAD takes back whatever came last")
    if command.tool == "git" and {"--force", "-f"} & set(words):
        said.append("never force")
    said += _of_sql(command.text)
    return said


def _of_az(words: list[str], table: Mapping[str, Any]) -> list[str]:
    known = table["commands"]
    name = next((" ".join(words[:size]) for size in range(6, 0, -1) if " ".join(words[:size]) in known), "")
    if not name:
        return [f"az {' '.join(words[:4])}: no such command in the table"]
    if name == "cognitiveservices account deployment create":
        return ["deployment create resets the content filter and the upgrade option: az rest with the whole body"]
    taken = {alias: argument for argument in known[name].values() for alias in argument["names"]}
    given = [word.partition("=")[0] for word in words[len(name.split()) :] if re.match(r"--?[a-z]", word)]
    said = [f"az {name} does not take {one}" for one in given if one not in taken]
    said += [f"az {name}: {one} is deprecated" for one in given if one in taken and taken[one]["deprecated"]]
    for argument in known[name].values():
        if argument["required"] and not set(argument["names"]) & set(given):
            said.append(f"az {name} wants {argument['names'][-1]}")
    if "--subscription" in taken and name != "rest" and "--subscription" not in given:
        said.append(f"az {name}: which subscription?")
    if name == "containerapp revision list" and "--all" not in given:
        said.append("the list hides inactive revisions without --all")
    for weights in ("--revision-weight",):
        if weights in words:
            after = words[words.index(weights) + 1 :]
            pairs = [word for word in after if "=" in word and not word.startswith("--")]
            said += [f"{pair}: no full name of a revision" for pair in pairs if not NAMED.fullmatch(pair)]
            said += ["the weights must give 100"] if sum(int(one.rpartition("=")[2]) for one in pairs) != 100 else []
    return said


def _of_sql(text: str) -> list[str]:
    """Updates stand in one transaction."""
    if len(re.findall(r"^UPDATE ", text, re.M)) and not re.search(r"^BEGIN.*;$(.|\n)*^COMMIT;$", text, re.M):
        return ["updates outside of one transaction"]
    return []
