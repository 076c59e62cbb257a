"""The text of a rollback.toml: commented, minimal, without a secret, and never a bare word of somebody else's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from console.config.settings import SignInSettings
from console.domain.snapshot import Environment
from console.setup.proposals import Proposal

COLUMN = 42
HEAD = """\
# What rollback-console watches and rolls back. There is no secret in this file, and none belongs here.
# `rollback-console doctor` checks it; the README explains every key.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that was proposed, asked and answered. `read_only` says why nothing may be written, if so."""

    name: str
    environment: Environment
    azure: SignInSettings
    proposal: Proposal
    path: str
    header: str = ""
    pointer: str = ""
    url: str = ""
    revision_url: str = ""
    read_only: str = ""


def render(choice: Choice) -> str:
    """The tables of one target."""
    table = f"targets.{_key(choice.name)}"
    sections = (
        _target(table, choice),
        _azure(table, choice),
        _code(table, choice),
        _found(choice.proposal),
        _probe(table, choice),
        _signals(table),
    )
    return "\n".join(section for section in sections if section)


def _target(table: str, choice: Choice) -> str:
    lines = [_line("environment", str(choice.environment), "production | staging | rehearsal")]
    if choice.read_only:
        lines.append(_raw("read_only = true", choice.read_only))
    return _table(table, lines)


def _azure(table: str, choice: Choice) -> str:
    azure = choice.azure
    told = "cli | device-code | managed-identity | workload-identity | environment | default"
    if azure.credential == "rehearsal":
        told = "a fixed word that only the embedded Azure takes"
    lines = [
        _line("subscription", azure.subscription),
        _line("resource_group", choice.proposal.app.group),
        _line("credential", azure.credential, told),
    ]
    optional = {
        "rehearsal_token": azure.rehearsal_token,
        "tenant": azure.tenant,
        "cloud": azure.cloud if azure.cloud != "public" else None,
        "endpoint": azure.endpoint,
        "ca": azure.ca,
    }
    lines += [_line(key, value) for key, value in optional.items() if value]
    return _table(f"{table}.azure", lines)


def _code(table: str, choice: Choice) -> str:
    mode = choice.proposal.app.mode.lower()
    told = {"single": "single revision mode: a rollback is a new revision, a copy of the old one"}.get(mode, "")
    return _table(f"{table}.code", [_line("container_app", choice.proposal.app.name, told)])


def _probe(table: str, choice: Choice) -> str:
    lines = [_line("path", choice.path, "answers 200 when the service is well")]
    if choice.url:
        lines.append(_line("url", choice.url))
    if choice.revision_url:
        lines.append(_line("revision_url", choice.revision_url))
    if choice.header or choice.pointer:
        kind, place = ("header", choice.header) if choice.header else ("json", choice.pointer)
        told = "where the service says which revision answered"
        lines.append(_raw(f"identity = {{ {kind} = {quoted(place)} }}", told))
    else:
        lines += [
            "# Without an identity a rollback can be carried out, but not proven: the service would send the value",
            '# of CONTAINER_APP_REVISION. identity = { header = "x-revision" }, or { json = "/revision" }',
        ]
    return _table(f"{table}.probe", lines)


def _signals(table: str) -> str:
    signal = [_line("name", "5xx"), _line("source", "probe"), _line("unit", "%")]
    trigger = [
        _line("signal", "5xx"),
        _raw("above = 5", "per cent of the answers"),
        "for_s = 60",
        "min_count = 30",
        _line("severity", "hard", "hard | soft"),
    ]
    tables = (_table(f"[{table}.signals]", signal), _table(f"[{table}.triggers]", trigger))
    return "\n".join(tables)


def _found(proposal: Proposal) -> str:
    """What seems to belong to the app, for whoever reads the file."""
    lines = [f"#   PostgreSQL server {one.item.name} in {one.item.group}: {one.why}" for one in proposal.servers]
    for related in proposal.accounts:
        lines.append(f"#   Azure OpenAI account {related.item.name} in {related.item.group}: {related.why}")
        lines += [f"#     deployment {name}" for name in related.item.deployments]
    return "\n".join(("# Found, not yet watched:", *lines, "")) if lines else ""


def _table(name: str, lines: Iterable[str]) -> str:
    return "\n".join((f"[{name}]", *lines, ""))


def _line(key: str, value: str, comment: str = "") -> str:
    return _raw(f"{key} = {quoted(value)}", comment)


def _raw(text: str, comment: str) -> str:
    return f"{text:<{COLUMN - 1}} # {comment}" if comment else text


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def quoted(value: str) -> str:
    """A TOML basic string. Names reach us cleaned, so that no control character is left in them."""
    return json.dumps(value, ensure_ascii=False)
