"""The names that a runbook leaves open, filled from the target's configuration and from what was seen of it: pure.

In a command only a name that no shell and no SQL would read otherwise is filled in; any other stays open, with why.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from console.config.section import FROM_ENVIRONMENT
from console.config.settings import TargetSettings
from console.domain.clean import clean
from console.domain.snapshot import Snapshot
from console.offers import bypass_command

MEANINGS = {
    "app": "the container app",
    "group": "its resource group",
    "subscription": "its subscription",
    "arm": "Azure Resource Manager: https://management.azure.com in the public cloud",
    "good_revision": "the revision to go back to, by its full name",
    "bad_revision": "the newest revision that serves, by its full name",
    "good_fqdn": "the good revision's own address, `fqdn` in the list of revisions",
    "app_fqdn": "the service's public address",
    "probe_path": "what shows that it answers well, such as /health/ready",
    "suffix": "a new revision's suffix that was never used, such as back1",
    "variable": "the environment variable that changed",
    "good_value": "what it held before",
    "prompt": "the prompt's name",
    "good_version": "the version to go back to",
    "bad_version": "the version that serves",
    "prompts_url": "the database of the prompts, as psql takes it",
    "prompts_file": "the SQLite file of the prompts",
    "prompts_table": "the table of the prompts",
    "pointer_table": "the table that names each prompt's active version",
    "repository": "a clone of the repository with the prompts",
    "remote": "the remote, such as origin",
    "branch": "the branch that is deployed",
    "bad_commit": "the commit to take back",
    "revert_branch": "a new branch for the revert, such as rollback/1a2b3c4d5",
    "commit_env": "the environment variable that holds a revision's commit",
    "account": "the Azure OpenAI account",
    "account_group": "its resource group",
    "location": "its location, such as swedencentral",
    "deployment": "the deployment of the model",
    "deployment_body": "the deployment's body, with the version to go back to",
    "model": "the model's name, such as gpt-4o",
    "vectors_url": "the database of the registry of indexes, as psql takes it",
    "vectors_file": "the SQLite file of the registry of indexes",
    "registry": "the registry's table",
    "good_index": "the index to go back to",
    "bad_index": "the index in use",
    "server": "the PostgreSQL flexible server",
    "server_group": "its resource group",
    "restored_server": "the name of the new server, such as pharmabot-db-back1",
    "restore_time": "the moment to restore, UTC, such as 2026-01-31T03:10:00Z",
    "database_url": "the service's database, as psql takes it",
    "database_file": "the service's SQLite file",
    "good_head": "the head to go back to",
    "down_command": "what prints the down script, such as alembic downgrade HEAD:GOOD --sql",
    "secret": "a new secret's name, such as database-url-back1",
    "url_env": "the environment variable that holds the database's address",
    "home": "the folder of rollback.toml",
    "kill_switch": "the team's command that switches the feature off",
    "kill_switch_check": "the team's command that ends with 0 while it is off",
    "deployed_commit": "the commit that is deployed",
    "new_revision": "the revision that the pipeline made",
    "idle_revision": "a revision that works without traffic, by its full name",
    "image": "the mended image, by its digest",
    "bypass": "the team's command that sends the traffic past what is broken",
}
ONLY = {
    **dict.fromkeys(("multiple", "single", "labels"), "revisions"),
    **dict.fromkeys(("database", "git"), "prompts"),
    **dict.fromkeys(("flag", "pointer", "sql"), "prompt mode"),
    **dict.fromkeys(("postgresql", "sqlite"), "dialect"),
    "browser": "reader",
    **dict.fromkeys(("secret", "plain"), "address"),
    **dict.fromkeys(("checked", "unchecked"), "kill switch"),
}
CHOSEN = "it is yours to choose"
SECRET = "values are not shown here: the command above reads it"
_CHOSEN = ("suffix", "restored_server", "revert_branch", "secret", "new_revision", "idle_revision", "image")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,~][A-Za-z0-9_./:@%+=,~-]*")


@dataclass(frozen=True, slots=True)
class Name:
    """What a placeholder stands for. Where `text` is empty `why` says why. `quoted` is fit for a shell as it is."""

    text: str = ""
    why: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Every name by placeholder; `facts` are what is known of the target's kind, by the groups of ONLY."""

    known: Mapping[str, Name] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def put(line: str, names: Names, in_code: bool, missing: dict[str, str]) -> str:
    """One line with its placeholders filled; what stays open is added to `missing` with its reason."""

    def given(found: re.Match[str]) -> str:
        word = found[1]
        name = names.known.get(word, Name(why="" if word in MEANINGS else "no such name is known"))
        why = name.why or "it is not known here"
        if name.text and in_code and not name.quoted and not _PLAIN.fullmatch(name.text):
            why = f"{clean(name.text, 60)} would have to be quoted: write it yourself"
        elif name.text:
            return name.text if name.quoted else clean(name.text, 300)
        missing.setdefault(word, why)
        return f"<{word}>"

    return _PLACE.sub(given, line)


