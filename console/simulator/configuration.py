"""The rollback.toml that points the console at a stage."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

from console.simulator.probing import Probing
from console.simulator.scenarios import PROBING, SCENARIOS
from console.simulator.server import Addresses
from console.simulator.stores.furnish import CHAT_OFF

TEMPLATE = """\
# A rehearsal: everything here points at the embedded Azure on this machine. Nothing real can be reached or changed.
# Scenario {scenario}: {title}.
default_target = {name}

[targets.{key}]
environment = "rehearsal"
{unwatched}
[targets.{key}.azure]
subscription = {subscription}
resource_group = {group}
credential = "rehearsal"                  # a fixed token; no secret
endpoint = {arm}
{authority}
[targets.{key}.code]
container_app = {name}
{expects}
# {why}
[targets.{key}.probe]
path = "/chat"
{probe}
"""
EXPECTS = """\
# What a revision was made for stands in its env.
expects_env = { schema = "SCHEMA_HEAD", embedder = "EMBEDDING_MODEL", model = "AOAI_DEPLOYMENT" }
"""
SIGNALS = """
[[targets.{key}.signals]]
name = "5xx"
source = "probe"
unit = "%"

[[targets.{key}.triggers]]
signal = "5xx"
above = 5
for_s = 15
min_count = 20
severity = "hard"
"""
GOLDEN = """
# The service's own exam. The health pages and the 5xx cannot see wrong answers.
[targets.{key}.golden]
questions = {golden}
every_s = 5

[[targets.{key}.signals]]
name = "golden"
source = "golden"
unit = "%"
quality = true

[[targets.{key}.triggers]]
signal = "golden"
below = 90
for_s = 15
min_count = 1
severity = "hard"
"""
PROMPTS = """
[targets.{key}.prompt]
mode = "flag"                             # one row of each name is the active one
url = {url}
table = "system_prompts"
cache_ttl_s = 0                           # the service reads it at every chat
columns = {{ activated_at = "activated_at" }}
"""
PROMPTS_IN_GIT = """
[targets.{key}.prompt]
mode = "git"
repo = {repository}
paths = ["prompts/**"]
commit = "PROMPT_COMMIT"                  # the env name that holds a revision's commit
deploy_wait_s = 300
"""
STORES = """
[targets.{key}.calls]                     # the service's own log of its calls
url = {url}
table = "llm_calls"
columns = {{ status = "status" }}

[targets.{key}.model]
account = "pharmabot-openai"
deployments = ["gpt4o-stable", "text-embedding-3-small"]

[targets.{key}.embedding]
url = {url}
registry = "embedding_indexes"
vectors = "{{index}}"
columns = {{ activated_at = "activated_at" }}
recall_questions = {recall}

[targets.{key}.schema]
server = "pharmabot-db"
url = {url}
url_env = "PROMPTS_HOST"
changed = "SELECT at, by FROM schema_changes ORDER BY at DESC LIMIT 1"
history = {history}
down_sql = {down}
counts = ["leaflets", "system_prompts"]

# The way out that goes back to nothing: while this file is there the chat refuses, politely.
[targets.{key}.kill_switch]
title = "the chat"
command = {off}
check = {is_off}
"""


def rehearsal_config(addresses: Addresses, *, scenario: str) -> str:
    """The text of a commented rollback.toml for a stage at these addresses, with all layers where it has stores."""
    probing = PROBING.get(scenario, Probing())
    signals = SIGNALS if probing.reachable else ""
    layers = _layers(addresses, probing) if addresses.stores else ""
    return (TEMPLATE + signals + layers).format(
        scenario=scenario,
        title=SCENARIOS.get(scenario, "a scenario of its own"),
        key=addresses.container_app,
        name=_text(addresses.container_app),
        subscription=_text(addresses.subscription),
        group=_text(addresses.resource_group),
        arm=_text(addresses.arm),
        unwatched=""
        if probing.reachable
        else "signals = []                              # nothing can be asked from here\n",
        authority=f"ca = {_text(addresses.ca)}   # the stage's own, made at its start\n" if addresses.ca else "",
        expects=EXPECTS if addresses.stores else "",
        why=probing.why,
        probe="\n".join(_probe(addresses, probing)),
        **_places(addresses),
    )


def _layers(addresses: Addresses, probing: Probing) -> str:
    """The sections of what the service keeps in stores of its own."""
    golden = GOLDEN if probing.reachable else ""
    return golden + (PROMPTS_IN_GIT if addresses.repository else PROMPTS) + STORES


def _places(addresses: Addresses) -> dict[str, str]:
    """Where the stores and the files beside them stand, by the names that the sections use."""
    if addresses.stores is None:
        return {}
    path = Path(addresses.stores)
    migrations, switch = path.parent / "migrations", str(path.parent / CHAT_OFF)
    return {
        "url": _text(f"sqlite:///{path}"),
        "golden": _text(str(path.parent / "golden.toml")),
        "recall": _text(str(path.parent / "recall.toml")),
        "history": _text(shlex.join(["cat", str(migrations / "history.txt")])),
        "down": _text(f"cat {shlex.quote(str(migrations))}/{{current}}_to_{{target}}.sql"),
        "off": _text(shlex.join(["touch", switch])),
        "is_off": _text(shlex.join(["test", "-e", switch])),
        "repository": _text(addresses.repository or ""),
    }


def _probe(addresses: Addresses, probing: Probing) -> Iterator[str]:
    """The lines of the probe's section that differ from stage to stage."""
    if probing.reachable:
        yield f"url = {_text(addresses.app)}"
        yield f"revision_url = {_text(f'{addresses.app}/-/revisions/{{revision}}')}"
    if probing.identifies:
        yield 'identity = { header = "x-revision" }      # the service says which revision answered'
    if probing.timeout_s is not None:
        yield f"timeout_s = {probing.timeout_s:g}"
    if probing.reachable:
        yield "every_s = 0.25"


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(value)
