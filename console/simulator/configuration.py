"""The rollback.toml that points the console at a stage."""

from __future__ import annotations

import json
from collections.abc import Iterator

from console.simulator.probing import Probing
from console.simulator.scenarios import PROBING, SCENARIOS
from console.simulator.server import Addresses

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

# {why}
[targets.{key}.probe]
path = "/chat"
{probe}
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


def rehearsal_config(addresses: Addresses, *, scenario: str) -> str:
    """The text of a commented rollback.toml for a stage at these addresses."""
    probing = PROBING.get(scenario, Probing())
    template = TEMPLATE + SIGNALS if probing.reachable else TEMPLATE
    return template.format(
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
        why=probing.why,
        probe="\n".join(_probe(addresses, probing)),
    )


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