def names(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Names:
    """The names of now, for a runbook of this layer."""
    known: dict[str, Name] = {
        "app": Name(settings.code.container_app),
        "group": Name(settings.azure.resource_group),
        "subscription": Name(settings.azure.subscription),
        "arm": Name(settings.azure.arm),
        "probe_path": Name(settings.probe.path),
        "home": Name(settings.home),
        **dict.fromkeys(_CHOSEN, Name(why=CHOSEN)),
        "restore_time": Name(why="choose it on the timeline, before the harm began"),
        "good_value": Name(why=SECRET),
    }
    facts = {"reader": "console"}
    for part in (_code, _feature, _prompt, _model, _embedding, _schema):
        found, seen = part(settings, snapshot, layer)
        known |= found
        facts |= seen
    return Names(known, facts)


Part = tuple[dict[str, Name], dict[str, str]]


def _code(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Part:
    state, good = snapshot.code.state, snapshot.choice.good
    if state is None:
        return dict.fromkeys(("good_revision", "bad_revision"), Name(why="what serves was not read yet")), {}
    goal = state.find(good.revision) if good is not None else None
    bad = next((one for one in state.serving if one is not goal), None)
    known = {
        "good_revision": Name(goal.name) if goal else Name(why=snapshot.choice.why or "no good revision is known"),
        "good_fqdn": _or(goal.fqdn if goal else "", "no good revision is known"),
        "bad_revision": Name(bad.name) if bad else Name(why="nothing else serves"),
        "app_fqdn": _or(state.fqdn, "the app has no ingress"),
    }
    if goal is not None and bad is not None:
        before, after = dict(goal.env), dict(bad.env)
        differing = sorted(one for one in before.keys() | after.keys() if before.get(one) != after.get(one))
        many = f"several changed: {', '.join(differing[:6])}" if differing else "no plain value changed"
        known["variable"] = Name(differing[0]) if len(differing) == 1 else Name(why=many)
    return known, {"revisions": state.mode.lower()} if state.mode else {}


def _feature(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Part:
    switch, around = settings.kill_switch, bypass_command(settings, snapshot)
    known = {"bypass": _command(around, "no way round is configured (bypass.command)")}
    why = "no way to switch the feature off is configured (kill_switch.command)"
    known["kill_switch"] = _command(switch.command if switch else "", why)
    known["kill_switch_check"] = _command(switch.check or "" if switch else "", "no kill_switch.check is configured")
    return known, {"kill switch": "checked" if switch.check else "unchecked"} if switch else {}


def _prompt(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Part:
    section, state = settings.prompt, snapshot.prompt.state
    if section is None or layer != "prompt":
        return {}, {}
    kind = "git" if section.mode == "git" else "database"
    facts = {"prompts": kind, "prompt mode": section.mode} if kind == "database" else {"prompts": kind}
    known = {
        "remote": Name(section.remote),
        "branch": Name(section.branch),
        "repository": _or(section.repo or "", ""),
    }
    known["prompts_table"], known["pointer_table"] = Name(section.table), Name(section.pointer.table)
    known["commit_env"] = _or(section.commit or "", "prompt.commit is not configured")
    known |= _address("prompts", section.url)
    facts |= _dialect(section.url, state.dialect if state else "")
    change = next(iter(snapshot.changes.of("prompt")), None)
    prompt = state.find(change.change.item) if state is not None and change is not None else None
    only = state.prompts[0] if state is not None and len(state.prompts) == 1 else None
    one = prompt or only
    if one is None:
        return known | dict.fromkeys(("prompt", "good_version", "bad_version"), Name(why="no prompt changed")), facts
    before = (change.change.before if change is not None and prompt is not None else None) or one.was or ""
    known["prompt"], known["bad_version"] = Name(one.name), _or(", ".join(one.active), "no version is active")
    known["good_version"] = _or(before, "which version served before is not known")
    known["deployed_commit"] = _or(state.deployed if kind == "git" and state else "", "it is not known")
    known["bad_commit"] = _or(one.active[0] if kind == "git" and one.active else "", "it is not known")
    return known, facts


def _model(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Part:
    section, state = settings.model, snapshot.model.state
    if section is None or layer != "model":
        return {}, {}
    known = {"account": Name(section.account)}
    body = "the plan has it; without one, make it from what the first command wrote"
    known["deployment_body"] = Name(why=body)
    known["account_group"] = Name(section.resource_group or settings.azure.resource_group)
    known["location"] = _or(state.location if state else "", "the account was not read yet")
    change = next(iter(snapshot.changes.of("model")), None)
    own = state.find(change.change.item) if state is not None and change is not None else None
    if own is None or change is None:
        why = Name(why="no deployment changed")
        return known | dict.fromkeys(("deployment", "model", "good_version", "bad_version"), why), {}
    was = (change.change.before or "").split()
    known["deployment"], known["model"] = Name(quote(own.name)), Name(own.model)
    known["bad_version"] = Name(own.version)
    known["good_version"] = _or(was[1] if len(was) > 1 else "", "which version served before is not known")
    return known, {}


def _embedding(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Part:
    section, state = settings.embedding, snapshot.embedding.state
    if section is None or layer != "embedding":
        return {}, {}
    known = {"registry": Name(section.registry), **_address("vectors", section.url)}
    active = state.active if state is not None else None
    change = next((one.change for one in snapshot.changes.of("embedding") if one.change.item == "index"), None)
    before = (change.before or "").split() if change is not None else []
    known["bad_index"] = _or(active.name if active else "", "there is not one index in use")
    known["good_index"] = _or(before[0] if before else "", "which index was in use before is not known")
    return known, _dialect(section.url, state.dialect if state else "")


def _schema(settings: TargetSettings, snapshot: Snapshot, layer: str) -> Part:
    section, state = settings.schema_, snapshot.schema.state
    if section is None or layer != "schema":
        return {}, {}
    known = _address("database", section.url) | {
        "server": _or(section.server or "", "schema.server is not configured")
    }
    known["server_group"] = Name(section.resource_group or settings.azure.resource_group)
    known["url_env"] = _or(section.url_env or "", "schema.url_env is not configured")
    change = next(iter(snapshot.changes.of("schema")), None)
    head = (state.head or "") if state is not None else ""
    before = (change.change.before or "") if change is not None else ""
    known["good_head"] = _or(before, "which head served before is not known")
    command = (
        (section.down_sql or "").replace("{current}", shlex.quote(head)).replace("{target}", shlex.quote(before))
    )
    ready = command if head and before else ""
    known["down_command"] = _command(ready, "schema.down_sql, or one of both heads, is not known")
    return known, _dialect(section.url, "") | _holding(snapshot, section.url_env or "")


def _holding(snapshot: Snapshot, variable: str) -> dict[str, str]:
    """Whether the variable with the database's address is a plain value of what serves, or a secret."""
    code = snapshot.code.state
    if code is None or not code.serving or not variable:
        return {}
    held = dict(code.serving[0].env).get(variable)
    return {} if held is None else {"address": "secret" if held.startswith("secretref:") else "plain"}


def _or(text: str, why: str) -> Name:
    return Name(text) if text else Name(why=why or "it is not configured")


def _command(text: str, why: str) -> Name:
    """A command that is fit for a shell as it is: the team wrote it, or it was quoted when it was made."""
    return Name(clean(text), quoted=True) if text else Name(why=why)


def _address(what: str, url: str | None) -> dict[str, Name]:
    """A database's address for psql, and its file for sqlite3; never a password, which the file cannot hold."""
    if not url:
        return {}
    if url.startswith(FROM_ENVIRONMENT):
        variable = url.removeprefix(FROM_ENVIRONMENT)
        file = Name(f'"${{{variable}#sqlite:///}}"', quoted=True)
        return {f"{what}_url": Name(f'"${variable}"', quoted=True), f"{what}_file": file}
    plain = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    file = Name(shlex.quote(url.removeprefix("sqlite:///")), quoted=True)
    return {f"{what}_url": Name(shlex.quote(plain), quoted=True), f"{what}_file": file}


def _dialect(url: str | None, told: str) -> dict[str, str]:
    known = told or ("sqlite" if (url or "").startswith("sqlite") else "")
    known = known or ("postgresql" if (url or "").startswith("postgres") else "")
    return {"dialect": known} if known in ("sqlite", "postgresql") else {}
